/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/html against golden files (tests/golden/sanitise, text, linkify, tokens), and hostile markup
 * from public collections against a strict checker. A pair of golden files is name.in and name.out;
 * the newline that ends a file is no part of it.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/err.h"
#include "base/out.h"
#include "html/html.h"
#include "json/json.h"
#include "tests/unit/html_check.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define FILE_LIMIT (1 << 20)

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

static str file_read(struct arena *a, str path)
{
	FILE *f cleanup(filep_close) = fopen(path.p, "rb");
	struct out o;
	char block[4096];
	size_t n;

	if (!f)
		fail_msg(STR_FMT " cannot be read", STR_ARG(path));
	out_init(&o, a, FILE_LIMIT);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		out_str(&o, (str){ block, n });
	return out_view(&o);
}

static str golden_read(struct arena *a, str path)
{
	str text = file_read(a, path);

	return str_ends(text, STR("\n")) ? str_slice(text, 0, text.n - 1) : text;
}

/* What a golden test does with the input. */
typedef str golden_make(struct ctx *c, str in);

static void golden_run(struct ctx *c, const char *pattern, golden_make *make)
{
	glob_t found cleanup(globfree) = { .gl_pathc = 0 };

	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		str path = str_c(found.gl_pathv[i]);
		str want = golden_read(c->arena,
				       str_fmt(c->arena, STR_FMT "out", (int)path.n - 2, path.p));
		str got = make(c, golden_read(c->arena, path));

		if (!str_eq(got, want))
			fail_msg(STR_FMT "\n got [" STR_FMT "]\nwant [" STR_FMT "]", STR_ARG(path),
				 STR_ARG(got), STR_ARG(want));
	}
}

/* Sanitises and checks all that must be true of any result. */
static str sanitise(struct ctx *c, str markup)
{
	html first, again;
	const char *problem;

	if (html_sanitise(c, markup, &first))
		fail_msg(STR_FMT, STR_ARG(c->error));
	problem = check_markup(first.s, true);
	if (problem)
		fail_msg("%s\n in [" STR_FMT "]\nout [" STR_FMT "]", problem, STR_ARG(markup),
			 STR_ARG(first.s));
	assert_int_equal(html_sanitise(c, first.s, &again), 0);
	if (!str_eq(first.s, again.s))
		fail_msg("not stable\n in [" STR_FMT "]\n1st [" STR_FMT "]\n2nd [" STR_FMT "]",
			 STR_ARG(markup), STR_ARG(first.s), STR_ARG(again.s));
	return first.s;
}

static str to_text(struct ctx *c, str markup)
{
	str text = STR_NULL;

	assert_int_equal(html_to_text(c, markup, &text), 0);
	return text;
}

/* A world in which @nobody and #nothing are unknown, and @bob is remote without saying so. */
static struct html_link link_of(void *arg, const struct html_token *t)
{
	struct arena *a = arg;

	if (str_eq_c(t->name, "nobody") || str_eq_c(t->name, "nothing"))
		return (struct html_link){ .href = STR_NULL };
	if (t->kind == HTML_HASHTAG)
		return (struct html_link){ .href = str_fmt(a, "https://example.org/tags/" STR_FMT,
							   STR_ARG(t->name)) };
	if (str_eq_c(t->name, "bob") && str_is_null(t->host))
		return (struct html_link){ .href = STR("https://remote.example/users/bob"),
					   .label = STR("bob") };
	if (str_is_null(t->host))
		return (struct html_link){ .href = str_fmt(a, "https://example.org/@" STR_FMT "/",
							   STR_ARG(t->name)) };
	return (struct html_link){
		.href = str_fmt(a, "https://" STR_FMT "/@" STR_FMT, STR_ARG(t->host),
				STR_ARG(t->name)),
		.label = str_fmt(a, STR_FMT "@" STR_FMT, STR_ARG(t->name), STR_ARG(t->host)),
	};
}

static str linkify(struct ctx *c, str text)
{
	const char *problem;
	html markup;

	assert_int_equal(html_from_text(c, text, link_of, c->arena, &markup), 0);
	problem = check_markup(markup.s, false);
	if (problem)
		fail_msg("%s [" STR_FMT "]", problem, STR_ARG(markup.s));
	sanitise(c, markup.s);
	return markup.s;
}

static void test_sanitise(void **state)
{
	golden_run(*state, "tests/golden/sanitise/*.in", sanitise);
}

static void test_text(void **state)
{
	golden_run(*state, "tests/golden/text/*.in", to_text);
}

static void test_linkify(void **state)
{
	golden_run(*state, "tests/golden/linkify/*.in", linkify);
}

/* Other servers, and our own for posts that come back, must see the text that was written. */
static void test_linkify_keeps_text(void **state)
{
	struct ctx *c = *state;
	str text = STR("Hi @bob@remote.example & @alice <b>\n#tag https://www.example.com/a/long/"
		       "path/that/is/shortened?for=display\n\nbye");

	assert_true(str_eq(to_text(c, sanitise(c, linkify(c, text))), text));
}

static str token_name(struct arena *a, const struct html_token *t)
{
	if (str_is_null(t->host))
		return t->name;
	return str_fmt(a, STR_FMT "@" STR_FMT, STR_ARG(t->name), STR_ARG(t->host));
}

static bool are_tokens_right(struct ctx *c, const struct json *row)
{
	static const char *const kinds[] = { "mention", "hashtag", "url" };
	str kind = json_str(json_at(row, 0)), text = json_str(json_at(row, 1));
	const struct json *want = json_at(row, 2);
	const struct html_token *tokens;
	size_t n, found = 0;

	assert_int_equal(html_tokens(c, text, 1000, &tokens, &n), 0);
	for (size_t i = 0; i < n; i++) {
		str name = token_name(c->arena, &tokens[i]);

		assert_true(str_ends(str_slice(text, 0, tokens[i].end), name));
		if (!str_eq_c(kind, kinds[tokens[i].kind]))
			continue;
		if (!str_eq(name, json_str(json_at(want, found++))))
			return false;
	}
	return found == json_count(want);
}

static void tokens_run(struct ctx *c, str path)
{
	str rest = file_read(c->arena, path), line;
	const struct json *row;

	while (str_cut(&rest, '\n', &line)) {
		if (str_is_empty(line) || line.p[0] == '#')
			continue;
		if (json_parse(c, line, &row))
			fail_msg(STR_FMT, STR_ARG(c->error));
		if (!are_tokens_right(c, row))
			fail_msg(STR_FMT, STR_ARG(line));
	}
}

static void test_tokens(void **state)
{
	tokens_run(*state, STR("tests/golden/tokens/twitter-text.txt"));
	tokens_run(*state, STR("tests/golden/tokens/fediverse.txt"));
}

static void test_tokens_limit(void **state)
{
	struct ctx *c = *state;
	const struct html_token *tokens;
	size_t n = 0;

	assert_int_equal(html_tokens(c, STR("@a #b @c"), 2, &tokens, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(tokens[1].kind, HTML_HASHTAG);
	assert_int_equal(tokens[1].start, 3);
	assert_int_equal(tokens[1].end, 5);
}

static void payloads_run(struct ctx *c, str path)
{
	const struct json *list;

	assert_int_equal(json_parse(c, file_read(c->arena, path), &list), 0);
	assert_true(json_count(list) > 100);
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *row = json_at(list, i);
		str payload = json_is(row, JSON_OBJECT) ? json_get_str(row, "payload")
							: json_str(row);

		sanitise(c, payload);
		linkify(c, payload);
		to_text(c, payload);
	}
}

static void test_payloads(void **state)
{
	payloads_run(*state, STR("tests/vectors/html/dompurify-expect.json"));
	payloads_run(*state, STR("tests/vectors/html/owasp-xss-filter-evasion.json"));
	payloads_run(*state, STR("tests/vectors/html/xss-payloads-600.json"));
}

static void test_escape(void **state)
{
	struct ctx *c = *state;

	assert_true(str_eq_c(html_escape(c->arena, STR("a<b> & \"c\" 'd'")).s,
			     "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;"));
	assert_int_equal(html_escape(c->arena, STR_NULL).s.n, 0);
	assert_true(str_eq_c(html_stored(STR("<p>x</p>")).s, "<p>x</p>"));
}

/* part, over and over, up to n bytes; %d in it counts. */
static str repeated(struct arena *a, const char *part, size_t n)
{
	str text = str_c(part);
	size_t number = str_find(text, STR("%d"), 0);
	struct out o;

	out_init(&o, a, n);
	for (int i = 0; o.n + text.n + 8 < n; i++) {
		out_str(&o, str_slice(text, 0, number));
		if (number == SIZE_MAX)
			continue;
		out_i64(&o, i);
		out_str(&o, str_from(text, number + 2));
	}
	return out_view(&o);
}

static void test_too_large(void **state)
{
	struct ctx *c = *state;
	str big = { arena_alloc(c->arena, HTML_INPUT_LIMIT + 1), HTML_INPUT_LIMIT + 1 };
	const struct html_token *tokens;
	html markup;
	size_t n;
	str text;

	assert_int_equal(html_sanitise(c, big, &markup), E_TOO_LARGE);
	assert_int_equal(html_to_text(c, big, &text), E_TOO_LARGE);
	assert_int_equal(html_tokens(c, big, 1, &tokens, &n), E_TOO_LARGE);
	assert_int_equal(html_from_text(c, big, link_of, c->arena, &markup), E_TOO_LARGE);
}

/* Markup that makes parsers recurse, or work by the square of the input. */
static void test_hard_work(void **state)
{
	struct ctx *c = *state;
	static const struct {
		const char *first, *second;
	} rows[] = {
		{ "<div>", "</div>" },
		{ "<b>", "<p>x" },
		{ "<b a=%d>", "<p>x" },
		{ "<a href=http://%d.example>", "<p>x" },
		{ "<blockquote>", "x" },
		{ "<span>", "</b>" },
		{ "<table>", "<tr><td>" },
		{ "<ul><li>", "</ul>" },
		{ "<ruby><rt>", "</p>" },
		{ "<svg>", "</svg>" },
		{ "<a x%d ", "y%d='>'" },
		{ "<!--", "--" },
		{ "<script>", "</script" },
		{ "http://x.example/(", "(" },
		{ "@a", "#" },
		{ "<", "&" },
		{ "<br>", "<p>" },
		{ "<h1>x</h1>", "<br>x" },
		{ "<b><i><u><s>", "<h2><p>x" },
		{ "<i><p><b><p>", "</i>x</b>" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		str text = str_cat(c->arena,
				   repeated(c->arena, rows[i].first, HTML_INPUT_LIMIT / 2),
				   repeated(c->arena, rows[i].second, HTML_INPUT_LIMIT / 2));
		const struct html_token *tokens;
		html first, again;
		size_t n;

		assert_int_equal(html_sanitise(c, text, &first), 0);
		assert_null(check_bytes(first.s));
		if (first.s.n <= HTML_INPUT_LIMIT) {
			assert_int_equal(html_sanitise(c, first.s, &again), 0);
			assert_true(str_eq(first.s, again.s));
		}
		to_text(c, text);
		assert_int_equal(html_tokens(c, text, SIZE_MAX, &tokens, &n), 0);
		arena_reset(c->arena);
	}
}

static void test_links_back(void **state)
{
	static const struct {
		const char *page;
		bool found;
	} cases[] = {
		{ "<a rel=\"me\" href=\"https://kea.test/@ruru\">me</a>", true },
		{ "<a href=https://kea.test/@ruru/ rel='nofollow ME noopener'>me</a>", true },
		{ "<!doctype html><html><head><title>x</title><link rel=me href=\"https://KEA.test/@ruru/\">"
		  "</head><body>x",
		  true },
		{ "<p><div><a rel=me href=\" https://kea.test/@ruru \">me", true },
		{ "<a href=\"https://kea.test/@ruru\">me</a>", false },
		{ "<a rel=\"menu\" href=\"https://kea.test/@ruru\">me</a>", false },
		{ "<a rel=me href=\"https://kea.test/@ruru2\">me</a>", false },
		{ "<a rel=me href=\"\">me</a><a rel=me>me</a>", false },
		{ "<!-- <a rel=me href=\"https://kea.test/@ruru\"> -->", false },
		{ "<script>'<a rel=me href=\"https://kea.test/@ruru\">'</script>", false },
		{ "&lt;a rel=me href=https://kea.test/@ruru>", false },
		{ "", false },
	};
	struct ctx *c = *state;
	str targets[] = { STR("https://kea.test/@ruru@kea.test/"), STR("https://kea.test/@ruru/") };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool found = !cases[i].found;

		assert_int_equal(html_links_back(c, str_c(cases[i].page),
						 (strs){ targets, ARRAY_SIZE(targets) }, &found),
				 0);
		if (found != cases[i].found)
			fail_msg("%s", cases[i].page);
	}
}

/* A page is as long as its server likes. */
static void test_links_back_of_a_long_page(void **state)
{
	struct ctx *c = *state;
	size_t n = 2 * HTML_INPUT_LIMIT;
	char *page = arena_alloc(c->arena, n);
	bool found = true;

	memset(page, '<', n);
	assert_int_equal(
		html_links_back(c, (str){ page, n }, (strs){ &STR("https://x/"), 1 }, &found), 0);
	assert_false(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_escape, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sanitise, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_linkify, setup, teardown),
		cmocka_unit_test_setup_teardown(test_linkify_keeps_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tokens, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tokens_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_payloads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links_back_of_a_long_page, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hard_work, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
