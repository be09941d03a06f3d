/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Scopes: what is read from a list of them, and what they cover. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "model/scope.h"

#include <cmocka.h>

static int set_up(void **state)
{
	struct ctx *c = test_calloc(1, sizeof(*c));

	ctx_init(c, arena_new());
	*state = c;
	return 0;
}

static int tear_down(void **state)
{
	struct ctx *c = *state;

	arena_free(c->arena);
	test_free(c);
	return 0;
}

static const struct {
	const char *text;
	const char *joined; /* NULL: E_INVALID */
} lists[] = {
	{ "", "read" },
	{ " \t\n", "read" },
	{ "read write", "read write" },
	{ "read+write+follow", "read write follow" },
	{ "write:media read write:media", "write:media read" },
	{ "admin:read admin:write:reports", "admin:read admin:write:reports" },
	{ "read:", NULL },
	{ "read:everything", NULL },
	{ "Read", NULL },
	{ "admin", NULL },
	{ "read,write", NULL },
};

static void test_parse(void **state)
{
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		strs scopes;
		int err = scopes_parse(c, str_c(lists[i].text), &scopes);

		assert_int_equal(err, lists[i].joined ? 0 : E_INVALID);
		if (!err && !str_eq(scopes_join(c, scopes), str_c(lists[i].joined)))
			fail_msg("%s", lists[i].text);
		if (err)
			assert_true(str_starts(c->error, STR("invalid_scope: ")));
	}
}

static const struct {
	const char *granted, *scope;
	bool covered;
} covers[] = {
	{ "read", "read", true },
	{ "read", "read:statuses", true },
	{ "read:statuses", "read", false },
	{ "read:statuses", "read:search", false },
	{ "read", "write", false },
	{ "read", "admin:read", false },
	{ "write", "admin:write:reports", false },
	{ "admin:read", "admin:read:accounts", true },
	{ "admin:read", "read:accounts", false },
	{ "follow", "write:mutes", true },
	{ "follow", "read:blocks", true },
	{ "follow", "write:statuses", false },
	{ "write:follows", "follow", false },
	{ "profile", "read:accounts", false },
	{ "write read:search", "read:search", true },
};

static void test_cover(void **state)
{
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(covers); i++) {
		strs granted, wanted;

		assert_int_equal(scopes_parse(c, str_c(covers[i].granted), &granted), 0);
		assert_int_equal(scopes_parse(c, str_c(covers[i].scope), &wanted), 0);
		if (scopes_cover(granted, str_c(covers[i].scope)) != covers[i].covered)
			fail_msg("%s for %s", covers[i].granted, covers[i].scope);
		assert_int_equal(scopes_within(wanted, granted), covers[i].covered);
	}
}

/* Each has words, is found by its name, and covers itself. */
static void test_table(unused void **state)
{
	for (const struct scope *s = scope_table; s->name; s++) {
		str name = str_c(s->name);

		assert_ptr_equal(scope_find(name), s);
		assert_true(scopes_cover((strs){ &name, 1 }, name));
		assert_non_null(s->words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_parse, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cover, set_up, tear_down),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
