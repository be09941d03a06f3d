/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How often the proxy may try for a certificate of a name whose visitors never come through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "server/vouch.h"

#include <cmocka.h>

#define NOON (43200 * USEC_SEC)
#define TRY_TIME (3 * USEC_MINUTE) /* that Caddy takes to give up */

static int set_up(void **state)
{
	static struct ctx c;

	ctx_init(&c, arena_new());
	c.now = NOON;
	*state = &c;
	return 0;
}

static int tear_down(void **state)
{
	struct ctx *c = *state;

	arena_free(c->arena);
	return 0;
}

/* Visitors come each second for so long; each try takes the proxy as long as it says. How many tries came of it? */
static int tries_in(struct ctx *c, str name, usec span, usec takes)
{
	usec end = c->now + span;
	int tries = 0;

	while (c->now < end) {
		bool may = vouch_ask(c, name) == 0;

		tries += may;
		c->now += may ? takes : USEC_SEC;
	}
	return tries;
}

/* What Let's Encrypt allows: five failures, of which it gives one back in twelve minutes. A try is two. */
static void wear_out(struct ctx *c, str name, usec takes)
{
	const usec failure = 12 * USEC_MINUTE, end = c->now + USEC_DAY;
	usec allowed = 5 * failure, since = c->now;

	while (c->now < end) {
		if (vouch_ask(c, name)) {
			c->now += USEC_SEC;
			continue;
		}
		allowed = allowed + (c->now - since);
		allowed = allowed > 5 * failure ? 5 * failure : allowed;
		since = c->now;
		assert_true(allowed >= failure);
		allowed -= allowed >= 2 * failure ? 2 * failure : failure;
		c->now += takes;
	}
}

static void test_no_authority_is_worn_out(void **state)
{
	struct ctx *c = *state;

	wear_out(c, STR("caddy.test"), TRY_TIME);
	c->now = NOON;
	wear_out(c, STR("hasty.test"), 4 * USEC_SEC);
	c->now = NOON;
	assert_int_equal(tries_in(c, STR("slow.test"), USEC_HOUR, TRY_TIME), 5);
	for (int i = 0; i < 24; i++)
		assert_true(tries_in(c, STR("slow.test"), USEC_HOUR, TRY_TIME) <= 1);
}

static void test_pauses(void **state)
{
	static const int64_t minutes[] = { 0, 5, 10, 20, 40, 60, 60 };
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(minutes); i++) {
		assert_int_equal(vouch_ask(c, STR("pauses.test")), 0);
		c->now += 4 * USEC_SEC;
		if (minutes[i])
			assert_int_equal(vouch_ask(c, STR("pauses.test")),
					 minutes[i] * USEC_MINUTE - 4 * USEC_SEC);
		c->now += minutes[i] * USEC_MINUTE - 4 * USEC_SEC + (minutes[i] ? 0 : 8 * USEC_SEC);
	}
}

/* A proxy that asks before it looks into its storage, and again before it tries. */
static void test_questions_of_one_try(void **state)
{
	struct ctx *c = *state;

	for (int i = 0; i < 50; i++)
		assert_int_equal(vouch_ask(c, STR("storm.test")), 0);
	c->now += 4 * USEC_SEC;
	for (int i = 0; i < 50; i++)
		assert_int_equal(vouch_ask(c, STR("storm.test")), 0);
	c->now += 4 * USEC_SEC;
	assert_true(vouch_ask(c, STR("storm.test")) > 0);
}

static void test_a_visit_forgets(void **state)
{
	struct ctx *c = *state;

	for (int i = 0; i < 100; i++) {
		assert_int_equal(vouch_ask(c, STR("mended.test")), 0);
		c->now += TRY_TIME;
		vouch_forget(c, STR("mended.test"));
	}
	assert_int_equal(tries_in(c, STR("mended.test"), USEC_MINUTE, 4 * USEC_SEC), 2);
	vouch_forget(c, STR("other.test"));
	assert_true(vouch_ask(c, STR("mended.test")) > 0);
	vouch_forget(c, STR("mended.test"));
	assert_int_equal(vouch_ask(c, STR("mended.test")), 0);
}

static void test_who_looks_counts_nothing(void **state)
{
	struct ctx *c = *state;

	for (int i = 0; i < 100; i++, c->now += 4 * USEC_SEC)
		assert_int_equal(vouch_look(c, STR("seen.test")), 0);
	assert_int_equal(tries_in(c, STR("seen.test"), 20 * USEC_SEC, 4 * USEC_SEC), 2);
	assert_true(vouch_look(c, STR("seen.test")) > 0);
	assert_int_equal(vouch_look(c, STR("unseen.test")), 0);
}

static void test_quiet_and_clocks(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(tries_in(c, STR("quiet.test"), USEC_HOUR, TRY_TIME), 5);
	c->now += USEC_DAY;
	assert_int_equal(tries_in(c, STR("quiet.test"), USEC_HOUR, TRY_TIME), 5);
	c->now -= 7 * USEC_DAY;
	assert_int_equal(vouch_ask(c, STR("quiet.test")), 0);
}

/* However many names are in trouble, the table does not grow, and each is answered. */
static void test_crowd(void **state)
{
	struct ctx *c = *state;

	for (int i = 0; i < 20000; i++)
		assert_int_equal(vouch_ask(c, str_fmt(c->arena, "crowd%d.test", i)), 0);
	for (int i = 0; i < 20000; i++)
		vouch_forget(c, str_fmt(c->arena, "crowd%d.test", i));
	assert_int_equal(tries_in(c, STR("crowd1.test"), USEC_HOUR, TRY_TIME), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_authority_is_worn_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pauses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_questions_of_one_try, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_visit_forgets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_who_looks_counts_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_quiet_and_clocks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_crowd, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
