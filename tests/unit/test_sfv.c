/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/ap/sfv: the HTTP working group's vectors, parsed, compared and written again, and our limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ap/sfv.h"
#include "base/ctx.h"
#include "json/json.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define VECTORS "tests/vectors/structured-fields/"

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

/* lib/json refuses NUL; the vectors want it refused here, as they do \u0001. */
static str without_nul(struct arena *a, str text)
{
	str escape = STR("\\u0000");
	struct out o;
	size_t at, from = 0;

	out_init(&o, a, 1 << 20);
	while ((at = str_find(text, escape, from)) != SIZE_MAX) {
		out_str(&o, str_slice(text, from, at));
		out_c(&o, "\\u0001");
		from = at + escape.n;
	}
	out_str(&o, str_from(text, from));
	assert_int_equal(out_done(&o, &text), 0);
	return text;
}

static const struct json *vectors(struct ctx *c, const char *name)
{
	str path = str_fmt(c->arena, VECTORS "%s.json", name), text;
	FILE *f cleanup(filep_close) = fopen(path.p, "rb");
	const struct json *j;
	char block[4096];
	struct out o;
	size_t n;

	assert_non_null(f);
	out_init(&o, c->arena, 1 << 20);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		out_str(&o, (str){ block, n });
	assert_int_equal(out_done(&o, &text), 0);
	assert_int_equal(json_parse(c, without_nul(c->arena, text), &j), 0);
	assert_true(json_count(j) > 0);
	return j;
}

/* RFC 4648, section 6: how the vectors spell bytes. */
static str base32(struct arena *a, str data)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	size_t whole = (data.n * 8 + 4) / 5;
	struct out o;
	str text;

	out_init(&o, a, SIZE_MAX);
	for (size_t i = 0; i < whole; i++) {
		size_t bit = i * 5;
		unsigned pair = (unsigned)(unsigned char)data.p[bit / 8] << 8;

		if (bit / 8 + 1 < data.n)
			pair |= (unsigned char)data.p[bit / 8 + 1];
		out_char(&o, digits[pair >> (11 - bit % 8) & 31]);
	}
	for (size_t i = whole; i % 8; i++)
		out_char(&o, '=');
	assert_int_equal(out_done(&o, &text), 0);
	return text;
}

static bool bare_is(struct arena *a, const struct sfv_bare *bare, const struct json *want)
{
	str text = json_get_str(want, "value");

	switch (bare->type) {
	case SFV_INTEGER:
		return json_is(want, JSON_NUMBER) && json_i64(want) == bare->number;
	case SFV_DECIMAL:
		return json_is(want, JSON_NUMBER) &&
		       (int64_t)(json_f64(want) * 1000 + (bare->number < 0 ? -0.5 : 0.5)) ==
			       bare->number;
	case SFV_STRING:
		return json_is(want, JSON_STRING) && str_eq(json_str(want), bare->text);
	case SFV_TOKEN:
		return str_eq_c(json_get_str(want, "__type"), "token") && str_eq(text, bare->text);
	case SFV_BYTES:
		return str_eq_c(json_get_str(want, "__type"), "binary") &&
		       str_eq(text, base32(a, bare->text));
	case SFV_BOOLEAN:
		return json_is(want, JSON_BOOL) && json_bool(want) == bare->number;
	}
	return false;
}

static bool params_are(struct arena *a, const struct sfv_params *params, const struct json *want)
{
	if (json_count(want) != params->n)
		return false;
	for (size_t i = 0; i < params->n; i++)
		if (!str_eq(params->p[i].key, json_str(json_at(json_at(want, i), 0))) ||
		    !bare_is(a, &params->p[i].value, json_at(json_at(want, i), 1)))
			return false;
	return true;
}

static bool item_is(struct arena *a, const struct sfv_item *item, const struct json *want)
{
	return json_count(want) == 2 && bare_is(a, &item->bare, json_at(want, 0)) &&
	       params_are(a, &item->params, json_at(want, 1));
}

static bool member_is(struct arena *a, const struct sfv_member *m, const struct json *want)
{
	const struct json *inner = json_at(want, 0);

	if (!m->is_inner_list)
		return item_is(a, &m->item, want);
	if (!json_is(inner, JSON_ARRAY) || json_count(inner) != m->n_inner)
		return false;
	for (size_t i = 0; i < m->n_inner; i++)
		if (!item_is(a, &m->inner[i], json_at(inner, i)))
			return false;
	return params_are(a, &m->item.params, json_at(want, 1));
}

static bool members_are(struct arena *a, const struct sfv_members *m, const struct json *want,
			bool is_dictionary)
{
	if (json_count(want) != m->n)
		return false;
	for (size_t i = 0; i < m->n; i++) {
		const struct json *one = json_at(want, i);

		if (is_dictionary && !str_eq(m->p[i].key, json_str(json_at(one, 0))))
			return false;
		if (!member_is(a, &m->p[i], is_dictionary ? json_at(one, 1) : one))
			return false;
	}
	return true;
}

/* Parses, compares and writes again: true when it was parsed; *ret_equal: as it should be. */
static bool run(struct arena *a, str type, str text, const struct json *want, bool *ret_equal,
		struct out *o)
{
	bool is_dictionary = str_eq_c(type, "dictionary");
	struct sfv_members members;
	struct sfv_item item;

	if (str_eq_c(type, "item")) {
		if (!sfv_parse_item(a, text, &item))
			return false;
		*ret_equal = item_is(a, &item, want);
		sfv_put_item(o, &item);
		return true;
	}
	if (is_dictionary ? !sfv_parse_dictionary(a, text, &members)
			  : !sfv_parse_list(a, text, &members))
		return false;
	*ret_equal = members_are(a, &members, want, is_dictionary);
	if (is_dictionary)
		sfv_put_dictionary(o, &members);
	else
		sfv_put_list(o, &members);
	return true;
}

static str joined(struct arena *a, const struct json *lines)
{
	struct out o;
	str text;

	out_init(&o, a, SIZE_MAX);
	for (size_t i = 0; i < json_count(lines); i++) {
		if (i)
			out_c(&o, ", ");
		out_str(&o, json_str(json_at(lines, i)));
	}
	assert_int_equal(out_done(&o, &text), 0);
	return text;
}

static void check_vector(struct ctx *c, const char *file, const struct json *j)
{
	str name = json_get_str(j, "name"), text = joined(c->arena, json_get(j, "raw"));
	const struct json *canonical = json_get(j, "canonical");
	str want = canonical ? joined(c->arena, canonical) : text;
	bool equal = false;
	struct out o;

	out_init(&o, c->arena, SIZE_MAX);
	if (!run(c->arena, json_get_str(j, "header_type"), text, json_get(j, "expected"), &equal,
		 &o)) {
		if (!json_get_bool(j, "must_fail") && !json_get_bool(j, "can_fail"))
			fail_msg("%s: " STR_FMT ": refused", file, STR_ARG(name));
		return;
	}
	if (json_get_bool(j, "must_fail"))
		fail_msg("%s: " STR_FMT ": accepted", file, STR_ARG(name));
	if (!equal)
		fail_msg("%s: " STR_FMT ": read as something else", file, STR_ARG(name));
	if (!str_eq(out_view(&o), want))
		fail_msg("%s: " STR_FMT ": written as " STR_FMT, file, STR_ARG(name),
			 STR_ARG(out_view(&o)));
}

static void test_vectors(void **state)
{
	static const char *const files[] = {
		"binary", "boolean",	     "dictionary", "examples",
		"item",	  "key-generated",   "list",	   "number-generated",
		"number", "param-dict",	     "param-list", "string-generated",
		"string", "token-generated", "token",
	};
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const struct json *all = vectors(c, files[i]);

		for (size_t k = 0; k < json_count(all); k++)
			check_vector(c, files[i], json_at(all, k));
	}
}

static str repeated(struct arena *a, const char *first, const char *one, size_t n, const char *last)
{
	struct out o;
	str text;

	out_init(&o, a, SIZE_MAX);
	out_c(&o, first);
	for (size_t i = 0; i < n; i++) {
		out_c(&o, one);
		out_i64(&o, (int64_t)i);
	}
	out_c(&o, last);
	assert_int_equal(out_done(&o, &text), 0);
	return text;
}

static void test_limits(void **state)
{
	static const struct {
		const char *first, *one, *last;
	} rows[] = {
		{ "x=1", ",k", "" },
		{ "a=(x", " ", ")" },
		{ "a;x", ";k", "" },
	};
	struct ctx *c = *state;
	struct sfv_members m;
	str text;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		text = repeated(c->arena, rows[i].first, rows[i].one, SFV_COUNT_LIMIT - 1,
				rows[i].last);
		assert_true(sfv_parse_dictionary(c->arena, text, &m));
		text = repeated(c->arena, rows[i].first, rows[i].one, SFV_COUNT_LIMIT,
				rows[i].last);
		assert_false(sfv_parse_dictionary(c->arena, text, &m));
	}
}

static void test_nul(void **state)
{
	static const char *const rows[] = { "Xa", "aX",	 "\"X\"", ":X:", "?X",
					    "1X", "a;X", "a=X",	  "(X)" };
	struct ctx *c = *state;
	struct sfv_members m;
	struct sfv_item item;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		str text = str_dup(c->arena, str_c(rows[i]));

		*strchr(text.p, 'X') = 0;
		assert_false(sfv_parse_item(c->arena, text, &item));
		assert_false(sfv_parse_list(c->arena, text, &m));
		assert_false(sfv_parse_dictionary(c->arena, text, &m));
	}
}

static void test_lookup(void **state)
{
	struct ctx *c = *state;
	struct sfv_members m;
	const struct sfv_bare *value;

	assert_true(sfv_parse_dictionary(c->arena, STR("a=1, b=(\"x\" y);p=\"q\", a=2"), &m));
	assert_int_equal(m.n, 2);
	assert_int_equal(sfv_find(&m, STR("a"))->item.bare.number, 2);
	value = sfv_param(&sfv_find(&m, STR("b"))->item.params, "p");
	assert_non_null(value);
	assert_true(str_eq_c(value->text, "q"));
	assert_null(sfv_find(&m, STR("c")));
	assert_null(sfv_param(&sfv_find(&m, STR("b"))->item.params, "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_lookup),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
