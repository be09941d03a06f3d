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
	" applied timestamptz not null default now(),"
	" oldest bigint not null default 0);"
	"comment on table public.schema_migrations is '[neutral] Which migrations were applied.';"
	"comment on column public.schema_migrations.version is 'The number of the migration.';"
	"comment on column public.schema_migrations.name is 'What it does.';"
	"comment on column public.schema_migrations.applied is 'When.';"
	"comment on column public.schema_migrations.oldest is"
	" 'Programs need to know this migration at least; 0: any can work on.';"
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

#define LABEL " schema="

str migrate_label(struct arena *a, const char *program)
{
	return str_fmt(a, "%s" LABEL "%" PRId64, program, migrate_newest());
}

static int broken(struct ctx *c, PGconn *pg, const char *what)
{
	return fail(c, -EIO, "%s: %s", what, PQerrorMessage(pg));
}

/* The newest migration that programs of this build cannot do without. */
static int64_t newest_expanding(void)
{
	int64_t newest = 0;

	for (size_t i = 0; i < n_migrations; i++)
		if (!migrations[i].oldest)
			newest = migrations[i].version;
	return newest;
}

enum schema_fit migrate_fit(const struct schema *s)
{
	if (s->oldest > migrate_newest())
		return SCHEMA_NEWER;
	return s->expanded < newest_expanding() ? SCHEMA_OLDER : SCHEMA_FITS;
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

static int64_t column_i64(const PGresult *r, int column)
{
	return strtoll(PQgetvalue(r, 0, column), NULL, 10);
}

static int read_schema(struct ctx *c, PGconn *pg, struct schema *ret)
{
	cleanup(result_clearp) PGresult *r = NULL;
	int64_t exists;

	TRY(ask_i64(c, pg, "schema version",
		    "select (to_regclass('public.schema_migrations') is not null)::int", &exists));
	*ret = (struct schema){ 0 };
	if (!exists)
		return 0;
	r = PQexec(pg, SCHEMA_SQL);
	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1)
		return broken(c, pg, "schema version");
	*ret = (struct schema){ column_i64(r, 0), column_i64(r, 1), column_i64(r, 2) };
	return 0;
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
	str oldest = str_fmt(c->arena, "%" PRId64, m->oldest);
	const char *values[] = { version.p, m->name, oldest.p };
	cleanup(result_clearp) PGresult *r = PQexecParams(
		pg,
		"insert into public.schema_migrations (version, name, oldest) values ($1, $2, $3)",
		3, NULL, values, NULL, NULL, 0);

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

static int prepare(struct ctx *c, PGconn *pg, struct schema *ret)
{
	str lock = str_fmt(c->arena, "select pg_advisory_lock(%" PRId64 ")", LOCK_KEY);

	/* The lock ends with the connection. */
	TRY(execute(c, pg, "lock", lock.p));
	TRY(read_schema(c, pg, ret));
	if (migrate_fit(ret) == SCHEMA_NEWER)
		return fail(c, E_CONFLICT,
			    "the database has schema version %" PRId64
			    ", this program knows %" PRId64 ": install the newer program",
			    ret->version, migrate_newest());
	return ret->version ? 0 : execute(c, pg, "schema_migrations", create_table);
}

/* Sessions of programs that cannot do without what m takes away. Such names are shown to every role. */
static int count_needing(struct ctx *c, PGconn *pg, const struct migration *m, int64_t *ret)
{
	str sql = str_fmt(c->arena,
			  "select count(*) from pg_stat_activity where datname = current_database()"
			  " and substring(application_name from '" LABEL
			  "([0-9]{1,18})$')::bigint < %" PRId64,
			  m->oldest);

	return ask_i64(c, pg, "sessions", sql.p, ret);
}

/* Whether a migration that contracts has to be left out for now. Nobody has used a database that was empty. */
static int has_to_wait(struct ctx *c, PGconn *pg, const struct migration *m,
		       const struct migrate_options *o, struct migrate_result *done, bool *ret)
{
	bool kept = o->contract && o->keep && o->keep < m->oldest;
	int64_t sessions = 0;

	if (o->contract)
		TRY(count_needing(c, pg, m, &sessions));
	if (sessions > done->sessions)
		done->sessions = sessions;
	*ret = !o->contract || kept || sessions;
	done->kept += kept;
	done->waiting += *ret;
	return 0;
}

int migrate_apply(struct ctx *c, const char *conninfo, const struct migrate_options *o,
		  struct migrate_result *ret)
{
	cleanup(pg_finishp) PGconn *pg = NULL;
	struct migrate_result done = { 0 };
	struct schema before;

	TRY(connect_to(c, conninfo, &pg));
	TRY(prepare(c, pg, &before));
	for (size_t i = 0; i < n_migrations; i++) {
		const struct migration *m = &migrations[i];
		bool wait = false;
		int64_t applied;

		TRY(is_applied(c, pg, m, &applied));
		if (!applied && m->oldest && before.version)
			TRY(has_to_wait(c, pg, m, o, &done, &wait));
		if (applied || wait)
			continue;
		if (o->progress)
			o->progress(o->arg, m);
		TRY(apply(c, pg, m));
		done.applied++;
	}
	*ret = done;
	return 0;
}

int migrate_read(struct ctx *c, const char *conninfo, struct schema *ret)
{
	cleanup(pg_finishp) PGconn *pg = NULL;

	TRY(connect_to(c, conninfo, &pg));
	return read_schema(c, pg, ret);
}
