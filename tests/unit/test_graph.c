/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The state graphs are sound, and graph_check finds each kind of unsoundness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "model/graph.h"

#include <cmocka.h>

static void test_all_are_sound(unused void **state)
{
	for (const struct graph *const *g = graphs; *g; g++) {
		const char *wrong = graph_check(*g);

		if (wrong)
			print_error("%s: %s\n", (*g)->type, wrong);
		assert_null(wrong);
		assert_ptr_equal(graph_of_type(str_c((*g)->type)), *g);
	}
	assert_null(graph_of_type(STR("no such type")));
}

static const char *const to_b[] = { "b", NULL };
static const char *const to_c[] = { "c", NULL };

#define AUTOMATIC .first = 1, .growth = 1, .ceiling = 1

static void test_unsound_ones(unused void **state)
{
	static const struct graph_state two_initial[] = {
		{ .name = "a", .initial = true, .next = to_b, AUTOMATIC },
		{ .name = "b", .initial = true },
	};
	static const struct graph_state no_initial[] = {
		{ .name = "a", .next = to_b, AUTOMATIC },
		{ .name = "b" },
	};
	static const struct graph_state terminal_with_schedule[] = {
		{ .name = "a", .initial = true, .next = to_b, AUTOMATIC },
		{ .name = "b", AUTOMATIC },
	};
	static const struct graph_state no_schedule[] = {
		{ .name = "a", .initial = true, .next = to_b },
		{ .name = "b" },
	};
	static const struct graph_state to_nowhere[] = {
		{ .name = "a", .initial = true, .next = to_c, AUTOMATIC },
		{ .name = "b" },
	};
	static const struct graph_state unreachable[] = {
		{ .name = "a", .initial = true, .next = to_b, AUTOMATIC },
		{ .name = "b" },
		{ .name = "c" },
	};
	static const struct graph_state deleted_automatic[] = {
		{ .name = "a", .initial = true, .next = to_b, .delete_after = 1, AUTOMATIC },
		{ .name = "b" },
	};
	const struct graph cases[] = {
		{ "two_initial", two_initial, ARRAY_SIZE(two_initial) },
		{ "no_initial", no_initial, ARRAY_SIZE(no_initial) },
		{ "terminal_with_schedule", terminal_with_schedule,
		  ARRAY_SIZE(terminal_with_schedule) },
		{ "no_schedule", no_schedule, ARRAY_SIZE(no_schedule) },
		{ "to_nowhere", to_nowhere, ARRAY_SIZE(to_nowhere) },
		{ "unreachable", unreachable, ARRAY_SIZE(unreachable) },
		{ "deleted_automatic", deleted_automatic, ARRAY_SIZE(deleted_automatic) },
		{ "empty", NULL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!graph_check(&cases[i]))
			print_error("%s passes\n", cases[i].type);
		assert_non_null(graph_check(&cases[i]));
	}
}

static void test_edges(unused void **state)
{
	const struct graph *g = graph_of_type(STR("follow"));

	assert_true(graph_allows(g, STR("unrequested"), STR("accepting")));
	assert_true(graph_allows(g, STR("accepting"), STR("accepted")));
	assert_false(graph_allows(g, STR("removed"), STR("accepted")));
	assert_false(graph_allows(g, STR("unrequested"), STR("nothing")));
}

static void test_delays(unused void **state)
{
	const struct graph_state s = { .first = 100, .growth = 2, .ceiling = 1000 };

	assert_int_equal(graph_delay(&s, 0, 0.5), 100);
	assert_int_equal(graph_delay(&s, 1, 0.5), 200);
	assert_int_equal(graph_delay(&s, 50, 0.5), 1000);
	assert_int_equal(graph_delay(&s, 0, 0.0), 90);
	assert_int_equal(graph_delay(&s, 0, 1.0), 110);
}

static void test_drawing(unused void **state)
{
	struct arena *a = arena_new();
	struct out o;

	out_init(&o, a, 65536);
	graph_draw(graph_of_type(STR("delivery")), &o);
	assert_true(str_find(out_view(&o), STR("[*] --> waiting"), 0) != SIZE_MAX);
	assert_true(str_find(out_view(&o), STR("waiting --> sent"), 0) != SIZE_MAX);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_sound), cmocka_unit_test(test_unsound_ones),
		cmocka_unit_test(test_edges),	      cmocka_unit_test(test_delays),
		cmocka_unit_test(test_drawing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
