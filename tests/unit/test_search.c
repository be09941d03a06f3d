/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Questions as people type them, what filters find in a text, letter case, and the links of a markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "base/fold.h"
#include "base/out.h"
#include "html/html.h"
#include "model/filter.h"
#include "model/search.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define DAY(year_days) ((usec)(year_days)*USEC_DAY)

static str joined(struct arena *a, strs list)
{
	struct out o;

	out_init(&o, a, 4096);
	for (size_t i = 0; i < list.n; i++) {
		out_c(&o, i ? "|" : "");
		out_str(&o, list.p[i]);
	}
	return out_view(&o);
}

static void test_questions(void **state unused)
{
	static const struct {
		const char *text, *terms, *no_terms, *marks, *no_marks, *from;
	} cases[] = {
		{ "kea moa", "kea|moa", "", "", "", "" },
		{ "  kea\t\nmoa ", "kea|moa", "", "", "", "" },
		{ "kea -moa", "kea", "moa", "", "", "" },
		{ "\"old kea\" -\"young moa\"", "old kea", "young moa", "", "", "" },
		{ "\"never ends", "never ends", "", "", "", "" },
		{ "a\"b c\"", "a\"b|c\"", "", "", "", "" },
		{ "- --", "-", "-", "", "", "" },
		{ "#Kea -#moa", "", "", "#n:kea", "#n:moa", "" },
		{ "has:image -has:LINK", "", "", "#h:image", "#h:link", "" },
		{ "is:reply -is:sensitive", "", "", "#i:reply", "#i:sensitive", "" },
		{ "language:en-GB", "", "", "#g:en", "", "" },
		{ "FROM:@Ann@A.example kea", "kea", "", "", "", "@ann@a.example" },
		{ "https://a.example/b", "https://a.example/b", "", "", "", "" },
		{ "nothing:known from:", "nothing:known|from:", "", "", "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *a cleanup(arena_freep) = arena_new();
		struct search_question q;
		struct ctx c;

		ctx_init(&c, a);
		search_parse(&c, str_c(cases[i].text), &q);
		if (!str_eq_c(joined(a, q.terms), cases[i].terms) ||
		    !str_eq_c(joined(a, q.no_terms), cases[i].no_terms) ||
		    !str_eq_c(joined(a, q.marks), cases[i].marks) ||
		    !str_eq_c(joined(a, q.no_marks), cases[i].no_marks) ||
		    !str_eq_c(joined(a, q.from), cases[i].from))
			fail_msg("%s: " STR_FMT " / " STR_FMT " / " STR_FMT " / " STR_FMT
				 " / " STR_FMT,
				 cases[i].text, STR_ARG(joined(a, q.terms)),
				 STR_ARG(joined(a, q.no_terms)), STR_ARG(joined(a, q.marks)),
				 STR_ARG(joined(a, q.no_marks)), STR_ARG(joined(a, q.from)));
	}
}

static void test_times(void **state unused)
{
	static const struct {
		const char *text;
		usec after, before;
	} cases[] = {
		{ "before:2024-01-01", 0, DAY(19723) },
		{ "after:2024-01-01", DAY(19724), 0 },
		{ "during:2024-02-29", DAY(19782), DAY(19783) },
		{ "during:2024-02", DAY(19754), DAY(19783) },
		{ "during:2024", DAY(19723), DAY(20089) },
		{ "after:2024 before:2024-03-01 before:2024-12", DAY(20089), DAY(19783) },
	};
	struct arena *a cleanup(arena_freep) = arena_new();
	struct search_question q;
	struct ctx c;

	ctx_init(&c, a);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		search_parse(&c, str_c(cases[i].text), &q);
		if (q.after != cases[i].after || q.before != cases[i].before || q.nothing)
			fail_msg("%s: %lld to %lld", cases[i].text, (long long)q.after,
				 (long long)q.before);
	}
}

static void test_what_means_nothing(void **state unused)
{
	static const char *const nothing[] = {
		"",
		" ",
		"-kea",
		"has:hats kea",
		"is:old",
		"before:then",
		"during:1",
		"after:2024-13",
		"during:2024-01-01x",
		"-has:image",
	};
	static const char *const something[] = { "kea", "in:library", "from:me", "before:2024" };
	struct arena *a cleanup(arena_freep) = arena_new();
	struct search_question q;
	struct ctx c;

	ctx_init(&c, a);
	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++) {
		search_parse(&c, str_c(nothing[i]), &q);
		if (!q.nothing)
			fail_msg("\"%s\" means something", nothing[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(something); i++) {
		search_parse(&c, str_c(something[i]), &q);
		if (q.nothing)
			fail_msg("\"%s\" means nothing", something[i]);
	}
	search_parse(&c, STR("in:library x"), &q);
	assert_true(q.library && !q.public);
	search_parse(&c, STR("in:public x"), &q);
	assert_true(q.public && !q.library);
}

static void test_limits(void **state unused)
{
	struct arena *a cleanup(arena_freep) = arena_new();
	struct search_question q;
	struct ctx c;
	struct out o;

	ctx_init(&c, a);
	out_init(&o, a, 65536);
	for (int i = 0; i < 100; i++)
		out_fmt(&o, "w%d -n%d #t%d -#u%d from:f%d ", i, i, i, i, i);
	search_parse(&c, out_view(&o), &q);
	assert_int_equal(q.terms.n, SEARCH_TERM_LIMIT);
	assert_int_equal(q.no_terms.n, SEARCH_TERM_LIMIT);
	assert_int_equal(q.marks.n, SEARCH_TERM_LIMIT);
	assert_int_equal(q.no_marks.n, SEARCH_TERM_LIMIT);
	assert_int_equal(q.from.n, SEARCH_TERM_LIMIT);
}

static void test_filters(void **state unused)
{
	static const struct {
		const char *text, *keyword;
		bool whole, fits;
	} cases[] = {
		{ "a kea", "kea", true, true },	       { "keas", "kea", true, false },
		{ "keas", "kea", false, true },	       { "kea", "kea", true, true },
		{ "(kea)", "kea", true, true },	       { "kea_", "kea", true, false },
		{ "keas kea", "kea", true, true },     { "see #kea", "#kea", true, true },
		{ "a#kea", "#kea", true, true },       { "#keas", "#kea", true, false },
		{ "", "kea", false, false },	       { "kea", "", false, false },
		{ "\xc3\xa9kea", "kea", true, false }, { "c++ code", "c++", true, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (filter_fits(str_c(cases[i].text), str_c(cases[i].keyword), cases[i].whole) !=
		    cases[i].fits)
			fail_msg("%s in %s", cases[i].keyword, cases[i].text);
}

static void test_fold(void **state unused)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "Kea-1", "kea-1" },
		{ "\xc3\x84\xc3\x97\xc3\xa4", "\xc3\xa4\xc3\x97\xc3\xa4" }, /* A-umlaut, times */
		{ "\xc4\x80\xc4\xb9\xc5\xbd",
		  "\xc4\x81\xc4\xba\xc5\xbe" }, /* A-macron, L-acute, Z-caron */
		{ "\xce\xa9\xd0\x96\xd0\x81", "\xcf\x89\xd0\xb6\xd1\x91" }, /* Omega, Zhe, Yo */
		{ "\xe9\xb3\xa5\xff", "\xe9\xb3\xa5\xff" },
		{ "", "" },
	};
	struct arena *a cleanup(arena_freep) = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (!str_eq_c(str_fold(a, str_c(cases[i].text)), cases[i].want))
			fail_msg("%s", cases[i].text);
}

static void test_links(void **state unused)
{
	static const struct {
		const char *markup, *links;
	} cases[] = {
		{ "<p>none</p>", "" },
		{ "<a href=\"https://a.example/?b=1&amp;c=2\" rel=\"nofollow\">x</a>",
		  "https://a.example/?b=1&c=2" },
		{ "<a class=\"mention hashtag\" href=\"https://a.example/tags/x\" rel=\"tag\">#x</a>",
		  "" },
		{ "<a href=\"https://a.example/@b\" class=\"u-url mention\">@b</a>", "" },
		{ "<a href=\"https://a.example\">1</a><a href=\"https://b.example\">2</a>"
		  "<a href=\"https://a.example\">1</a>",
		  "https://a.example|https://b.example" },
		{ "<a href=\"mailto:a@a.example\">m</a><a href=\"https://a.example", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *a cleanup(arena_freep) = arena_new();
		struct ctx c;
		strs links;

		ctx_init(&c, a);
		assert_int_equal(html_links(&c, str_c(cases[i].markup), 10, &links), 0);
		if (!str_eq_c(joined(a, links), cases[i].links))
			fail_msg("%s: " STR_FMT, cases[i].markup, STR_ARG(joined(a, links)));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_what_means_nothing),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
