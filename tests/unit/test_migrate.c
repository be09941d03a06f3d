/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Versions of the schema: which of them programs work on, and what migrations do to them. */
#include <libpq-fe.h>

#include "tests/unit/db_fixture.h"

/* Migrations of the test's own */

const struct migration migrations[] = {
	GOOD_MIGRATIONS,
	{ 3, "contract_it", "drop table if exists gone", .oldest = 2 },
	{ 7, "break_it", "create table never (id bigint);\n\nselect * from nowhere;" },
};

static const size_t n_good = 3;
const size_t n_migrations = ARRAY_SIZE(migrations);

PLAIN_QUERY(insert_seven, "insert into schema_migrations (version, name) values (7, 'x')");
PLAIN_QUERY(insert_expanding, "insert into schema_migrations (version, name) values (98, 'x')");
PLAIN_QUERY(insert_contracting,
	    "insert into schema_migrations (version, name, oldest) values (99, 'x', 98)");
PLAIN_QUERY(delete_newer, "delete from schema_migrations where version >= 7");
PLAIN_QUERY(delete_contracting, "delete from schema_migrations where version = 3");

static void known_fiber(struct ctx *c)
{
	CHECK_OK(c, db_ping(c, USEC_MINUTE));
}

static void refuses(struct ctx *c, const char *why)
{
	usec start = clock_mono();

	for (unsigned i = 0; i < 3; i++) {
		CHECK_ERR(c, db_ping(c, USEC_MINUTE), E_LATER);
		CHECK(message_has(c, why));
	}
	CHECK(clock_mono() - start < USEC_MINUTE); /* at once */
}

static void older_fiber(struct ctx *c)
{
	refuses(c,
		"the database has schema version 3, this program knows 7: run 'rookery migrate'");
}

static void newer_fiber(struct ctx *c)
{
	refuses(c,
		"the database has schema version 99, this program knows 7: install the newer program");
}

static void insert_seven_fiber(struct ctx *c)
{
	CHECK_OK(c, execute(c, &insert_seven));
}

static void insert_expanding_fiber(struct ctx *c)
{
	CHECK_OK(c, execute(c, &insert_expanding));
}

static void insert_contracting_fiber(struct ctx *c)
{
	CHECK_OK(c, execute(c, &insert_contracting));
}

static void delete_newer_fiber(struct ctx *c)
{
	CHECK_OK(c, execute(c, &delete_newer));
}

static void test_version(void **state unused)
{
	run_with(older_fiber, conninfo, true);
	run(insert_seven_fiber);
	run_with(known_fiber, conninfo, true);
	run(insert_expanding_fiber);
	run_with(known_fiber, conninfo, true);
	run(insert_contracting_fiber);
	run_with(newer_fiber, conninfo, true);
	run(delete_newer_fiber);
}

TEXT_QUERY(get_never, "select to_regclass('never')::text");

/* What an older program that was gone back to finds, and one that is too old. */
static void beside_newer_fiber(struct ctx *c)
{
	struct migrate_options o = { 0 };
	struct migrate_result done;
	struct schema s;
	str never;

	CHECK_OK(c, ask_text(c, &get_never, &never));
	CHECK(str_is_null(never));
	CHECK_OK(c, execute(c, &insert_seven));
	CHECK_OK(c, execute(c, &insert_expanding));
	CHECK_OK(c, migrate_apply(c, conninfo, &o, &done));
	CHECK(done.applied == 0 && done.waiting == 0);
	CHECK_OK(c, execute(c, &insert_contracting));
	CHECK_ERR(c, migrate_apply(c, conninfo, &o, &done), E_CONFLICT);
	CHECK_OK(c, migrate_read(c, conninfo, &s));
	CHECK(s.version == 99 && s.expanded == 98 && s.oldest == 98);
	CHECK_OK(c, execute(c, &delete_newer));
	CHECK_OK(c, migrate_read(c, conninfo, &s));
	CHECK(s.version == (int64_t)n_good && s.expanded == 2 && s.oldest == 2);
	CHECK_ERR(c, migrate_read(c, "host=/nonexistent", &s), E_LATER);
}

/* A session as of a program, on whichever machine. */
static PGconn *connect_as(struct ctx *c, const char *name)
{
	str words = str_fmt(c->arena, "%s application_name='%s'", conninfo, name);

	return PQconnectdb(words.p);
}

/* What a program needs that is connected stays until it is gone. */
static void contract_beside_fiber(struct ctx *c)
{
	struct migrate_options o = { .contract = true };
	struct migrate_result done;
	PGconn *able = connect_as(c, "rookery-server schema=2");
	PGconn *older = connect_as(c, "rookery-server schema=1");
	PGconn *other = connect_as(c, "psql schema=");

	CHECK(str_eq_c(migrate_label(c->arena, "rookery-server"), "rookery-server schema=7"));
	CHECK(PQstatus(able) == CONNECTION_OK && PQstatus(older) == CONNECTION_OK);
	CHECK_OK(c, execute(c, &insert_seven));
	CHECK_OK(c, execute(c, &delete_contracting));
	CHECK_OK(c, migrate_apply(c, conninfo, &o, &done));
	CHECK(done.applied == 0 && done.waiting == 1 && done.sessions == 1);
	CHECK_OK(c, execute(c, &delete_newer));
	PQfinish(older);
	PQfinish(other);
	PQfinish(able);
}

static void contract_fiber(struct ctx *c)
{
	struct migrate_options o = { 0 };
	struct migrate_result done;

	CHECK_OK(c, execute(c, &insert_seven));
	CHECK_OK(c, execute(c, &delete_contracting));
	CHECK_OK(c, migrate_apply(c, conninfo, &o, &done));
	CHECK(done.applied == 0 && done.waiting == 1 && done.kept == 0);
	o.contract = true;
	o.keep = 1;
	CHECK_OK(c, migrate_apply(c, conninfo, &o, &done));
	CHECK(done.applied == 0 && done.waiting == 1 && done.kept == 1);
	o.keep = 2;
	CHECK_OK(c, migrate_apply(c, conninfo, &o, &done));
	CHECK(done.applied == 1 && done.waiting == 0 && done.sessions == 0);
	CHECK_OK(c, execute(c, &delete_newer));
}

static void test_migrate(void **state unused)
{
	run(beside_newer_fiber);
	run(contract_beside_fiber);
	run(contract_fiber);
}

static int setup(void **state)
{
	struct arena *a = arena_new();
	struct ctx *c = arena_new_of(a, struct ctx);
	struct migrate_options o = { 0 };
	struct migrate_result done;

	conninfo = cluster_start();
	if (!conninfo)
		return -1;
	ctx_init(c, a);
	*state = c;
	/* The last is broken: the others stay. */
	return migrate_apply(c, conninfo, &o, &done) == -EIO ? 0 : -1;
}

static int teardown(void **state)
{
	struct ctx *c = *state;

	arena_free(c ? c->arena : NULL);
	cluster_stop();
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_migrate),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
