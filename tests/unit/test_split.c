/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib/json/split.h: elements of a list in a document that is never parsed as a whole; and lists of unpacked files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "json/split.h"
#include "media/unpack.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define LIMIT 4

static const struct {
	const char *text;
	int result;
	const char *items; /* with '|' between */
} cases[] = {
	{ "{\"list\":[]}", 0, "" },
	{ "{\"list\":[1,\"a\",{\"b\":[2,3]},null]}", 0, "1|\"a\"|{\"b\":[2,3]}|null" },
	{ " { \"x\" : [ \"]\" , {} ] ,\n\"list\" : [ 1 , [2] ] } ", 0, "1|[2]" },
	{ "{\"list\":[\"a,\\\"]\",\"\\\\\"]}", 0, "\"a,\\\"]\"|\"\\\\\"" },
	{ "{\"x\":{\"list\":[1]},\"list\":[2]}", 0, "2" },
	{ "{\"list\":[1,2,3,4,5]}", E_TOO_LARGE, "" },
	{ "{\"list\":[1,,2]}", E_INVALID, "" },
	{ "{\"list\":[1,2", E_INVALID, "" },
	{ "{\"list\":[1,\"2]}", E_INVALID, "" },
	{ "{\"list\":[1,\"2\\", E_INVALID, "" },
	{ "{\"list\" [1]}", E_INVALID, "" },
	{ "{\"list\":7}", E_NOT_FOUND, "" },
	{ "{\"other\":[1]}", E_NOT_FOUND, "" },
	{ "{}", E_NOT_FOUND, "" },
	{ "[1]", E_INVALID, "" },
	{ "", E_INVALID, "" },
};

static void test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *a cleanup(arena_freep) = arena_new();
		str *items = NULL, all = STR("");
		size_t n = 0;
		int result = json_split(a, str_c(cases[i].text), STR("list"), LIMIT, &items, &n);

		for (size_t k = 0; k < n; k++)
			all = str_fmt(a, "%.*s%s%.*s", STR_ARG(all), k ? "|" : "",
				      STR_ARG(items[k]));
		if (result != cases[i].result || !str_eq_c(all, cases[i].items))
			fail_msg("%s: %d, %.*s", cases[i].text, result, STR_ARG(all));
	}
}

/* However deep it is, and however it ends. */
static void test_depth(void **state)
{
	struct arena *a cleanup(arena_freep) = arena_new();
	size_t depth = 1000000, n;
	char *text = arena_alloc(a, depth + 9);
	str *items;

	(void)state;
	for (size_t i = 0; i < depth + 9; i++)
		text[i] = i < 8 ? "{\"list\":"[i] : '[';
	assert_int_equal(json_split(a, (str){ text, depth + 9 }, STR("list"), LIMIT, &items, &n),
			 E_INVALID);
}

static const struct {
	const char *text;
	bool is_good;
	size_t n;
} list_cases[] = {
	{ "", true, 0 },	   { "0 10 b\n10 90 a c\n", true, 2 },
	{ "0 101 a\n", false, 0 }, { "99 2 a\n", false, 0 },
	{ "101 0 a\n", false, 0 }, { "-1 1 a\n", false, 0 },
	{ "0 -1 a\n", false, 0 },  { "9223372036854775807 9223372036854775807 a\n", false, 0 },
	{ "0 1 \n", false, 0 },	   { "0 1 \xff\n", false, 0 },
	{ "0 1\n", false, 0 },	   { "x\n", false, 0 },
};

static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(list_cases); i++) {
		struct arena *a cleanup(arena_freep) = arena_new();
		struct unpacked *files = NULL;
		size_t n = 0;
		bool good = unpack_list_read(a, str_c(list_cases[i].text), 100, &files, &n);

		if (good != list_cases[i].is_good || n != list_cases[i].n)
			fail_msg("%s: %d, %zu files", list_cases[i].text, good, n);
		if (n == 2) {
			assert_int_equal(unpack_find(files, n, STR("a c"))->offset, 10);
			assert_null(unpack_find(files, n, STR("c")));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
