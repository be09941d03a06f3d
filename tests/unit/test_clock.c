/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib/base/clock.h: both written forms of a moment, and what is refused when one is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"

static struct arena *arena;

static int setup(void **state unused)
{
	arena = arena_new();
	return 0;
}

static int teardown(void **state unused)
{
	arena_freep(&arena);
	return 0;
}

#define NOV_23 1795466328 /* 2026-11-23T20:38:48Z */

static void test_clock_write(void **state unused)
{
	static const struct {
		usec t;
		const char *iso, *http;
	} cases[] = {
		{ NOV_23 * USEC_SEC + 123456, "2026-11-23T20:38:48.123Z",
		  "Mon, 23 Nov 2026 20:38:48 GMT" },
		{ 0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ -1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 GMT" },
		{ 951782400 * USEC_SEC, "2000-02-29T00:00:00.000Z",
		  "Tue, 29 Feb 2000 00:00:00 GMT" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		usec back;

		assert_true(str_eq_c(clock_iso(arena, cases[i].t), cases[i].iso));
		assert_true(str_eq_c(clock_http(arena, cases[i].t), cases[i].http));
		assert_true(clock_parse_iso(str_c(cases[i].iso), &back));
		assert_in_range(cases[i].t - back, 0, 999);
		assert_true(clock_parse_http(str_c(cases[i].http), &back));
		assert_in_range(cases[i].t - back, 0, USEC_SEC - 1);
	}
}

static void test_clock_parse_iso(void **state unused)
{
	static const struct {
		const char *s;
		usec t;
	} cases[] = {
		{ "2026-11-23T20:38:48Z", NOV_23 * USEC_SEC },
		{ "2026-11-23t20:38:48z", NOV_23 * USEC_SEC },
		{ "2026-11-23 20:38:48", NOV_23 * USEC_SEC },
		{ "2026-11-23T20:38:48.5Z", NOV_23 * USEC_SEC + 500000 },
		{ "2026-11-23T20:38:48.123456789Z", NOV_23 * USEC_SEC + 123456 },
		{ "2026-11-23T21:38:48+01:00", NOV_23 * USEC_SEC },
		{ "2026-11-23T15:08:48-0530", NOV_23 * USEC_SEC },
		{ "2026-11-24T00:38:48.000+04:00", NOV_23 * USEC_SEC },
		{ "2016-12-31T23:59:60Z", 1483228800 * USEC_SEC },
		{ "2000-02-29T12:00:60Z", 951825660 * USEC_SEC },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		usec t = 1;

		if (!clock_parse_iso(str_c(cases[i].s), &t) || t != cases[i].t)
			fail_msg("%s is %lld", cases[i].s, (long long)t);
	}
}

static void test_clock_refusals(void **state unused)
{
	static const char *const iso[] = {
		"",
		"2026",
		"2026-11-23",
		"2026-11-23T20:38",
		"2026-11-23T20:38:48.",
		"2026-11-23T20:38:48.Z",
		"2026-11-23T20:38:48 Z",
		"2026-11-23T20:38:48Zx",
		"2026-11-23T20:38:48+1",
		"2026-11-23T20:38:48+01:",
		"2026-11-23T20:38:48+24:00",
		"2026-11-23T20:38:48+01:60",
		"2026-11-23T20:38:48*01:00",
		"2026-11-23T24:00:00Z",
		"2026-11-23T20:60:00Z",
		"2026-11-23T20:38:61Z",
		"2026-00-23T20:38:48Z",
		"2026-13-23T20:38:48Z",
		"2026-11-00T20:38:48Z",
		"2026-11-31T20:38:48Z",
		"2026-02-29T20:38:48Z",
		"2026-02-29T00:00:60Z",
		"1900-02-29T00:00:00Z",
		"-026-11-23T20:38:48Z",
		"2026-1-23T20:38:48Z",
		"2026-11-23X20:38:48Z",
		" 2026-11-23T20:38:48Z",
	};
	static const char *const http[] = {
		"",
		"Mon, 23 Nov 2026 20:38:48",
		"Mon, 23 Nov 2026 20:38:48 UTC",
		"Mon, 23 Nov 2026 20:38:48 GMT ",
		"mon, 23 Nov 2026 20:38:48 GMT",
		"Mon, 23 Nox 2026 20:38:48 GMT",
		"Mon, 3 Nov 2026 20:38:48 GMT",
		"Mon, 31 Nov 2026 20:38:48 GMT",
		"Mon, 23 Nov 2026 24:38:48 GMT",
		"Monday, 23-Nov-26 20:38:48 GMT",
		"Mon Nov 23 20:38:48 2026",
		"23 Nov 2026 20:38:48 GMT",
	};
	usec t = 5;

	for (size_t i = 0; i < ARRAY_SIZE(iso); i++)
		if (clock_parse_iso(str_c(iso[i]), &t))
			fail_msg("%s is taken", iso[i]);
	for (size_t i = 0; i < ARRAY_SIZE(http); i++)
		if (clock_parse_http(str_c(http[i]), &t))
			fail_msg("%s is taken", http[i]);
	assert_int_equal(t, 5);
}

static void test_clock_now(void **state unused)
{
	usec mono = clock_mono(), real = clock_real();

	assert_true(mono > 0 && clock_mono() >= mono);
	assert_in_range(time(NULL) - real / USEC_SEC, 0, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock_write),
		cmocka_unit_test(test_clock_parse_iso),
		cmocka_unit_test(test_clock_refusals),
		cmocka_unit_test(test_clock_now),
	};

	return cmocka_run_group_tests_name("clock", tests, setup, teardown);
}
