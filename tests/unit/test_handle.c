/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib/ap's handles: the forms that people write, international host names, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "ap/handle.h"
#include "base/arena.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void assert_is(const char *text, str got, const char *want)
{
	if (str_is_null(got) != (want == NULL) || !str_eq(got, str_c(want)))
		fail_msg("\"%s\": got \"" STR_FMT "\", want \"%s\"", text, STR_ARG(got),
			 want ? want : "(null)");
}

static void test_handles(void **state unused)
{
	static const struct {
		const char *text, *name, *host;
	} cases[] = {
		{ "@ann@a.example", "ann", "a.example" },
		{ "ann@a.example", "ann", "a.example" },
		{ "acct:ann@a.example", "ann", "a.example" },
		{ "ACCT:Ann@A.Example", "Ann", "a.example" },
		{ "acct:@ann@a.example", "ann", "a.example" },
		{ " @ann@a.example\n", "ann", "a.example" },
		{ "ann@a.example.", "ann", "a.example" },
		{ "ann@a.example:8443", "ann", "a.example:8443" },
		{ "ann@a.example:443", "ann", "a.example" },
		{ "@ann", "ann", NULL },
		{ "ann", "ann", NULL },
		{ "a.n-n_1@a.example", "a.n-n_1", "a.example" },
		{ "\xc3\xa4nn@b\xc3\xbc"
		  "cher.example",
		  "\xc3\xa4nn", "xn--bcher-kva.example" },
		{ "ann@B\xc3\x9c"
		  "CHER.example",
		  "ann", "xn--bcher-kva.example" },
		{ "ann@stra\xc3\x9f"
		  "e.example",
		  "ann", "xn--strae-oqa.example" },
		{ "ann@xn--bcher-kva.example", "ann", "xn--bcher-kva.example" },
		{ "ann@127.0.0.1:8080", "ann", "127.0.0.1:8080" },
		{ "ann@localhost", "ann", "localhost" },
	};
	struct arena *a cleanup(arena_freep) = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		str name = STR_NULL, host = STR("untouched");

		if (!handle_parse(a, str_c(cases[i].text), &name, &host))
			fail_msg("\"%s\" is refused", cases[i].text);
		assert_is(cases[i].text, name, cases[i].name);
		assert_is(cases[i].text, host, cases[i].host);
	}
}

static void test_refusals(void **state unused)
{
	static const char *const cases[] = {
		"",
		" ",
		"@",
		"@@",
		"@@a.example",
		"ann@",
		"@ann@",
		"ann@a.example@b.example",
		"ann@a.example/path",
		"ann@a.example?query",
		"ann@a.example#fragment",
		"ann@a b",
		"an n@a.example",
		"ann@.example",
		"ann@a..example",
		"ann@-a.example",
		"ann@a-.example",
		"ann@a.example:0",
		"ann@a.example:65536",
		"ann@a.example:",
		"ann@a.example:80:80",
		"ann@[::1]",
		"ann@" LABEL_63 "a.example",
		"ann@" LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ".example",
		"ann@xn--a.example",
		"ann@\xff\xfe.example",
		"\xff@a.example",
		"ann<b>@a.example",
		"ann%40b@a.example",
		"https://a.example/@ann",
	};
	struct arena *a cleanup(arena_freep) = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		str name = STR("untouched"), host = name;

		if (handle_parse(a, str_c(cases[i]), &name, &host))
			fail_msg("\"%s\" gives \"" STR_FMT "\" at \"" STR_FMT "\"", cases[i],
				 STR_ARG(name), STR_ARG(host));
		assert_is(cases[i], name, "untouched");
		assert_is(cases[i], host, "untouched");
	}
}

static void test_hosts_for_people(void **state unused)
{
	static const struct {
		const char *host, *want;
	} cases[] = {
		{ "a.example", "a.example" },
		{ "xn--bcher-kva.example", "b\xc3\xbc"
					   "cher.example" },
		{ "xn--bcher-kva.example:8443", "b\xc3\xbc"
						"cher.example:8443" },
		{ "xn--a", "xn--a" },
	};
	struct arena *a cleanup(arena_freep) = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_is(cases[i].host, handle_host_for_people(a, str_c(cases[i].host)),
			  cases[i].want);
}

static void test_origins(void **state unused)
{
	struct arena *a cleanup(arena_freep) = arena_new();

	assert_is("", handle_origin(a, STR("a.example"), false), "https://a.example");
	assert_is("", handle_origin(a, STR("a.example"), true), "https://a.example");
	assert_is("", handle_origin(a, STR("a.example:80"), false), "https://a.example:80");
	assert_is("", handle_origin(a, STR("a.example:80"), true), "http://a.example:80");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handles),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_hosts_for_people),
		cmocka_unit_test(test_origins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
