/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib/base: values, memory and the tables that all other rooms build on; time: test_clock.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/id.h"
#include "base/log.h"
#include "base/out.h"
#include "base/str.h"
#include "base/table.h"

#include <cmocka.h> /* its macro fail() hides that of base/ctx.h but for (fail)(...) */

static struct arena *arena;

static int setup(void **state unused)
{
	arena = arena_new();
	return 0;
}

static int teardown(void **state unused)
{
	arena_freep(&arena);
	return arena ? -1 : 0;
}

#define assert_str(s, literal) assert_true(str_eq((s), STR(literal)))

/* str */

static void test_str_null_and_empty(void **state unused)
{
	assert_true(str_is_null(STR_NULL));
	assert_true(str_is_null(str_c(NULL)));
	assert_false(str_is_null(STR("")));
	assert_true(str_is_empty(STR_NULL));
	assert_true(str_is_empty(STR("")));
	assert_true(str_eq(STR_NULL, STR("")));
	assert_true(str_is_null(str_dup(arena, STR_NULL)));
	assert_false(str_is_null(str_dup(arena, STR(""))));
	assert_true(str_is_null(str_lower(arena, STR_NULL)));
	assert_null(str_z(arena, STR_NULL));
	assert_string_equal(str_z(arena, STR("")), "");
	assert_true(str_is_null(str_slice(STR_NULL, 1, 3)));
	assert_true(str_is_empty(str_trim(STR_NULL)));
	assert_int_equal(str_find(STR_NULL, STR("x"), 0), SIZE_MAX);
	assert_int_equal(str_find_char(STR_NULL, 'x', 0), SIZE_MAX);
	assert_int_equal(str_find_char_last(STR_NULL, 'x'), SIZE_MAX);
	assert_true(str_starts(STR_NULL, STR_NULL));
	assert_true(str_ends(STR("x"), STR_NULL));
}

static void test_str_compare(void **state unused)
{
	static const struct {
		const char *a, *b;
		int order;
		bool folded;
	} cases[] = {
		{ "", "", 0, true },	     { "a", "", 1, false },	 { "abc", "abc", 0, true },
		{ "abc", "abd", -1, false }, { "ab", "abc", -1, false }, { "ABC", "abc", -1, true },
		{ "aBc", "AbC", 1, true },   { "a[", "a{", -1, false },	 { "\xff", "a", 1, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		str a = str_c(cases[i].a), b = str_c(cases[i].b);
		int order = str_cmp(a, b), back = str_cmp(b, a);

		assert_int_equal((order > 0) - (order < 0), cases[i].order);
		assert_int_equal((back > 0) - (back < 0), -cases[i].order);
		assert_int_equal(str_eq(a, b), cases[i].order == 0);
		assert_int_equal(str_eq_c(a, cases[i].b), cases[i].order == 0);
		assert_int_equal(str_eq_fold(a, b), cases[i].folded);
	}
	assert_false(str_eq((str){ "a\0b", 3 }, (str){ "a\0c", 3 }));
}

static void test_str_ends(void **state unused)
{
	assert_true(str_starts(STR("Accept-Encoding"), STR("Accept")));
	assert_false(str_starts(STR("Acc"), STR("Accept")));
	assert_false(str_starts(STR("accept"), STR("Acc")));
	assert_true(str_starts_fold(STR("accept"), STR("ACC")));
	assert_false(str_starts_fold(STR("a"), STR("ACC")));
	assert_true(str_ends(STR("a.example"), STR(".example")));
	assert_false(str_ends(STR("example"), STR(".example")));
}

static void test_str_find(void **state unused)
{
	str s = STR("abcabc");

	assert_int_equal(str_find(s, STR("c"), 0), 2);
	assert_int_equal(str_find(s, STR("ca"), 0), 2);
	assert_int_equal(str_find(s, STR("abc"), 1), 3);
	assert_int_equal(str_find(s, STR("abc"), 4), SIZE_MAX);
	assert_int_equal(str_find(s, STR(""), 6), 6);
	assert_int_equal(str_find(s, STR(""), 7), SIZE_MAX);
	assert_int_equal(str_find_char(s, 'c', 3), 5);
	assert_int_equal(str_find_char(s, 'x', 0), SIZE_MAX);
	assert_int_equal(str_find_char(s, 'a', 99), SIZE_MAX);
	assert_int_equal(str_find_char_last(s, 'a'), 3);
	assert_int_equal(str_find_char_last(s, 'x'), SIZE_MAX);
}

static void test_str_slice(void **state unused)
{
	str s = STR("abcdef");

	assert_str(str_slice(s, 1, 3), "bc");
	assert_str(str_slice(s, 0, SIZE_MAX), "abcdef");
	assert_str(str_slice(s, 4, 2), "");
	assert_str(str_slice(s, 9, 12), "");
	assert_str(str_from(s, 4), "ef");
	assert_str(str_from(s, 7), "");
	assert_str(str_trim(STR(" \t\r\n\v\fa b \n")), "a b");
	assert_str(str_trim(STR("  ")), "");
	assert_str(str_cat(arena, STR("ab"), STR_NULL), "ab");
	assert_str(str_cat(arena, STR_NULL, STR("cd")), "cd");
	assert_str(str_lower(arena, STR("\xc3\x84 ABz[")), "\xc3\x84 abz[");
	assert_str(str_fmt(arena, "%d-" STR_FMT "|", 7, STR_ARG(str_slice(s, 0, 2))), "7-ab|");
	assert_str(str_fmt(arena, STR_FMT, STR_ARG(STR_NULL)), "");
}

static void test_str_cut(void **state unused)
{
	static const struct {
		const char *s;
		const char *pieces; /* joined by | */
	} cases[] = {
		{ "", "" },	{ "a", "a|" },	 { "a,,b", "a||b|" },
		{ "a,", "a|" }, { ",a", "|a|" }, { ",", "|" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		str s = str_c(cases[i].s), head;
		struct out o;

		out_init(&o, arena, 100);
		while (str_cut(&s, ',', &head)) {
			out_str(&o, head);
			out_char(&o, '|');
		}
		assert_true(str_eq_c(out_view(&o), cases[i].pieces));
	}
}

static void test_str_numbers(void **state unused)
{
	static const struct {
		const char *s;
		bool good;
		int64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "42", true, 42 },
		{ "-42", true, -42 },
		{ "007", true, 7 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "99999999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "--1", false, 0 },
		{ "0x10", false, 0 },
		{ "1e3", false, 0 },
	};
	uint16_t small = 9;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t value = 0;

		assert_int_equal(str_to_i64(str_c(cases[i].s), &value), cases[i].good);
		assert_true(value == cases[i].value);
	}
	assert_true(str_to_u16(STR("65535"), &small));
	assert_int_equal(small, 65535);
	assert_false(str_to_u16(STR("65536"), &small));
	assert_false(str_to_u16(STR("-1"), &small));
	assert_int_equal(small, 65535);
}

static void test_str_utf8(void **state unused)
{
	static const struct {
		const char *s;
		bool good;
		size_t chars;
	} cases[] = {
		{ "", true, 0 },
		{ "abc", true, 3 },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa6", true, 3 },
		{ "\xed\x9f\xbf", true, 1 },
		{ "\xf4\x8f\xbf\xbf", true, 1 },
		{ "\x80", false, 0 },
		{ "\xc3", false, 0 },
		{ "\xc3(", false, 0 },
		{ "\xc0\xaf", false, 0 }, /* longer than needed */
		{ "\xe0\x80\xaf", false, 0 },
		{ "\xf0\x80\x80\xaf", false, 0 },
		{ "\xed\xa0\x80", false, 0 }, /* surrogate */
		{ "\xf4\x90\x80\x80", false, 0 }, /* beyond U+10FFFF */
		{ "\xf5\x80\x80\x80", false, 0 },
		{ "\xe2\x82", false, 0 },
		{ "\xe2\x82(", false, 0 },
		{ "\xff", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		str s = str_dup(arena, str_c(cases[i].s));

		assert_int_equal(str_is_utf8(s), cases[i].good);
		if (cases[i].good)
			assert_int_equal(str_chars(s), cases[i].chars);
	}
	assert_false(str_is_utf8((str){ "a\0b", 3 }));
	assert_true(str_is_utf8(STR_NULL));
}

static void test_str_clip(void **state unused)
{
	static const char text[] = "a\xe2\x82\xac"
				   "b";
	static const size_t clipped[] = { 0, 1, 1, 1, 4, 5, 5 };

	for (size_t n = 0; n < ARRAY_SIZE(clipped); n++)
		assert_int_equal(str_clip(str_c(text), n).n, clipped[n]);
}

/* arena and out */

static void test_arena(void **state unused)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 4000, 16384, 16385, 100000, 1 };
	char *p[ARRAY_SIZE(sizes)];
	size_t sum = 0;

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			p[i] = arena_alloc(arena, sizes[i]);
			assert_int_equal((uintptr_t)p[i] % 16, 0);
			for (size_t at = 0; at < sizes[i]; at++)
				assert_int_equal(p[i][at], 0);
			memset(p[i], (int)i + 1, sizes[i]);
			sum += sizes[i];
		}
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
			if (sizes[i])
				assert_true(p[i][0] == (char)(i + 1) &&
					    p[i][sizes[i] - 1] == (char)(i + 1));
		assert_int_equal(arena_used(arena), sum);
		if (round == 1) {
			arena_reset(arena);
			sum = 0;
			assert_int_equal(arena_used(arena), 0);
		}
	}
	arena_free(NULL);
}

static void test_arena_copy(void **state unused)
{
	int64_t *numbers = arena_array(arena, 3, sizeof(*numbers));

	assert_true(numbers[0] == 0 && numbers[2] == 0);
	assert_memory_equal(arena_copy(arena, "a\0b", 3), "a\0b", 4);
	assert_string_equal(arena_copy(arena, NULL, 0), "");
}

static void test_out(void **state unused)
{
	struct out o;
	str s = STR_NULL;

	out_init(&o, arena, 100000);
	assert_int_equal(out_done(&o, &s), 0);
	assert_false(str_is_null(s));
	out_str(&o, STR_NULL);
	out_c(&o, "a");
	out_char(&o, 'b');
	out_i64(&o, INT64_MIN);
	out_fmt(&o, "%s", "");
	assert_str(out_view(&o), "ab-9223372036854775808");
	out_truncate(&o, 2);
	out_truncate(&o, 9);
	for (int i = 0; i < 1000; i++)
		out_fmt(&o, "[%03d]", i);
	assert_int_equal(out_done(&o, &s), 0);
	assert_int_equal(s.n, 2 + 5000);
	assert_int_equal(s.p[s.n], 0);
	assert_str(str_slice(s, 0, 12), "ab[000][001]");
	assert_str(str_from(s, s.n - 5), "[999]");
}

static void test_out_limit(void **state unused)
{
	static const struct {
		size_t limit;
		int result;
	} cases[] = { { 6, 0 }, { 5, E_TOO_LARGE }, { 0, E_TOO_LARGE }, { 256, 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		str s = STR("untouched");
		struct out o;

		out_init(&o, arena, cases[i].limit);
		out_c(&o, "abc");
		out_fmt(&o, "%d", 123);
		assert_int_equal(out_done(&o, &s), cases[i].result);
		assert_true(str_eq_c(s, cases[i].result ? "untouched" : "abc123"));
	}
}

static void test_out_error_stays(void **state unused)
{
	struct out o;
	str s = STR_NULL;

	out_init(&o, arena, 3);
	out_c(&o, "abcd");
	out_c(&o, "a");
	out_truncate(&o, 0);
	assert_int_equal(out_done(&o, &s), E_TOO_LARGE);
	assert_null(s.p);
}

/* id, err, table, ctx, log */

#define NOV_23 1795466328 /* 2026-11-23T20:38:48Z */

static void test_id(void **state unused)
{
	static const struct {
		const char *s;
		bool good;
	} cases[] = {
		{ "1", true },
		{ "9223372036854775807", true },
		{ "9223372036854775808", false },
		{ "0", false },
		{ "01", false },
		{ "-1", false },
		{ "", false },
		{ "1a", false },
		{ "+1", false },
		{ " 1", false },
	};
	int64_t id = id_at(NOV_23 * USEC_SEC + 1234);

	assert_int_equal(id_time(id), NOV_23 * USEC_SEC + 1000);
	assert_int_equal(id_time(id | 0x3fffff), NOV_23 * USEC_SEC + 1000);
	assert_int_equal(id_kind_of(id + ID_FOLLOW), ID_FOLLOW);
	assert_int_equal(id_kind_of(id + 8 + ID_IDENTITY), ID_IDENTITY);
	assert_int_equal(id_at(0), 0);
	assert_int_equal(id_at(ID_EPOCH), 0);
	assert_true(id_at(INT64_MAX) == INT64_MAX);
	assert_true(id_at(ID_EPOCH + USEC_MSEC * (INT64_MAX >> 22)) == (INT64_MAX >> 22) << 22);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(id_parse(str_c(cases[i].s), &id), cases[i].good);
}

static void test_err_table(void **state unused)
{
	for (int err = 0; err <= E_END; err++) {
		int status = err_http_status(err);

		assert_non_null(err_name(err));
		assert_true(*err_name(err));
		assert_string_not_equal(err_name(err), "broken");
		assert_true(err == E_OK ? status == 200 : status >= 400 && status <= 599);
		for (int other = 0; other < err; other++)
			assert_string_not_equal(err_name(err), err_name(other));
	}
	assert_string_equal(err_name(E_NOT_FOUND), "not_found");
	assert_int_equal(err_http_status(E_GONE), 410);
	assert_false(err_is_transient(E_OK));
	assert_false(err_is_transient(E_INVALID));
	assert_true(err_is_transient(E_LATER));
	assert_true(err_is_transient(-5));
	assert_int_equal(err_http_status(-5), 500);
	assert_string_equal(err_name(-5), "broken");
	assert_string_equal(err_name(E_END + 1), "broken");
}

static int count_try(int result, int *count)
{
	TRY(result);
	++*count;
	return 0;
}

static void test_try(void **state unused)
{
	int count = 0;

	assert_int_equal(count_try(0, &count), 0);
	assert_int_equal(count_try(E_GONE, &count), E_GONE);
	assert_int_equal(count_try(-5, &count), -5);
	assert_int_equal(count, 1);
}

static void test_table(void **state unused)
{
	static const struct name table[] = { { "public", 3 }, { "private", 5 }, { NULL, 0 } };
	int value = 9;

	assert_true(name_to_value(table, STR("private"), &value));
	assert_int_equal(value, 5);
	assert_false(name_to_value(table, STR("Private"), &value));
	assert_false(name_to_value(table, STR("pri"), &value));
	assert_false(name_to_value(table, STR_NULL, &value));
	assert_int_equal(value, 5);
	assert_string_equal(name_of_value(table, 3), "public");
}

static void test_ctx(void **state unused)
{
	struct ctx c, d;

	ctx_init(&c, arena);
	ctx_init(&d, arena);
	assert_int_equal(strlen(c.trace), 16);
	assert_string_not_equal(c.trace, d.trace);
	assert_string_equal(c.span, c.trace);
	assert_string_equal(c.parent, "");
	ctx_follow(&d, 0);
	assert_string_equal(d.span, d.trace);
	ctx_follow(&d, 0x0123456789abcdef);
	assert_string_equal(d.trace, "0123456789abcdef");
	assert_string_equal(d.parent, d.trace);
	assert_int_equal(strlen(d.span), 16);
	assert_string_not_equal(d.span, d.trace);
	ctx_begin(&d, -2, 1);
	assert_string_equal(d.trace, "fffffffffffffffe");
	assert_string_equal(d.span, d.trace);
	assert_string_equal(d.parent, "0000000000000001");
	ctx_begin(&d, 3, 0);
	assert_string_equal(d.parent, "");
	assert_str(ctx_error(&c, E_GONE), "gone");
	assert_int_equal((fail)(&c, E_TOO_LARGE, "%d is over %d", 7, 5), E_TOO_LARGE);
	assert_str(ctx_error(&c, E_TOO_LARGE), "7 is over 5");
	assert_int_equal((fail)(&c, -5, "%5000d", 1), -5);
	assert_str(ctx_error(&c, -5), "the message is too long");
	assert_int_equal(fail_row(&c, "post_get"), E_NOT_FOUND);
	assert_str(ctx_error(&c, E_NOT_FOUND), "post_get: no such row");
	assert_str(ctx_words(&c, E_NOT_FOUND), "Record not found");
	assert_int_equal((fail)(&c, E_GONE, "it went"), E_GONE);
	assert_str(ctx_words(&c, E_GONE), "it went");
}

/* What the call writes to standard error. */
static str logged(void (*fn)(const struct ctx *c), const struct ctx *c)
{
	int kept = dup(STDERR_FILENO), ends[2];
	char *line = arena_alloc(arena, 5000);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	fn(c);
	dup2(kept, STDERR_FILENO);
	close(kept);
	n = read(ends[0], line, 5000);
	close(ends[0]);
	assert_true(n >= 0);
	return (str){ line, (size_t)n };
}

static void log_forged(const struct ctx *c)
{
	log_warn(c, "peer=%s", "a\n<3>forged=\x7f\t1");
}

static void log_long(const struct ctx *c)
{
	log_error(c, "text=%05000d", 1);
}

static void log_detail(const struct ctx *c)
{
	log_debug(c, "detail=%d", 1);
}

static void test_log(void **state unused)
{
	struct ctx c;
	enum log_level level;
	str line;

	ctx_init(&c, arena);
	ctx_begin(&c, 0x0123456789abcdef, 0);
	c.domain_id = 4;
	c.identity_id = 5;
	assert_str(logged(log_forged, NULL), "<4>peer=a <3>forged=  1\n");
	assert_str(
		logged(log_forged, &c),
		"<4>req=0123456789abcdef span_id=0123456789abcdef domain=4 identity=5 peer=a <3>forged=  1\n");
	ctx_begin(&c, 1, 2);
	assert_str(logged(log_forged, &c), "<4>req=0000000000000001 span_id=0000000000000001 "
					   "parent_span_id=0000000000000002 domain=4 identity=5 "
					   "peer=a <3>forged=  1\n");
	line = logged(log_long, &c);
	assert_in_range(line.n, 1000, 4096);
	assert_int_equal(str_find_char(line, '\n', 0), line.n - 1);
	assert_true(log_level_of("debug", &level));
	assert_false(log_level_of("Debug", &level));
	assert_str(logged(log_detail, NULL), "");
	log_set_level(level);
	assert_str(logged(log_detail, NULL), "<7>detail=1\n");
	log_set_level(LOG_INFO);
}

#define BASE_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BASE_TEST(test_str_null_and_empty),
		BASE_TEST(test_str_compare),
		BASE_TEST(test_str_ends),
		BASE_TEST(test_str_find),
		BASE_TEST(test_str_slice),
		BASE_TEST(test_str_cut),
		BASE_TEST(test_str_numbers),
		BASE_TEST(test_str_utf8),
		BASE_TEST(test_str_clip),
		BASE_TEST(test_arena),
		BASE_TEST(test_arena_copy),
		BASE_TEST(test_out),
		BASE_TEST(test_out_limit),
		BASE_TEST(test_out_error_stays),
		BASE_TEST(test_id),
		BASE_TEST(test_err_table),
		BASE_TEST(test_try),
		BASE_TEST(test_table),
		BASE_TEST(test_ctx),
		BASE_TEST(test_log),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
