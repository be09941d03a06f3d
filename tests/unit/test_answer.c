/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib/fetch/answer: media types with their parameters, and Retry-After. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "fetch/answer.h"

#include <cmocka.h>

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#define AS "https://www.w3.org/ns/activitystreams"

static void test_media_types(unused void **state)
{
	static const char *const wanted[] = { "application/activity+json",
					      "application/ld+json; profile=\"" AS "\"", NULL };
	static const struct {
		const char *type;
		bool ok;
	} rows[] = {
		{ "application/activity+json", true },
		{ "Application/Activity+JSON ; charset=utf-8", true },
		{ "application/ld+json; profile=\"" AS "\"", true },
		{ "application/ld+json;profile=\"" AS "\";charset=utf-8", true },
		{ "application/ld+json; charset=\"utf-8\"; PROFILE=\"" AS "\"", true },
		{ "application/ld+json; profile=" AS, true },
		{ "application/ld+json; profile=\"https://w3id.org/security/v1 " AS "\"", true },
		{ "application/ld+json", false },
		{ "application/ld+json; profile=\"https://w3id.org/security/v1\"", false },
		{ "application/ld+json; profile=\"" AS "/x\"", false },
		{ "application/ld+json; x=\"; profile=" AS "\"", false },
		{ "application/ld+json; x=\"\\\"; profile=" AS "\"", false },
		{ "application/ld+json; profile", false },
		{ "application/ld+json; profile=\"", false },
		{ "application/json", false },
		{ "text/html, application/activity+json", false },
		{ "application/activity+jsonx", false },
		{ ";", false },
		{ "", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (answer_is_of_type(str_c(rows[i].type), wanted) != rows[i].ok)
			fail_msg("%s", rows[i].type);
}

static usec retry_after(str value)
{
	const struct fetch_header h = { STR("retry-after"), value };
	const struct fetch_response r = { .headers = &h, .n_headers = 1 };

	return answer_retry_after(&r);
}

static void test_retry_after(void **state)
{
	static const struct {
		const char *text;
		usec wait;
	} rows[] = {
		{ "120", 120 * USEC_SEC },
		{ " 5 ", 5 * USEC_SEC },
		{ "0", 0 },
		{ "-5", 0 },
		{ "1.5", 0 },
		{ "soon", 0 },
		{ "", 0 },
		{ "999999999999999999", 365 * USEC_DAY },
		{ "99999999999999999999999", 0 },
		{ "Wed, 21 Oct 2015 07:28:00 GMT", 0 },
		{ "Fri, 31 Dec 9999 23:59:59 GMT", 365 * USEC_DAY },
	};
	usec wait = retry_after(clock_http(*state, clock_real() + USEC_HOUR));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(retry_after(str_c(rows[i].text)), rows[i].wait);
	assert_true(wait > USEC_HOUR - 3 * USEC_SEC && wait <= USEC_HOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_media_types),
		cmocka_unit_test(test_retry_after),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
