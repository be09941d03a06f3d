/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Databases that are not ours to back up as files: pg_dump goes straight into the repository. Invariant: the dump and the
 * counts beside it are of one snapshot, which a transaction of ours holds until the dump is made. What a restore finds is
 * moved into a schema of its own, since it may be newer than the dump; what is not ours (extensions, what other roles
 * made) stays where it is.
 */
#include "db/db.h"
#include "db/service.h"
#include "loop/fiber.h"
#include "provisioning/backup.h"
#include "sql/gen/backup.h"
#include "sql/gen/house.h"

#define DUMP "database.dump"
#define ASIDE "before_" /* schemas with what restores found */
#define LINGER (5 * USEC_SEC)
#define LOOK (USEC_SEC / 2)

/* The programs of PostgreSQL take their connection from a file. */
static int write_service(struct vault *v)
{
	str service;

	if (db_service(v->c->arena, "rookery", vault_owner(v), &service))
		return fail(v->c, E_INVALID, "the option database cannot be read");
	return vault_write(v, "services", service);
}

static int major_version(struct ctx *c, int64_t *ret)
{
	const struct house_database_row *row;

	TRY(q_house_database(c, &row));
	if (!str_to_i64(str_slice(row->version, 0, str_find_char(row->version, '.', 0)), ret))
		return fail(c, E_INVALID, "PostgreSQL of an unknown version");
	return 0;
}

static int dump(struct vault *v, struct ctx *c, struct manifest *m, int64_t *ret_size)
{
	const struct backup_snapshot_row *s;
	struct stored stored;
	struct tool t = { .argv = { NULL, "--format=custom", "--enable-row-security", NULL,
				    "--exclude-schema=" ASIDE "*", "--dbname=service=rookery",
				    NULL } };
	const struct files_input input = { .tag = "database", .name = DUMP, .from = &t };

	TRY(major_version(c, &m->version));
	TRY(tool_postgres(v, m->version, "pg_dump", &t.argv[0]));
	TRY(db_begin(c));
	TRY(q_backup_snapshot(c, &s));
	t.argv[3] = str_fmt(v->c->arena, "--snapshot=%.*s", STR_ARG(s->snapshot)).p;
	TRY(files_store(v, &input, &stored));
	m->label = stored.id;
	m->rows = str_dup(v->c->arena, s->rows);
	m->tally = str_dup(v->c->arena, s->tally);
	m->exact = true;
	m->lsn = STR("");
	m->database = STR("rookery");
	*ret_size = stored.size;
	return db_commit(c);
}

int dump_backup(struct vault *v, struct manifest *ret, int64_t *ret_size)
{
	struct bench b;

	TRY(write_service(v));
	TRY(bench_open(v, NULL, "rookery_host", &b));
	return bench_end(v, &b, dump(v, &b.c, ret, ret_size));
}

static int psql(struct vault *v, int64_t version, const char *sql, str *ret)
{
	struct tool t = { .argv = { NULL, "-XqAt", "-v", "ON_ERROR_STOP=1", "--no-password", "-c",
				    sql, "service=rookery", NULL } };
	struct tool_answer answer;

	TRY(tool_postgres(v, version, "psql", &t.argv[0]));
	TRY(tool_do(v, &t, &answer));
	*ret = str_trim(answer.out);
	return 0;
}

/* Others' addresses are shown to members of pg_read_all_stats alone. */
static const char sessions[] =
	"select count(*), string_agg(distinct case when client_addr is not null then"
	" host(client_addr) when client_port = -1 then 'this machine' else"
	" 'an address that rookery_owner is not shown (grant pg_read_all_stats)' end, ', ')"
	" from pg_stat_activity where datname = current_database()"
	" and usename in ('rookery_server', 'rookery_stator')";

int dump_is_alone(struct vault *v, int64_t version)
{
	usec until = clock_mono() + LINGER;
	str line, n;

	TRY(write_service(v));
	do {
		TRY(psql(v, version, sessions, &line));
		if (str_starts(line, STR("0|")))
			return 0;
		fiber_sleep(LOOK);
	} while (clock_mono() < until);
	str_cut(&line, '|', &n);
	return fail(
		v->c, E_CONFLICT,
		"servers or stators are connected to the database (%.*s sessions from %.*s): stop "
		"rookery.target on every machine first",
		STR_ARG(n), STR_ARG(line));
}

/* Moves what is ours from one schema to another: functions first, which are named by the types of their arguments. */
static const char moving[] =
	"do $$ declare"
	" source constant oid := to_regnamespace(current_setting('rookery.source'));"
	" target constant text := current_setting('rookery.target');"
	" part record;"
	" begin for part in"
	"  select format('alter routine %s set schema %I', p.oid::regprocedure, target) as words,"
	"   1 as place from pg_proc p where p.pronamespace = source"
	"   and pg_get_userbyid(p.proowner) = current_user and not exists (select from pg_depend d"
	"   where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')"
	"  union all select format('alter table %s set schema %I', c.oid::regclass, target), 2"
	"   from pg_class c where c.relnamespace = source and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')"
	"   and pg_get_userbyid(c.relowner) = current_user and not exists (select from pg_depend d"
	"   where d.classid = 'pg_class'::regclass and d.objid = c.oid and (d.deptype = 'e'"
	"   or c.relkind = 'S' and d.deptype in ('a', 'i')))"
	"  union all select format('alter type %s set schema %I', t.oid::regtype, target), 3"
	"   from pg_type t left join pg_class c on c.oid = t.typrelid where t.typnamespace = source"
	"   and pg_get_userbyid(t.typowner) = current_user and (t.typtype in ('e', 'd', 'r')"
	"   or c.relkind = 'c') and not exists (select from pg_depend d"
	"   where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e')"
	"  order by place"
	" loop"
	"  if to_regnamespace(target) is null then execute format('create schema %I', target); end if;"
	"  execute part.words;"
	" end loop; end $$;";

/* All of it or nothing; then, when after is given, that as well. The answer is whether the target is there. */
static int move(struct vault *v, int64_t version, const char *source, const char *target,
		const char *after, bool *ret)
{
	str said;

	TRY(psql(
		v, version,
		str_fmt(v->c->arena,
			"set lock_timeout = '1min'; set rookery.source = '%s';"
			" set rookery.target = '%s'; %s %s select to_regnamespace('%s') is not null",
			source, target, moving, after, target)
			.p,
		&said));
	*ret = str_eq(said, STR("t"));
	return 0;
}

static const char *drop_schema(struct vault *v, const char *name)
{
	return str_fmt(v->c->arena, "drop schema if exists %s cascade;", name).p;
}

/* A line of pg_restore's list ends with the owner. What others made is here, made by them, or is not wanted here. */
static bool is_ours(str line)
{
	return str_starts(line, STR(";")) || str_ends(line, STR(" rookery_owner")) ||
	       str_find(line, STR(" ACL - SCHEMA public "), 0) != SIZE_MAX;
}

/* The list of what is to be restored, which pg_restore writes and reads. */
static int write_list(struct vault *v, const struct tool *from, int64_t version)
{
	struct tool to = { .argv = { NULL, "--list", NULL }, .gently = from->gently };
	struct tool_answer answer;
	struct out list;
	str line, text;

	TRY(tool_postgres(v, version, "pg_restore", &to.argv[0]));
	TRY(tool_pipe(v, from, &to, &answer));
	out_init(&list, v->c->arena, answer.out.n + 1);
	while (str_cut(&answer.out, '\n', &line))
		if (is_ours(line)) {
			out_str(&list, line);
			out_c(&list, "\n");
		}
	TRY(out_done(&list, &text));
	return vault_write(v, "list", text);
}

int dump_restore(struct vault *v, const struct dump_target *t)
{
	struct tool from = files_dump(v, t->id, "/" DUMP),
		    to = { .argv = { NULL, "--exit-on-error", "--single-transaction",
				     "--no-password", "--dbname=service=rookery", "--no-owner" },
			   .gently = t->gently };
	struct tool_answer answer;

	from.gently = t->gently;
	TRY(vault_write(v, "services", t->service));
	if (t->aside) {
		TRY(write_list(v, &from, t->version));
		to.argv[5] = "--use-list";
		to.argv[6] = vault_path(v, "list");
	}
	TRY(tool_postgres(v, t->version, "pg_restore", &to.argv[0]));
	return tool_pipe(v, &from, &to, &answer);
}

/* What was moved aside comes back when the dump does not. */
static int fill_or_leave(struct vault *v, const struct dump_target *t)
{
	int result = dump_restore(v, t);
	str words = v->c->error;
	bool there;

	if (result && move(v, t->version, t->aside, "public", drop_schema(v, t->aside), &there))
		vault_say(v, "what was there is in the schema %s", t->aside);
	v->c->error = words;
	return result;
}

int dump_replace(struct vault *v, const struct dump_target *t, bool *ret_moved)
{
	TRY(vault_write(v, "services", t->service));
	TRY(move(v, t->version, "public", t->aside, t->in_place ? drop_schema(v, t->aside) : "",
		 ret_moved));
	return *ret_moved ? fill_or_leave(v, t) : dump_restore(v, t);
}
