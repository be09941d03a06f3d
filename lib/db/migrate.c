/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a migration and its row in schema_migrations are committed together, and only by the
 * holder of the advisory lock, so any number of migrators may start at once.
 */
#include "db/migrate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <libpq-fe.h>

#define LOCK_KEY INT64_C(0x726f6f6b657279) /* "rookery" */

/* Any program may look which version there is: row security hides nothing here. */
static const char create_table[] =
	"create table if not exists public.schema_migrations ("
	" version bigint primary key, name text not null,"
	" applied timestamptz not null default now());"
	"comment on table public.schema_migrations is '[neutral] Which migrations were applied.';"
	"comment on column public.schema_migrations.version is 'The number of the migration.';"
	"comment on column public.schema_migrations.name is 'What it does.';"
	"comment on column public.schema_migrations.applied is 'When.';"
	"grant select on public.schema_migrations to public";

static void pg_finishp(PGconn **pg)
{
	PQfinish(*pg);
}

static void result_clearp(PGresult **r)
{
	PQclear(*r);
}

int64_t migrate_newest(void)
{
	return n_migrations ? migrations[n_migrations - 1].version : 0;
}

static int broken(struct ctx *c, PGconn *pg, const char *what)
{
	return fail(c, -EIO, "%s: %s", what, PQerrorMessage(pg));
}

static int execute(struct ctx *c, PGconn *pg, const char *what, const char *sql)
{
	cleanup(result_clearp) PGresult *r = PQexec(pg, sql);
	ExecStatusType status = PQresultStatus(r);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : broken(c, pg, what);
}

static int ask_i64(struct ctx *c, PGconn *pg, const char *what, const char *sql, int64_t *ret)
{
	cleanup(result_clearp) PGresult *r = PQexec(pg, sql);

	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1)
		return broken(c, pg, what);
	*ret = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
	return 0;
}

static void drop_notice(void *arg unused, const PGresult *r unused)
{
}

static int connect_to(struct ctx *c, const char *conninfo, PGconn **ret)
{
	PGconn *pg = PQconnectdb(conninfo);

	*ret = pg;
	if (PQstatus(pg) != CONNECTION_OK)
		return fail(c, E_LATER, "%s", PQerrorMessage(pg));
	PQsetNoticeReceiver(pg, drop_notice, NULL);
	return execute(c, pg, "session", "set search_path = public; set client_encoding = 'UTF8'");
}

static int read_version(struct ctx *c, PGconn *pg, int64_t *ret)
{
	int64_t exists;

	TRY(ask_i64(c, pg, "schema version",
		    "select (to_regclass('public.schema_migrations') is not null)::int", &exists));
	*ret = 0;
	if (!exists)
		return 0;
	return ask_i64(c, pg, "schema version",
		       "select coalesce(max(version), 0) from public.schema_migrations", ret);
}

/* The line of the statement that failed, from 1; 0 when PostgreSQL did not say. */
static unsigned line_of_error(const char *sql, const PGresult *r)
{
	const char *position = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
	long n = position ? strtol(position, NULL, 10) - 1 : 0;
	unsigned line = position ? 1 : 0;

	for (; n > 0 && *sql; sql++) {
		line += *sql == '\n';
		n -= (*sql & 0xc0) != 0x80;
	}
	return line;
}

static int run_script(struct ctx *c, PGconn *pg, const struct migration *m)
{
	cleanup(result_clearp) PGresult *r = PQexec(pg, m->sql);
	ExecStatusType status = PQresultStatus(r);
	unsigned line;
	str where;

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
		return 0;
	line = line_of_error(m->sql, r);
	where = line ? str_fmt(c->arena, ", line %u", line) : STR("");
	return fail(c, -EIO, "%04" PRId64 "_%s" STR_FMT ": %s", m->version, m->name, STR_ARG(where),
		    PQresultErrorMessage(r));
}

static int record(struct ctx *c, PGconn *pg, const struct migration *m)
{
	str version = str_fmt(c->arena, "%" PRId64, m->version);
	const char *values[] = { version.p, m->name };
	cleanup(result_clearp) PGresult *r = PQexecParams(
		pg, "insert into public.schema_migrations (version, name) values ($1, $2)", 2, NULL,
		values, NULL, NULL, 0);

	return PQresultStatus(r) == PGRES_COMMAND_OK ? 0 : broken(c, pg, m->name);
}

static int apply(struct ctx *c, PGconn *pg, const struct migration *m)
{
	TRY(execute(c, pg, m->name, "begin"));
	TRY(run_script(c, pg, m));
	TRY(record(c, pg, m));
	return execute(c, pg, m->name, "commit");
}

static int is_applied(struct ctx *c, PGconn *pg, const struct migration *m, int64_t *ret)
{
	str sql = str_fmt(c->arena,
			  "select count(*) from public.schema_migrations where version = %" PRId64,
			  m->version);

	return ask_i64(c, pg, "schema version", sql.p, ret);
}

static int prepare(struct ctx *c, PGconn *pg)
{
	str lock = str_fmt(c->arena, "select pg_advisory_lock(%" PRId64 ")", LOCK_KEY);
	int64_t version;

	/* The lock ends with the connection. */
	TRY(execute(c, pg, "lock", lock.p));
	TRY(read_version(c, pg, &version));
	if (version > migrate_newest())
		return fail(c, E_CONFLICT,
			    "the database has schema version %" PRId64
			    ", this program knows %" PRId64 ": install the newer program",
			    version, migrate_newest());
	return version ? 0 : execute(c, pg, "schema_migrations", create_table);
}

int migrate_apply(struct ctx *c, const char *conninfo,
		  void (*progress)(void *arg, const struct migration *m), void *arg,
		  size_t *ret_applied)
{
	cleanup(pg_finishp) PGconn *pg = NULL;
	size_t n = 0;

	TRY(connect_to(c, conninfo, &pg));
	TRY(prepare(c, pg));
	for (size_t i = 0; i < n_migrations; i++) {
		int64_t applied;

		TRY(is_applied(c, pg, &migrations[i], &applied));
		if (applied)
			continue;
		if (progress)
			progress(arg, &migrations[i]);
		TRY(apply(c, pg, &migrations[i]));
		n++;
	}
	*ret_applied = n;
	return 0;
}

int migrate_version(struct ctx *c, const char *conninfo, int64_t *ret)
{
	cleanup(pg_finishp) PGconn *pg = NULL;

	TRY(connect_to(c, conninfo, &pg));
	return read_version(c, pg, ret);
}
