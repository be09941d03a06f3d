/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How often programs may ask: windows in memory, by tenant, address and token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "model/settings.h"
#include "model/token.h"
#include "server/rate.h"

#include <cmocka.h>

#define NOON (1000 * 300 * USEC_SEC) /* when windows of five minutes begin */

static const struct route anything = { .pattern = "/api/v1/anything" };
static struct settings settings;

struct asker {
	struct ctx c;
	struct request q;
	struct token_row token;
	struct response r;
};

static int set_up(void **state)
{
	static struct asker a;

	a = (struct asker){ .q.method = METHOD_GET };
	ctx_init(&a.c, arena_new());
	a.c.settings = &settings;
	a.c.now = NOON;
	settings.rate_limits = 1;
	*state = &a;
	return 0;
}

static int tear_down(void **state)
{
	struct asker *a = *state;

	arena_free(a->c.arena);
	return 0;
}

/* Requests that are let through, of so many. */
static int by_address(struct asker *a, int64_t domain_id, str address, int n)
{
	int taken = 0;

	a->c.domain_id = domain_id;
	a->q.address = address;
	for (int i = 0; i < n; i++) {
		a->r = (struct response){ 0 };
		taken += rate_count_address(&a->c, &anything, &a->q, &a->r) == 0;
	}
	return taken;
}

static int by_token(struct asker *a, int64_t domain_id, int64_t token, int n)
{
	int taken = 0;

	a->c.domain_id = domain_id;
	a->token.id = token;
	a->q.token = &a->token;
	for (int i = 0; i < n; i++) {
		a->r = (struct response){ 0 };
		taken += rate_count_token(&a->c, &anything, &a->q, &a->r) == 0;
	}
	return taken;
}

static void test_address(void **state)
{
	struct asker *a = *state;

	assert_int_equal(by_address(a, 1, STR("192.0.2.1"), 100), 75);
	assert_int_equal(a->r.rate.limit, 75);
	assert_int_equal(a->r.rate.remaining, 0);
	assert_int_equal(a->r.rate.reset, NOON + 300 * USEC_SEC);
	assert_int_equal(a->r.retry_after, 300 * USEC_SEC);
	assert_int_equal(by_address(a, 1, STR("192.0.2.2"), 10), 10);
	assert_int_equal(by_address(a, 2, STR("192.0.2.1"), 10), 10);
	a->c.now += 300 * USEC_SEC;
	assert_int_equal(by_address(a, 1, STR("192.0.2.1"), 10), 10);
	assert_int_equal(a->r.rate.remaining, 65);
}

static void test_token(void **state)
{
	struct asker *a = *state;

	assert_int_equal(by_token(a, 3, 7, 10), 3);
	assert_int_equal(by_token(a, 3, 8, 10), 3);
	assert_int_equal(by_token(a, 3, 7, 10), 0);
	settings.rate_limits = 1000000;
	assert_int_equal(by_token(a, 3, 7, 10), 10);
}

/* One community cannot take all of the server, from however many addresses. */
static void test_tenant(void **state)
{
	struct asker *a = *state;
	int taken = 0;

	for (int i = 0; i < 2100; i++)
		taken += by_address(a, 4, str_fmt(a->c.arena, "192.0.%d.%d", i / 256, i % 256), 1);
	assert_int_equal(taken, 2000);
	assert_int_equal(a->r.rate.limit, 2000);
	assert_int_equal(by_address(a, 5, STR("192.0.2.1"), 1), 1);
}

/* However many come by, whoever asks much is not forgotten. */
static void test_crowd(void **state)
{
	struct asker *a = *state;

	assert_int_equal(by_token(a, 6, 1, 10), 3);
	for (int64_t token = 2; token < 100000; token++)
		(void)by_token(a, 6, token, 1);
	assert_int_equal(by_token(a, 6, 1, 10), 0);
}

static void test_off(void **state)
{
	struct asker *a = *state;

	settings.rate_limits = 0;
	assert_int_equal(by_token(a, 7, 1, 1000), 1000);
	assert_int_equal(a->r.rate.limit, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_address, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_token, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tenant, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_crowd, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_off, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
