/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Filters of server/web/view.c, table by table. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "server/web/view.h"

#include <cmocka.h>

#define NOW (1795466328 * USEC_SEC) /* 2026-11-23 20:38:48 UTC */

static struct arena *arena;

static void assert_text(str s, const char *want)
{
	if (!str_eq_c(s, want))
		fail_msg("\"" STR_FMT "\" is not \"%s\"", STR_ARG(s), want);
}

static void test_since(void **state unused)
{
	static const struct {
		usec ago;
		const char *want;
	} cases[] = {
		{ -USEC_HOUR, "now" },	     { 0, "now" },
		{ USEC_MINUTE - 1, "now" },  { USEC_MINUTE, "1m" },
		{ USEC_HOUR - 1, "59m" },    { USEC_HOUR, "1h" },
		{ USEC_DAY - 1, "23h" },     { USEC_DAY, "1d" },
		{ 7 * USEC_DAY - 1, "6d" },  { 7 * USEC_DAY, "16 Nov" },
		{ 326 * USEC_DAY, "1 Jan" }, { 327 * USEC_DAY, "31 Dec 2025" },
		{ NOW + 1, "31 Dec 1969" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_text(since(arena, NOW - cases[i].ago, NOW), cases[i].want);
}

static void test_until(void **state unused)
{
	assert_text(until(arena, NOW - USEC_DAY, NOW), "0m");
	assert_text(until(arena, NOW + 5 * USEC_MINUTE, NOW), "5m");
	assert_text(until(arena, NOW + 3 * USEC_HOUR, NOW), "3h");
	assert_text(until(arena, NOW + 30 * USEC_DAY, NOW), "30d");
}

static void test_moment(void **state unused)
{
	assert_text(moment(arena, NOW), "23 November 2026, 20:38 UTC");
	assert_text(moment(arena, 0), "1 January 1970, 00:00 UTC");
	assert_text(month(arena, NOW), "November 2026");
}

static void test_count(void **state unused)
{
	static const struct {
		int64_t n;
		const char *want;
	} cases[] = {
		{ -5, "-5" },
		{ 0, "0" },
		{ 999, "999" },
		{ 1000, "1K" },
		{ 1099, "1K" },
		{ 1100, "1.1K" },
		{ 9999, "9.9K" },
		{ 10000, "10K" },
		{ 999999, "999K" },
		{ 1000000, "1M" },
		{ 5670000, "5.6M" },
		{ 2000000000, "2B" },
		{ INT64_MAX, "9223372T" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_text(count(arena, cases[i].n), cases[i].want);
	assert_text(count_some(arena, 0), "");
	assert_text(count_some(arena, 1), "1");
}

static void test_shown_handle(void **state unused)
{
	str here = STR("example.org");

	assert_text(shown_handle(arena, STR("@ann@example.org"), here), "@ann");
	assert_text(shown_handle(arena, STR("@ann@Example.ORG"), here), "@ann");
	assert_text(shown_handle(arena, STR("@ann@sub.example.org"), here), "@ann@sub.example.org");
	assert_text(shown_handle(arena, STR("@example.org"), here), "@example.org");
	assert_text(shown_handle(arena, STR(""), here), "");
}

static void test_initials(void **state unused)
{
	static const struct {
		str name;
		const char *want;
	} cases[] = {
		{ STR("Ann Thistlewood"), "AT" },
		{ STR("ann"), "A" },
		{ STR("  ann   de la  mare "), "AM" },
		{ STR("Ång \xf0\x9f\x90\xa6"), "Å" },
		{ STR("\xf0\x9f\x90\xa6 \xe2\x9a\x93"), "?" },
		{ STR("(she) *her*"), "SH" },
		{ STR("عمر الخيام"), "عا" },
		{ STR("みかん"), "み" },
		{ STR(""), "?" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_text(initials(arena, cases[i].name), cases[i].want);
}

static void test_tint(void **state unused)
{
	bool seen[8] = { false };

	for (int i = 0; i < 200; i++) {
		int n = tint(arena, str_fmt(arena, "@name%d@example.org", i));

		assert_in_range(n, 0, 7);
		seen[n] = true;
	}
	for (int i = 0; i < 8; i++)
		assert_true(seen[i]);
	assert_int_equal(tint(arena, STR("@Ann@Example.org")),
			 tint(arena, STR("@ann@example.org")));
}

static void test_url_part(void **state unused)
{
	assert_text(url_part(arena, STR("Az09-._~")), "Az09-._~");
	assert_text(url_part(arena, STR("a b/c?d#e&f%")), "a%20b%2Fc%3Fd%23e%26f%25");
	assert_text(url_part(arena, STR("é")), "%C3%A9");
	assert_text(url_part(arena, (str){ "\0", 1 }), "%00");
	assert_text(url_part(arena, STR("")), "");
}

static double channel(unsigned byte)
{
	double v = byte / 255.0;

	return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double luminance(unsigned rgb)
{
	return 0.2126 * channel(rgb >> 16 & 255) + 0.7152 * channel(rgb >> 8 & 255) +
	       0.0722 * channel(rgb & 255);
}

static double contrast(unsigned a, unsigned b)
{
	double x = luminance(a), y = luminance(b);

	return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

/* Whatever a tenant chooses can be read on every surface of style.css, and on its buttons. */
static void test_theme(void **state unused)
{
	static const char *const accents[] = {
		"#2f6f5e", "#000000", "#ffffff", "#ffcc00", "#0000ff", "#ff0000", "#00ff00",
		"#808080", "#123456", "#fedcba", "#ff00ff", "#7f0000", "#00007f", "#f0f8ff",
	};
	static const unsigned light_surfaces[] = { 0xf4f1e9, 0xfdfcf8, 0xefebe0, 0xffffff };
	static const unsigned dark_surfaces[] = { 0x131718, 0x1b2021, 0x242a2b, 0x0e1514 };

	for (size_t i = 0; i < ARRAY_SIZE(accents); i++) {
		str css = theme_css(arena, str_c(accents[i]));
		unsigned light, dark;

		assert_int_equal(sscanf(css.p, ":root{--accent-light:#%6x;--accent-dark:#%6x;",
					&light, &dark),
				 2);
		for (size_t k = 0; k < 4; k++) {
			assert_true(contrast(light, light_surfaces[k]) >= 4.5);
			assert_true(contrast(dark, dark_surfaces[k]) >= 4.5);
		}
	}
}

static void test_theme_invalid(void **state unused)
{
	static const char *const accents[] = {
		"", "red", "#fff", "#2f6f5", "#2f6f5e0", "#2f6f5g", "}*{} ", "#-1-1-1",
	};
	str want = theme_css(arena, STR(ACCENT_DEFAULT));

	for (size_t i = 0; i < ARRAY_SIZE(accents); i++)
		assert_true(str_eq(theme_css(arena, str_c(accents[i])), want));
}

static int make_arena(void **state unused)
{
	arena = arena_new();
	return 0;
}

static int free_arena(void **state unused)
{
	arena_free(arena);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_since),	     cmocka_unit_test(test_until),
		cmocka_unit_test(test_moment),	     cmocka_unit_test(test_count),
		cmocka_unit_test(test_shown_handle), cmocka_unit_test(test_initials),
		cmocka_unit_test(test_tint),	     cmocka_unit_test(test_url_part),
		cmocka_unit_test(test_theme),	     cmocka_unit_test(test_theme_invalid),
	};

	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
