/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Databases that are not ours to back up as files: pg_dump goes straight into the repository. Invariant: the dump and the
 * counts beside it are of one snapshot, which a transaction of ours holds until the dump is made.
 */
#include "db/db.h"
#include "db/service.h"
#include "provisioning/backup.h"
#include "sql/gen/backup.h"
#include "sql/gen/house.h"

#define DUMP "database.dump"

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
				    "--dbname=service=rookery", NULL } };

	TRY(major_version(c, &m->version));
	TRY(tool_postgres(v, m->version, "pg_dump", &t.argv[0]));
	TRY(db_begin(c));
	TRY(q_backup_snapshot(c, &s));
	t.argv[3] = str_fmt(v->c->arena, "--snapshot=%.*s", STR_ARG(s->snapshot)).p;
	TRY(files_store(v, "database", DUMP, &t, STR(""), &stored));
	m->label = stored.id;
	m->rows = str_dup(v->c->arena, s->rows);
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

int dump_restore(struct vault *v, const struct dump_target *t)
{
	struct tool from = files_dump(v, t->id, "/" DUMP),
		    to = { .argv = { NULL, "--exit-on-error", "--single-transaction",
				     "--no-password", "--dbname=service=rookery" },
			   .gently = t->gently };
	struct tool_answer answer;
	size_t n = 5;

	TRY(vault_write(v, "services", t->service));
	TRY(tool_postgres(v, t->version, "pg_restore", &to.argv[0]));
	if (t->over) {
		to.argv[n++] = "--clean";
		to.argv[n++] = "--if-exists";
	} else
		to.argv[n++] = "--no-owner";
	from.gently = t->gently;
	return tool_pipe(v, &from, &to, &answer);
}
