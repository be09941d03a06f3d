/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Parameters of the client API: the same names and values, whatever they came in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "server/api/params.h"
#include "server/http_exchange.h"

#include <cmocka.h>

#define JSON "application/json; charset=utf-8"
#define FORM "application/x-www-form-urlencoded"
#define PAIRS_LIMIT 500

struct fixture {
	struct exchange exchange;
	struct exchange_pair header, form[PAIRS_LIMIT];
	struct ctx *c;
	const struct request *q;
};

/* "a=1&b=2" as the pairs that the form parser would make of it. */
static void fill_form(struct fixture *f, const char *text)
{
	str rest = str_c(text), pair;

	while (str_cut(&rest, '&', &pair)) {
		size_t equals = str_find_char(pair, '=', 0);

		f->form[f->exchange.n_form++] = (struct exchange_pair){
			.name = str_slice(pair, 0, equals),
			.value = str_from(pair, equals + 1),
		};
	}
}

static void set_up(struct fixture *f, const char *type, const char *body, const char *query)
{
	struct exchange *x = &f->exchange;

	memset(f, 0, sizeof(*f));
	ctx_init(&x->ctx, arena_new());
	f->c = &x->ctx;
	f->q = &x->request;
	f->header = (struct exchange_pair){ STR("content-type"), str_c(type) };
	x->headers = &f->header;
	x->n_headers = 1;
	x->form = f->form;
	x->form_is_parsed = true;
	x->request.exchange = x;
	x->request.query = str_c(query);
	if (strcmp(type, FORM) == 0)
		fill_form(f, body);
	else
		x->request.body = str_c(body);
}

static void tear_down(struct fixture *f)
{
	arena_free(f->c->arena);
}

static const struct {
	const char *type, *body, *query;
	const char *name, *value; /* NULL: absent */
} values[] = {
	{ FORM, "a=1&a=2", NULL, "a", "1" },
	{ FORM, "a=1", "a=2&b=%26+x", "a", "1" },
	{ FORM, "a=1", "a=2&b=%26+x", "b", "& x" },
	{ FORM, "", "flag&x=1", "flag", "" },
	{ FORM, "", "", "a", NULL },
	{ FORM, "a[]=x&a[]=y", NULL, "a[1]", "y" },
	{ FORM, "f[][n]=x&f[][v]=1&f[][n]=y&f[][v]=2", NULL, "f[1][n]", "y" },
	{ FORM, "f[][n]=x&f[][v]=1&f[][n]=y&f[][v]=2", NULL, "f[0][v]", "1" },
	{ FORM, "poll[options][]=x&poll[options][]=y", NULL, "poll[options][1]", "y" },
	{ FORM, "=x&a=1", NULL, "a", "1" },
	{ JSON, "{\"a\":\"1\"}", NULL, "a", "1" },
	{ JSON, "{\"a\":1,\"b\":2.5}", NULL, "a", "1" },
	{ JSON, "{\"a\":1,\"b\":2.5}", NULL, "b", "2.5" },
	{ JSON, "{\"a\":true,\"b\":false}", NULL, "b", "false" },
	{ JSON, "{\"a\":null}", NULL, "a", NULL },
	{ JSON, "{\"a\":null}", "a=2", "a", "2" },
	{ JSON, "{\"a\":[\"x\",\"y\"]}", NULL, "a[1]", "y" },
	{ JSON, "{\"poll\":{\"options\":[\"x\",\"y\"]}}", NULL, "poll[options][0]", "x" },
	{ JSON, "{\"f\":[{\"n\":\"x\"},{\"n\":\"y\"}]}", NULL, "f[1][n]", "y" },
	{ JSON, "{\"a\":{}}", NULL, "a", NULL },
	{ JSON, "  ", "a=2", "a", "2" },
	{ JSON, "{\"\":\"x\",\"a\":\"1\"}", NULL, "a", "1" },
	{ JSON, "{\"a\":\"\\u00e4\"}", NULL, "a", "\xc3\xa4" },
};

static void test_values(unused void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct fixture f;
		struct params *p;

		set_up(&f, values[i].type, values[i].body, values[i].query);
		assert_int_equal(params_read(f.c, f.q, &p), 0);
		if (!str_eq(param(p, values[i].name), str_c(values[i].value)))
			fail_msg("%s: %s", values[i].body, values[i].name);
		assert_int_equal(param_is_there(p, values[i].name), values[i].value != NULL);
		tear_down(&f);
	}
}

static const struct {
	const char *type, *body, *query;
	int err;
} refused[] = {
	{ JSON, "[1]", NULL, E_INVALID },
	{ JSON, "\"x\"", NULL, E_INVALID },
	{ JSON, "{", NULL, E_INVALID },
	{ JSON, "{\"a\":1,\"a\":2}", NULL, E_INVALID },
	{ JSON, "{\"a\":[[[[[[[1]]]]]]]}", NULL, E_INVALID },
	{ FORM, "a=\xff", NULL, E_INVALID },
	{ FORM, "", "a=%ff", E_INVALID },
	{ FORM, "", "a=%00", E_INVALID },
	{ FORM, "", "a=%zz", E_INVALID },
	{ FORM, "", "%=1", E_INVALID },
};

static void test_refused(unused void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct fixture f;
		struct params *p = NULL;

		set_up(&f, refused[i].type, refused[i].body, refused[i].query);
		if (params_read(f.c, f.q, &p) != refused[i].err)
			fail_msg("%s?%s is taken", refused[i].body, refused[i].query);
		assert_null(p);
		tear_down(&f);
	}
}

static void test_too_many(unused void **state)
{
	struct fixture f;
	struct params *p;
	struct out query;

	for (size_t n = PARAMS_LIMIT; n <= PARAMS_LIMIT + 1; n++) {
		set_up(&f, FORM, "", NULL);
		out_init(&query, f.c->arena, 65536);
		for (size_t i = 0; i < n; i++)
			out_fmt(&query, "a[]=%zu&", i);
		f.exchange.request.query = out_view(&query);
		assert_int_equal(params_read(f.c, f.q, &p), n > PARAMS_LIMIT ? E_TOO_LARGE : 0);
		tear_down(&f);
	}
}

static const struct {
	const char *value; /* NULL: absent */
	bool otherwise, is;
} bools[] = {
	{ "true", false, true },  { "1", false, true },	    { "on", false, true },
	{ "yes", false, true },	  { "false", true, false }, { "0", true, false },
	{ "off", true, false },	  { "f", true, false },	    { "", true, false },
	{ "FALSE", true, false }, { NULL, true, true },	    { NULL, false, false },
};

static void test_bools(unused void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(bools); i++) {
		struct fixture f;
		struct params *p;

		set_up(&f, FORM, "", NULL);
		if (bools[i].value)
			f.exchange.request.query = str_fmt(f.c->arena, "a=%s", bools[i].value);
		assert_int_equal(params_read(f.c, f.q, &p), 0);
		assert_int_equal(param_bool(p, "a", bools[i].otherwise), bools[i].is);
		tear_down(&f);
	}
}

static void test_numbers(unused void **state)
{
	struct fixture f;
	struct params *p;
	int64_t n = 7;

	set_up(&f, FORM, "", "a=12&b=-3&c=1.5&d=x&e=&big=99999999999999999999&id=5&zero=0&lead=05");
	assert_int_equal(params_read(f.c, f.q, &p), 0);
	assert_int_equal(param_i64(f.c, p, "none", &n), 0);
	assert_int_equal(param_i64(f.c, p, "e", &n), 0);
	assert_int_equal(n, 7);
	assert_int_equal(param_i64(f.c, p, "c", &n), E_UNPROCESSABLE);
	assert_int_equal(param_i64(f.c, p, "d", &n), E_UNPROCESSABLE);
	assert_int_equal(param_i64(f.c, p, "big", &n), E_UNPROCESSABLE);
	assert_int_equal(n, 7);
	assert_int_equal(param_i64(f.c, p, "a", &n), 0);
	assert_int_equal(n, 12);
	assert_int_equal(param_i64(f.c, p, "b", &n), 0);
	assert_int_equal(n, -3);
	assert_int_equal(param_id(p, "id"), 5);
	assert_int_equal(param_id(p, "zero"), 0);
	assert_int_equal(param_id(p, "lead"), 0);
	assert_int_equal(param_id(p, "b"), 0);
	tear_down(&f);
}

/* All ways to send a list are one list. */
static void test_lists(unused void **state)
{
	static const char *const queries[] = {
		"id=1&id=2&id=x&id=3",
		"id[]=1&id[]=2&id[]=x&id[]=3",
		"id[0]=1&id[1]=2&id[2]=x&id[3]=3",
		"id%5B%5D=1&id%5B%5D=2&id%5B%5D=x&id%5B%5D=3&idx=9&id[4][x]=9&xid=9",
	};

	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		struct fixture f;
		struct params *p;
		i64s ids;

		set_up(&f, FORM, "", queries[i]);
		assert_int_equal(params_read(f.c, f.q, &p), 0);
		assert_int_equal(param_list(f.c, p, "id").n, 4);
		ids = param_ids(f.c, p, "id");
		assert_int_equal(ids.n, 3);
		assert_int_equal(ids.p[2], 3);
		assert_int_equal(param_list(f.c, p, "none").n, 0);
		tear_down(&f);
	}
}

static void test_places(unused void **state)
{
	struct fixture f;
	struct params *p;
	strs places;

	set_up(&f, FORM, "", "f[1][n]=x&f[1][v]=1&f[0][n]=y&g[5]=z&f=w");
	assert_int_equal(params_read(f.c, f.q, &p), 0);
	places = param_places(f.c, p, "f");
	assert_int_equal(places.n, 2);
	assert_true(str_eq(places.p[0], STR("1")));
	assert_true(str_eq(param_at(p, "f[%.*s][n]", STR_ARG(places.p[1])), STR("y")));
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	 cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_many), cmocka_unit_test(test_bools),
		cmocka_unit_test(test_numbers),	 cmocka_unit_test(test_lists),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
