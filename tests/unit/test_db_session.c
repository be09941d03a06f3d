/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/db against a real PostgreSQL: transactions, the pool of sessions, lost connections and
 * notifications.
 */
#include "tests/unit/db_fixture.h"

const struct migration migrations[] = { GOOD_MIGRATIONS };
const size_t n_migrations = ARRAY_SIZE(migrations);

/* Transactions */

static void transactions_fiber(struct ctx *c)
{
	size_t n;
	str things;

	CHECK_OK(c, execute(c, &delete_things));
	CHECK_OK(c, db_begin(c));
	CHECK_OK(c, db_commit(c));
	CHECK_OK(c, db_begin(c));
	CHECK_OK(c, execute(c, &insert_thing));
	db_rollback(c);
	db_rollback(c);
	CHECK(!c->session);
	CHECK_OK(c, ask_text(c, &get_things, &things));
	CHECK(str_is_null(things));
	CHECK_OK(c, db_begin(c));
	CHECK_OK(c, execute(c, &insert_thing));
	CHECK_OK(c, db_query(c, &insert_more, NULL, NULL, &n));
	CHECK(n == 2);
	CHECK_OK(c, db_commit(c));
	CHECK_OK(c, ask_text(c, &get_things, &things));
	CHECK(str_eq_c(things, "1,2,3"));
	/* A failed statement fails all that follows, the commit too. */
	CHECK_OK(c, db_begin(c));
	CHECK_OK(c, execute(c, &delete_things));
	CHECK_ERR(c, execute(c, &bad_column), -EIO);
	CHECK_ERR(c, ask_text(c, &get_things, &things), -EIO);
	CHECK_ERR(c, db_commit(c), -EIO);
	CHECK(!c->session);
	CHECK_OK(c, ask_text(c, &get_things, &things));
	CHECK(str_eq_c(things, "1,2,3"));
	CHECK(c->statements == 10);
}

static void test_transactions(void **state unused)
{
	run(transactions_fiber);
}

struct attempt {
	unsigned fail; /* so many times */
	unsigned calls;
	int err; /* of its own at the end */
};

static int attempt(struct ctx *c, void *arg)
{
	struct attempt *a = arg;

	TRY(execute(c, &delete_things));
	TRY(execute(c, &insert_thing));
	if (a->calls++ < a->fail)
		TRY(execute(c, &raise_serialisation));
	return a->err;
}

static void retry_fiber(struct ctx *c)
{
	struct attempt twice = { .fail = 2 }, always = { .fail = 9 }, own = { .err = E_INVALID };
	str things;

	CHECK_OK(c, db_transaction(c, attempt, &twice));
	CHECK(twice.calls == 3);
	CHECK_OK(c, ask_text(c, &get_things, &things));
	CHECK(str_eq_c(things, "1"));
	CHECK_ERR(c, db_transaction(c, attempt, &always), E_LATER);
	CHECK(always.calls == 4 && message_has(c, "raised"));
	CHECK_ERR(c, db_transaction(c, attempt, &own), E_INVALID);
	CHECK(own.calls == 1 && !c->session);
}

static void test_retry(void **state unused)
{
	run(retry_fiber);
}

static int lock_both(struct ctx *c, void *arg)
{
	static const struct db_query update[] = {
		{ .name = "lock_one", .sql = "update thing set size = size + 1 where id = 1" },
		{ .name = "lock_two", .sql = "update thing set size = size + 1 where id = 2" },
	};
	unsigned first = *(unsigned *)arg;

	TRY(execute(c, &update[first]));
	fiber_sleep(20 * USEC_MSEC);
	return execute(c, &update[1 - first]);
}

static void lock_in_crowd(struct ctx *c, unsigned i)
{
	unsigned first = i % 2;

	CHECK_OK(c, db_transaction(c, lock_both, &first));
}

TEXT_QUERY(get_sizes, "select string_agg(size::text, ',' order by id) from thing");
PLAIN_QUERY(insert_two, "insert into thing (id, size) values (1, 1), (2, 1)");

static void deadlock_fiber(struct ctx *c)
{
	str sizes;

	CHECK_OK(c, execute(c, &delete_things));
	CHECK_OK(c, execute(c, &insert_two));
	run_crowd(c, 4, lock_in_crowd);
	CHECK_OK(c, ask_text(c, &get_sizes, &sizes));
	CHECK(str_eq_c(sizes, "5,5"));
}

/* Two by two they lock in opposite order; the server's deadlock_timeout is set shorter for it. */
static void test_deadlock(void **state unused)
{
	char *quick;

	assert_true(asprintf(&quick, "%s options='-c deadlock_timeout=50ms'", conninfo) > 0);
	run_with(deadlock_fiber, quick, false);
	free(quick);
}

static void borrow_in_crowd(struct ctx *c, unsigned i)
{
	str pid;

	CHECK_OK(c, db_begin(c));
	CHECK_OK(c, ask_text(c, &get_pid, &pid));
	if (i % 2)
		fiber_sleep(2 * USEC_MSEC);
	if (i % 3)
		CHECK_OK(c, db_commit(c));
	else
		db_rollback(c);
}

static void pool_fiber(struct ctx *c)
{
	run_crowd(c, 40, borrow_in_crowd);
}

static void test_pool(void **state unused)
{
	run(pool_fiber);
}

/* Lost connections */

static void ask_in_crowd(struct ctx *c, unsigned i)
{
	str pid;
	int r;

	if (i == 20) {
		CHECK_ERR(c, execute(c, &end_backend), E_LATER);
		return;
	}
	r = ask_text(c, &get_pid, &pid);
	/* Those that came first have their answers; the last may meet the next connection. */
	CHECK(r == 0 || (r == E_LATER && i > 20));
}

static void lost_fiber(struct ctx *c)
{
	str pid, again;

	CHECK_OK(c, ask_text(c, &get_pid, &pid));
	run_crowd(c, 50, ask_in_crowd);
	CHECK_OK(c, ask_text(c, &get_pid, &again));
	CHECK(!str_eq(pid, again));
	/* In a session. */
	CHECK_OK(c, db_begin(c));
	CHECK_OK(c, execute(c, &delete_things));
	CHECK_ERR(c, execute(c, &end_backend), E_LATER);
	CHECK_ERR(c, ask_text(c, &get_pid, &pid), E_LATER);
	db_rollback(c);
	CHECK_OK(c, db_begin(c));
	CHECK_OK(c, ask_text(c, &get_pid, &pid));
	CHECK_OK(c, db_commit(c));
}

static void test_lost(void **state unused)
{
	run(lost_fiber);
}

PLAIN_QUERY(end_others, "select pg_terminate_backend(pid) from pg_stat_activity"
			" where pid <> pg_backend_pid() and application_name = 'test_db'");

/* The shared connection goes while nobody uses it. */
static void lost_idle_fiber(struct ctx *c)
{
	usec limit = clock_mono() + USEC_MINUTE;
	str pid, again = STR_NULL;
	int result;

	CHECK_OK(c, ask_text(c, &get_pid, &pid));
	CHECK_OK(c, db_begin(c));
	CHECK_OK(c, execute(c, &end_others));
	CHECK_OK(c, db_commit(c));
	/* The news take their time to arrive; who asks before that loses the question. */
	do {
		fiber_sleep(50 * USEC_MSEC);
		result = ask_text(c, &get_pid, &again);
	} while (clock_mono() < limit && (result == E_LATER || (!result && str_eq(pid, again))));
	CHECK_OK(c, result);
	CHECK(!str_eq(pid, again));
}

static void test_lost_idle(void **state unused)
{
	run(lost_idle_fiber);
}

/* Notifications */

static unsigned n_heard;
static char heard[64];

static void hear(void *arg, str payload)
{
	n_heard++;
	snprintf(heard, sizeof(heard), STR_FMT, STR_ARG(payload));
	fiber_wake(arg);
}

static void wait_heard(unsigned n)
{
	usec limit = clock_mono() + USEC_MINUTE;

	while (n_heard < n && clock_mono() < limit)
		fiber_park(limit);
}

PLAIN_QUERY(notify_hello, "select pg_notify('a \"channel\"', 'hello')");
PLAIN_QUERY(notify_other, "select pg_notify('other', 'x')");

static void listen_fiber(struct ctx *c)
{
	n_heard = 0;
	CHECK(db_listen(c->db, "a \"channel\"", hear, fiber_self()) == 0);
	wait_heard(1);
	CHECK(n_heard == 1 && !*heard);
	CHECK_OK(c, execute(c, &notify_other));
	CHECK_OK(c, execute(c, &notify_hello));
	wait_heard(2);
	CHECK(n_heard == 2 && strcmp(heard, "hello") == 0);
	CHECK_OK(c, execute(c, &end_others));
	wait_heard(3);
	CHECK(n_heard == 3 && !*heard);
	CHECK(db_listen(c->db, "other", hear, fiber_self()) == 0);
	wait_heard(4);
	CHECK_OK(c, execute(c, &notify_other));
	wait_heard(5);
	CHECK(n_heard == 5 && strcmp(heard, "x") == 0);
}

static void test_listen(void **state unused)
{
	run(listen_fiber);
}

static int setup(void **state unused)
{
	struct arena *a = arena_new();
	struct ctx c;
	struct migrate_options o = { 0 };
	struct migrate_result done;
	int r;

	conninfo = cluster_start();
	ctx_init(&c, a);
	r = conninfo ? migrate_apply(&c, conninfo, &o, &done) : -1;
	arena_free(a);
	return r;
}

static int teardown(void **state unused)
{
	cluster_stop();
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transactions), cmocka_unit_test(test_retry),
		cmocka_unit_test(test_deadlock),     cmocka_unit_test(test_pool),
		cmocka_unit_test(test_lost),	     cmocka_unit_test(test_lost_idle),
		cmocka_unit_test(test_listen),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
