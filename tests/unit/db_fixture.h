/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the tests of lib/db share. Each test runs as the first fiber of a loop of its own. cmocka
 * leaves a failed test by longjmp, which must not cross a fiber's stack: so fibers note the first
 * failure with CHECK, and the test reports it when the loop has ended.
 */
#ifndef TESTS_UNIT_DB_FIXTURE_H
#define TESTS_UNIT_DB_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "db/db.h"
#include "db/migrate.h"
#include "loop/fiber.h"
#include "loop/loop.h"
#include "tests/unit/cluster.h"

#include <cmocka.h> /* defines fail: behind base/ctx.h */

static const char *conninfo;
static char failure[512];

#define CHECK(expr)                            \
	do {                                   \
		if (!(expr)) {                 \
			note(__LINE__, #expr); \
			return;                \
		}                              \
	} while (0)

static inline void note(int line, const char *what)
{
	if (!*failure)
		snprintf(failure, sizeof(failure), "line %d: %s", line, what);
}

/* The ctx's call gives err; its message is in the failure when not. */
#define CHECK_ERR(c, expr, err)                                                                  \
	do {                                                                                     \
		int check_result = (expr);                                                       \
		if (check_result != (err)) {                                                     \
			str check_message = ctx_error((c), check_result);                        \
			char check_text[400];                                                    \
			snprintf(check_text, sizeof(check_text), "%s gives %d: " STR_FMT, #expr, \
				 check_result, STR_ARG(check_message));                          \
			note(__LINE__, check_text);                                              \
			return;                                                                  \
		}                                                                                \
	} while (0)

#define CHECK_OK(c, expr) CHECK_ERR(c, expr, 0)

static inline bool message_has(const struct ctx *c, const char *part)
{
	return str_find(c->error, str_c(part), 0) != SIZE_MAX;
}

/* The schema of the tests, version 2. */
#define GOOD_MIGRATIONS                                                                          \
	{ 1, "create_thing",                                                                     \
	  "create type mood as enum ('glad', 'sad'); create table thing (id bigint primary key," \
	  " other bigint constraint thing_other references thing,"                               \
	  " size int4 not null constraint thing_size check (size > 0));" },                      \
	{                                                                                        \
		2, "create_function",                                                            \
			"create function raise(code text) returns void language plpgsql as"      \
			" $$ begin raise exception 'raised' using errcode = code; end $$;"       \
	}

/* The form of every test */

struct test {
	void (*fn)(struct ctx *c);
	struct db_options options;
};

static inline void run_fiber(void *arg)
{
	struct test *t = arg;
	struct arena *a = arena_new();
	struct ctx c;

	ctx_init(&c, a);
	if (db_new(loop_current(), &t->options, &c.db) == 0) {
		t->fn(&c);
		db_free(c.db);
	} else {
		note(__LINE__, "db_new");
	}
	arena_free(a);
}

static inline void run_with(void (*fn)(struct ctx *c), const char *where, bool check_schema)
{
	struct test t = {
		.fn = fn,
		.options = {
			.conninfo = where,
			.program = "test_db",
			.sessions = 2,
			.statement_timeout = 2 * USEC_SEC,
			.check_schema = check_schema,
		},
	};

	*failure = '\0';
	assert_int_equal(fiber_main(run_fiber, &t), 0);
	if (*failure)
		fail_msg("%s", failure);
}

static inline void run(void (*fn)(struct ctx *c))
{
	run_with(fn, conninfo, false);
}

/* A statement without parameters that gives one text, and one that gives nothing. */

struct text_row {
	str text;
};

static const struct db_field text_column[] = {
	{ "text", DB_STR, 0, true, offsetof(struct text_row, text) },
};

static inline int ask_text(struct ctx *c, const struct db_query *q, str *ret)
{
	const struct text_row *row;
	void *rows;
	size_t n;

	TRY(db_query(c, q, NULL, &rows, &n));
	row = rows;
	*ret = n ? row->text : STR_NULL;
	return 0;
}

#define TEXT_QUERY(id, statement)                    \
	static const struct db_query id = {          \
		.name = #id,                         \
		.sql = statement,                    \
		.columns = text_column,              \
		.n_columns = 1,                      \
		.row_size = sizeof(struct text_row), \
	}

#define PLAIN_QUERY(id, statement) \
	static const struct db_query id = { .name = #id, .sql = statement }

TEXT_QUERY(get_tenant, "select current_setting('rookery.domain', true)");
TEXT_QUERY(get_things, "select string_agg(id::text, ',' order by id) from thing");
TEXT_QUERY(get_pid, "select pg_backend_pid()::text");
PLAIN_QUERY(delete_things, "delete from thing");
PLAIN_QUERY(insert_thing, "insert into thing (id, size) values (1, 1)");
PLAIN_QUERY(insert_more, "insert into thing (id, size) values (2, 1), (3, 1)");
PLAIN_QUERY(end_backend, "select pg_terminate_backend(pg_backend_pid())");
PLAIN_QUERY(raise_serialisation, "select raise('40001')");
PLAIN_QUERY(bad_column, "select nothing from thing");

static inline int execute(struct ctx *c, const struct db_query *q)
{
	size_t n;

	return db_query(c, q, NULL, NULL, &n);
}

/* Many fibers at once */

struct crowd {
	struct ctx *c;
	struct fiber *waiting;
	unsigned left;
	unsigned next;
	void (*fn)(struct ctx *c, unsigned i);
};

static inline void crowd_fiber(void *arg)
{
	struct crowd *crowd = arg;
	struct arena *a = arena_new();
	struct ctx c;

	ctx_init(&c, a);
	c.db = crowd->c->db;
	crowd->fn(&c, crowd->next++);
	arena_free(a);
	if (--crowd->left == 0)
		fiber_wake(crowd->waiting);
}

static inline void run_crowd(struct ctx *c, unsigned n, void (*fn)(struct ctx *c, unsigned i))
{
	struct crowd crowd = { .c = c, .waiting = fiber_self(), .left = n, .fn = fn };

	for (unsigned i = 0; i < n; i++)
		CHECK(fiber_spawn(loop_current(), crowd_fiber, &crowd) == 0);
	while (crowd.left)
		fiber_park(0);
}

#endif
