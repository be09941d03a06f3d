/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Patterns of routes, and the tables of all rooms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "model/staff.h"
#include "server/http.h"
#include "server/web/staff.h"

#include <cmocka.h>

static int nothing(unused struct ctx *c, unused struct request *q, unused struct response *r)
{
	return 0;
}

static const struct route table[] = {
	{ METHOD_GET, "/", nothing },
	{ METHOD_GET, "/@:/", nothing },
	{ METHOD_GET | METHOD_POST, "/@:/posts/:/", nothing },
	{ METHOD_GET, "/nodeinfo/2.:", nothing },
	{ METHOD_POST, "/inbox/", nothing },
	{ 0, NULL, NULL },
};

static const struct route *const tables[] = { table, NULL };

static const struct {
	enum method method;
	const char *path;
	int err;
	int row;
	const char *first, *second;
} cases[] = {
	{ METHOD_GET, "/", 0, 0, NULL, NULL },
	{ METHOD_GET, "/@ann/", 0, 1, "ann", NULL },
	{ METHOD_GET, "/@ann@example.org/", 0, 1, "ann@example.org", NULL },
	{ METHOD_GET, "/@ann%40example.org/", 0, 1, "ann@example.org", NULL },
	{ METHOD_GET, "/@an%2Fn/", 0, 1, "an/n", NULL },
	{ METHOD_GET, "/@ann/posts/12/", 0, 2, "ann", "12" },
	{ METHOD_POST, "/@ann/posts/12/", 0, 2, "ann", "12" },
	{ METHOD_GET, "/nodeinfo/2.1", 0, 3, "1", NULL },
	{ METHOD_GET, "/inbox/", E_METHOD, 0, NULL, NULL },
	{ METHOD_GET, "/@/", E_NOT_FOUND, 0, NULL, NULL },
	{ METHOD_GET, "/@ann", E_NOT_FOUND, 0, NULL, NULL },
	{ METHOD_GET, "/@ann/x/", E_NOT_FOUND, 0, NULL, NULL },
	{ METHOD_GET, "//", E_NOT_FOUND, 0, NULL, NULL },
	{ METHOD_GET, "/@%ff/", E_INVALID, 0, NULL, NULL },
	{ METHOD_GET, "/@%zz/", E_INVALID, 0, NULL, NULL },
};

static void test_find(unused void **state)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct route *found = NULL;
		str args[4] = { 0 };

		assert_int_equal(route_find(tables, a, cases[i].method, str_c(cases[i].path), args,
					    &found),
				 cases[i].err);
		if (cases[i].err)
			continue;
		assert_ptr_equal(found, &table[cases[i].row]);
		assert_true(!cases[i].first || str_eq_c(args[0], cases[i].first));
		assert_true(!cases[i].second || str_eq_c(args[1], cases[i].second));
	}
	arena_free(a);
}

/* Every route is reachable: no earlier one with the same method and pattern hides it, and forms are POSTs. */
static void check_table(const struct route *routes)
{
	for (const struct route *r = routes; r->pattern; r++) {
		assert_non_null(r->handler);
		assert_int_equal(r->pattern[0], '/');
		assert_int_not_equal(r->methods, 0);
		if (r->form)
			assert_false(r->methods & METHOD_GET);
		for (const struct route *earlier = routes; earlier < r; earlier++)
			if (strcmp(earlier->pattern, r->pattern) == 0)
				assert_int_equal(earlier->methods & r->methods, 0);
	}
}

static void test_tables(unused void **state)
{
	check_table(fedi_routes);
	check_table(web_routes);
	check_table(staff_page_routes);
	check_table(api_routes);
	check_table(staff_routes);
	check_table(admin_routes);
}

/* Whoever is logged in may change something only by a form that carries their token. */
static void test_posts_are_forms(unused void **state)
{
	for (const struct route *r = web_routes; r->pattern; r++)
		if (r->methods & METHOD_POST)
			assert_true(r->form);
}

/* Nobody gets at a tenant's administration without a token of that scope and a role that allows it. */
static void test_staff_routes_ask_for_a_role(unused void **state)
{
	for (const struct route *r = staff_routes; r->pattern; r++) {
		assert_int_equal(r->access, ACCESS_TOKEN);
		assert_non_null(r->scope);
		assert_int_equal(strncmp(r->scope, "admin:", 6), 0);
		assert_true(r->capability > CAPABILITY_NONE && r->capability < CAPABILITIES);
		assert_true(staff_role_needed(r->capability) >= STAFF_MODERATOR);
	}
	for (const struct route *r = api_routes; r->pattern; r++)
		assert_null(strstr(r->pattern, "/admin/"));
}

/* The pages of the staff likewise, and every entry of their menu leads to one of them. */
static void test_staff_pages_ask_for_a_role(unused void **state)
{
	static const struct route *const pages[] = { staff_page_routes, NULL };
	struct arena *a = arena_new();

	for (const struct route *r = staff_page_routes; r->pattern; r++) {
		assert_int_equal(strncmp(r->pattern, "/staff/", 7), 0);
		assert_int_equal(r->access, ACCESS_LOGIN);
		assert_int_equal(r->surface, SURFACE_PAGE);
		assert_true(r->capability > CAPABILITY_NONE && r->capability < CAPABILITIES);
		assert_true(staff_role_needed(r->capability) >= STAFF_MODERATOR);
		assert_true(r->form == ((r->methods & METHOD_POST) != 0));
	}
	for (const struct route *r = web_routes; r->pattern; r++)
		assert_int_not_equal(strncmp(r->pattern, "/staff/", 7), 0);
	for (size_t i = 0; i < STAFF_SECTIONS; i++) {
		const struct route *r;
		str args[4];

		assert_non_null(staff_sections[i].title);
		assert_int_equal(route_find(pages, a, METHOD_GET, str_c(staff_sections[i].path),
					    args, &r),
				 0);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_posts_are_forms),
		cmocka_unit_test(test_staff_routes_ask_for_a_role),
		cmocka_unit_test(test_staff_pages_ask_for_a_role),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
