/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/json: what is refused, what the accessors answer, canonical text against the RFC 8785
 * vectors, numbers against RFC 8785 appendix B, and the writer.
 */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/ctx.h"
#include "base/err.h"
#include "json/json.h"
#include "json/write.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define VECTORS "tests/vectors/jcs/"

static int setup(void **state)
{
	struct ctx *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	ctx_init(c, arena_new());
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct ctx *c = *state;

	arena_free(c->arena);
	free(c);
	return 0;
}

static void filep_close(FILE **f)
{
	if (*f)
		fclose(*f);
}

static str file_read(struct arena *a, const char *path)
{
	FILE *f cleanup(filep_close) = fopen(path, "rb");
	struct out o;
	char block[4096];
	size_t n;

	assert_non_null(f);
	out_init(&o, a, 1 << 20);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		out_str(&o, (str){ block, n });
	return str_dup(a, out_view(&o));
}

static void assert_str(str got, const char *want)
{
	if (!str_eq_c(got, want))
		fail_msg("got [" STR_FMT "], want [%s]", STR_ARG(got), want);
}

static const struct json *parse(struct ctx *c, str text)
{
	const struct json *j = NULL;

	if (json_parse(c, text, &j))
		fail_msg(STR_FMT ": " STR_FMT, STR_ARG(text), STR_ARG(c->error));
	return j;
}

static str nested(struct arena *a, size_t depth)
{
	struct out o;

	out_init(&o, a, 1 << 20);
	for (size_t i = 0; i < depth; i++)
		out_char(&o, '[');
	for (size_t i = 0; i < depth; i++)
		out_char(&o, ']');
	return out_view(&o);
}

static void test_refused(void **state)
{
	struct ctx *c = *state;
	static const struct {
		str text;
		const char *reason;
	} rows[] = {
		{ STR_NULL, "ends too early" },
		{ STR(""), "ends too early" },
		{ STR("  "), "ends too early" },
		{ STR("{"), "ends too early" },
		{ STR("[1,]"), "syntax" },
		{ STR("{\"a\":1,}"), "syntax" },
		{ STR("{a:1}"), "syntax" },
		{ STR("'a'"), "syntax" },
		{ STR("01"), "syntax" },
		{ STR("1 2"), "more text" },
		{ STR("[1] x"), "more text" },
		{ STR("NaN"), "syntax" },
		{ STR("\"a\nb\""), "syntax" },
		{ STR("\"\\x\""), "syntax" },
		{ STR("\"\\ud800\""), "syntax" },
		{ STR("{\"a\":1,\"a\":2}"), "there twice" },
		{ STR("{\"x\":{\"a\":1,\"\\u0061\":2}}"), "there twice" },
		{ STR("\"a\\u0000b\""), "NUL" },
		{ STR("{\"a\\u0000b\":1}"), "NUL" },
		{ STR("\"a\0b\""), "syntax" },
		{ STR("\"\xff\""), "not UTF-8" },
		{ STR("\"\xc0\x80\""), "not UTF-8" },
		{ STR("\"\xed\xa0\x80\""), "not UTF-8" },
		{ STR("1e400"), "out of range" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct json *j = NULL;
		int result = json_parse(c, rows[i].text, &j);

		if (result != E_INVALID || !strstr(str_z(c->arena, c->error), rows[i].reason))
			fail_msg("row %zu: %d " STR_FMT, i, result, STR_ARG(c->error));
		assert_null(j);
	}
}

static void test_limits(void **state)
{
	struct ctx *c = *state;
	const struct json *j = NULL;
	char *big = arena_alloc(c->arena, JSON_TEXT_LIMIT + 1);

	assert_int_equal(json_parse(c, nested(c->arena, JSON_DEPTH_LIMIT), &j), 0);
	assert_int_equal(json_parse(c, nested(c->arena, JSON_DEPTH_LIMIT + 1), &j), E_INVALID);
	assert_int_equal(json_parse(c, nested(c->arena, 100000), &j), E_INVALID);
	assert_int_equal(json_parse(c,
				    STR("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
					"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\"}"),
				    &j),
			 0);
	memset(big, ' ', JSON_TEXT_LIMIT + 1);
	assert_int_equal(json_parse(c, (str){ big, JSON_TEXT_LIMIT + 1 }, &j), E_TOO_LARGE);
}

static void test_accessors(void **state)
{
	struct ctx *c = *state;
	const struct json *j =
		parse(c, STR("{\"s\":\"\xc3\xa9\",\"empty\":\"\",\"i\":-7,\"f\":1.5,\"whole\":56.0,"
			     "\"huge\":1e30,\"t\":true,\"no\":false,\"n\":null,\"a\":[1,\"x\",[]],"
			     "\"o\":{\"k\":\"v\"}}"));

	assert_str(json_get_str(j, "s"), "\xc3\xa9");
	assert_str(json_get_str(j, "empty"), "");
	assert_true(str_is_null(json_get_str(j, "i")));
	assert_true(str_is_null(json_get_str(j, "missing")));
	assert_int_equal(json_get_i64(j, "i"), -7);
	assert_int_equal(json_get_i64(j, "whole"), 56);
	assert_int_equal(json_get_i64(j, "f"), 0);
	assert_int_equal(json_get_i64(j, "huge"), 0);
	assert_int_equal(json_get_i64(j, "s"), 0);
	assert_true(json_f64(json_get(j, "f")) == 1.5);
	assert_true(json_f64(json_get(j, "i")) == -7);
	assert_true(json_f64(json_get(j, "s")) == 0);
	assert_true(json_get_bool(j, "t"));
	assert_false(json_get_bool(j, "no"));
	assert_false(json_get_bool(j, "i"));
	assert_true(json_is(json_get(j, "n"), JSON_NULL));
	assert_true(json_is(json_get(j, "missing"), JSON_ABSENT));
	assert_int_equal(json_count(json_get(j, "a")), 3);
	assert_int_equal(json_count(j), 0);
	assert_str(json_str(json_at(json_get(j, "a"), 1)), "x");
	assert_null(json_at(json_get(j, "a"), 3));
	assert_null(json_get(json_get(json_get(j, "a"), "b"), "c"));
	assert_str(json_get_str(json_get(j, "o"), "k"), "v");
}

static void test_members_in_order(void **state)
{
	struct ctx *c = *state;
	const struct json *j = parse(c, STR("{\"z\":1,\"a\":2,\"m\":3}"));
	static const char *const want[] = { "z", "a", "m" };
	const struct json *value;
	str key;
	size_t n = 0;

	while (json_member(j, n, &key, &value)) {
		assert_str(key, want[n]);
		assert_int_equal(json_i64(value), (int64_t)n + 1);
		n++;
	}
	assert_int_equal(n, 3);
	assert_false(json_member(NULL, 0, &key, &value));
}

static void test_need_str(void **state)
{
	struct ctx *c = *state;
	const struct json *j = parse(c, STR("{\"id\":\"x\",\"actor\":5}"));
	str got = STR_NULL;

	assert_int_equal(json_need_str(c, j, "id", &got), 0);
	assert_str(got, "x");
	assert_int_equal(json_need_str(c, j, "actor", &got), E_INVALID);
	assert_str(c->error, "member \"actor\" is not a string");
	assert_int_equal(json_need_str(c, j, "type", &got), E_INVALID);
	assert_str(c->error, "member \"type\" is missing");
	assert_str(got, "x");
}

static void test_lists(void **state)
{
	struct ctx *c = *state;
	const struct json *j = parse(c, STR("{\"one\":\"a\",\"two\":[\"b\",\"c\"],\"nil\":null}"));

	assert_int_equal(json_list_count(json_get(j, "one")), 1);
	assert_str(json_str(json_list_at(json_get(j, "one"), 0)), "a");
	assert_null(json_list_at(json_get(j, "one"), 1));
	assert_int_equal(json_list_count(json_get(j, "two")), 2);
	assert_str(json_str(json_list_at(json_get(j, "two"), 1)), "c");
	assert_int_equal(json_list_count(json_get(j, "nil")), 0);
	assert_null(json_list_at(json_get(j, "nil"), 0));
	assert_int_equal(json_list_count(NULL), 0);
}

static void test_outlives_its_text(void **state)
{
	struct ctx *c = *state;
	char text[] = "{\"key\":[\"value\"]}";
	const struct json *j = parse(c, str_c(text));

	memset(text, 'x', sizeof(text) - 1);
	assert_str(json_dump(c, j), "{\"key\":[\"value\"]}");
}

static void test_dump(void **state)
{
	struct ctx *c = *state;
	const struct json *j =
		parse(c, STR(" { \"b\" : [ 1 , 2.50, true, null ] ,\n\"a\":"
			     "\"\\u00e9\\/\\u001f\\u2028\", \"n\":9007199254740993}"));

	assert_str(json_dump(c, j),
		   "{\"b\":[1,2.5,true,null],\"a\":\"\xc3\xa9/\\u001f\xe2\x80\xa8\","
		   "\"n\":9007199254740993}");
	assert_str(json_dump(c, NULL), "null");
	assert_str(json_canonical(c, json_get(j, "n")), "9007199254740992");
	j = parse(c, STR("[9223372036854775807,-9223372036854775808]"));
	assert_str(json_dump(c, j), "[9223372036854775807,-9223372036854775808]");
	j = parse(c, STR("[9223372036854775808,1E20,7]"));
	assert_str(json_dump(c, j), "[9223372036854776000,100000000000000000000,7]");
	assert_int_equal(json_i64(json_at(j, 2)), 7);
	assert_int_equal(json_i64(json_at(j, 0)), 0);
}

/* Bytes written as pairs of hexadecimal digits with white space between them. */
static str unhex(struct arena *a, str text)
{
	struct out o;
	str rest = str_trim(text);

	out_init(&o, a, 1 << 20);
	while (rest.n) {
		char digits[3] = { rest.p[0], rest.p[1], 0 };

		out_char(&o, (char)strtoul(digits, NULL, 16));
		rest = str_trim(str_from(rest, 2));
	}
	return out_view(&o);
}

static void test_canonical_vectors(void **state)
{
	struct ctx *c = *state;
	static const char *const names[] = { "arrays",	"french", "structures",
					     "unicode", "values", "weird" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		str in =
			file_read(c->arena, str_fmt(c->arena, VECTORS "input/%s.json", names[i]).p);
		str hex =
			file_read(c->arena, str_fmt(c->arena, VECTORS "outhex/%s.txt", names[i]).p);
		str want = unhex(c->arena, hex);

		assert_str(json_canonical(c, parse(c, in)), str_z(c->arena, want));
	}
}

static void test_numbers(void **state)
{
	struct ctx *c = *state;
	static const struct {
		double value;
		const char *want;
	} rows[] = {
		{ 0.0, "0" },
		{ -0.0, "0" },
		{ 5e-324, "5e-324" },
		{ -5e-324, "-5e-324" },
		{ DBL_MAX, "1.7976931348623157e+308" },
		{ DBL_MIN, "2.2250738585072014e-308" },
		{ 9007199254740992, "9007199254740992" },
		{ -9007199254740992, "-9007199254740992" },
		{ 295147905179352830000.0, "295147905179352830000" },
		{ 9.999999999999997e22, "9.999999999999997e+22" },
		{ 1e23, "1e+23" },
		{ 1.0000000000000001e23, "1.0000000000000001e+23" },
		{ 999999999999999700000.0, "999999999999999700000" },
		{ 999999999999999900000.0, "999999999999999900000" },
		{ 1e21, "1e+21" },
		{ 9.999999999999997e-7, "9.999999999999997e-7" },
		{ 0.000001, "0.000001" },
		{ 1e-7, "1e-7" },
		{ 333333333.3333332, "333333333.3333332" },
		{ 333333333.33333325, "333333333.33333325" },
		{ 333333333.3333333, "333333333.3333333" },
		{ -0.0000033333333333333333, "-0.0000033333333333333333" },
		{ 1424953923781206.2, "1424953923781206.2" },
		{ 0x1p-44, "5.684341886080802e-14" },
		{ 0x1p-24, "5.960464477539063e-8" },
		{ 1.5, "1.5" },
		{ 100, "100" },
		{ NAN, "null" },
		{ INFINITY, "null" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_out w;
		str got = STR_NULL;

		json_out_init(&w, c->arena, 100);
		json_put_f64(&w, NULL, rows[i].value);
		assert_int_equal(json_out_done(&w, &got), 0);
		assert_str(got, rows[i].want);
	}
}

static void test_write(void **state)
{
	struct ctx *c = *state;
	struct json_out w;
	str got = STR_NULL;

	json_out_init(&w, c->arena, 4096);
	json_open_object(&w, NULL);
	json_put_str(&w, "s", STR("a\"b\\c\n\x01/<\x7f"));
	json_put_str(&w, "null", STR_NULL);
	json_put_str(&w, "empty", STR(""));
	json_put_c(&w, "c", "z");
	json_put_c(&w, "cnull", NULL);
	json_put_i64(&w, "min", INT64_MIN);
	json_put_id(&w, "id", 112);
	json_put_id(&w, "noid", 0);
	json_put_bool(&w, "t", true);
	json_put_time(&w, "at", 1000000 * USEC_SEC + 123456);
	json_put_time(&w, "never", 0);
	json_put_raw(&w, "raw", STR("{\"x\":[]}"));
	json_put_raw(&w, "noraw", STR_NULL);
	json_put_str_opt(&w, "gone", STR(""));
	json_put_str_opt(&w, "there", STR("x"));
	json_open_array(&w, "list");
	json_open_object(&w, NULL);
	json_close_object(&w);
	json_open_array(&w, NULL);
	json_put_null(&w, NULL);
	json_put_i64(&w, NULL, 5);
	json_close_array(&w);
	json_put_str(&w, NULL, STR("end"));
	json_close_array(&w);
	json_put_bool(&w, "k\xc3\xa9\"", false);
	json_close_object(&w);
	assert_int_equal(json_out_done(&w, &got), 0);
	assert_str(got, "{\"s\":\"a\\\"b\\\\c\\n\\u0001/<\x7f\",\"null\":null,\"empty\":\"\","
			"\"c\":\"z\",\"cnull\":null,\"min\":-9223372036854775808,\"id\":\"112\","
			"\"noid\":null,\"t\":true,\"at\":\"1970-01-12T13:46:40.123Z\","
			"\"never\":null,\"raw\":{\"x\":[]},\"noraw\":null,\"there\":\"x\","
			"\"list\":[{},[null,5],\"end\"],\"k\xc3\xa9\\\"\":false}");
	parse(c, got);
}

static void test_write_repairs_utf8(void **state)
{
	struct ctx *c = *state;
	static const struct {
		str value;
		const char *want;
	} rows[] = {
		{ STR("\xff"), "\"\xef\xbf\xbd\"" },
		{ STR("a\xc3"), "\"a\xef\xbf\xbd\"" },
		{ STR("\xc3\xa9\xff\xe2\x82\xac\"\xf0\x9f\x98\x82"),
		  "\"\xc3\xa9\xef\xbf\xbd\xe2\x82\xac\\\"\xf0\x9f\x98\x82\"" },
		{ STR("a\0b"), "\"a\xef\xbf\xbd"
			       "b\"" },
		{ STR("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_out w;
		str got = STR_NULL;

		json_out_init(&w, c->arena, 100);
		json_put_str(&w, NULL, rows[i].value);
		assert_int_equal(json_out_done(&w, &got), 0);
		assert_str(got, rows[i].want);
	}
}

static void test_write_limit(void **state)
{
	struct ctx *c = *state;
	struct json_out w;
	str got = STR("before");

	json_out_init(&w, c->arena, 20);
	json_open_array(&w, NULL);
	for (int i = 0; i < 20; i++)
		json_put_i64(&w, NULL, i);
	json_close_array(&w);
	assert_int_equal(json_out_done(&w, &got), E_TOO_LARGE);
	assert_str(got, "before");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_accessors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_members_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_need_str, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outlives_its_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dump, setup, teardown),
		cmocka_unit_test_setup_teardown(test_canonical_vectors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write_repairs_utf8, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write_limit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
