/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Colours: notation, contrast as WCAG 2.2 gives it, and that what is made readable is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "html/colour.h"

static struct arena *arena;

static struct colour parsed(const char *text)
{
	struct colour k;

	assert_true(colour_parse(str_c(text), &k));
	return k;
}

static void test_notation(void **state unused)
{
	static const char *const wrong[] = {
		"", "#fff", "2f6f5e", "#2f6f5", "#2f6f5e0", "#2f6f5g"
	};
	struct colour k = parsed("#2F6f5e");

	assert_true(str_eq_c(colour_text(arena, &k), "#2f6f5e"));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(colour_parse(str_c(wrong[i]), &k));
}

/* Known ratios, in hundredths. */
static void test_contrast(void **state unused)
{
	static const struct {
		const char *k, *l;
		int ratio;
	} cases[] = {
		{ "#000000", "#ffffff", 2100 }, { "#777777", "#ffffff", 448 },
		{ "#767676", "#ffffff", 454 },	{ "#ff0000", "#ffffff", 400 },
		{ "#123456", "#123456", 100 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct colour k = parsed(cases[i].k), l = parsed(cases[i].l);

		assert_in_range((int)(colour_contrast(&k, &l) * 100 + 0.5), cases[i].ratio - 1,
				cases[i].ratio + 1);
		assert_true(colour_contrast(&k, &l) == colour_contrast(&l, &k));
	}
}

static void test_readable(void **state unused)
{
	const struct colour paper = parsed("#f4f1e9"), night = parsed("#1d2224"),
			    ink = parsed("#0e1514");

	for (unsigned rgb = 0; rgb < 0x1000000; rgb += 0x1357) {
		struct colour k = parsed(str_z(arena, str_fmt(arena, "#%06x", rgb)));
		struct colour light = colour_readable(&k, &colour_black, &paper, 4.5);
		struct colour dark = colour_brightened(&k, &night, 4.5);
		struct colour on = colour_on(&k, &ink);

		assert_true(colour_contrast(&light, &paper) >= 4.5);
		assert_true(colour_contrast(&dark, &night) >= 4.5);
		assert_true(colour_contrast(&on, &k) >= 4.2);
	}
}

static void test_what_can_be_read_stays(void **state unused)
{
	const struct colour paper = parsed("#f4f1e9"), k = parsed("#2f6f5e");
	struct colour same = colour_readable(&k, &colour_black, &paper, 4.5);

	assert_true(str_eq_c(colour_text(arena, &same), "#2f6f5e"));
}

static int make_arena(void **state unused)
{
	arena = arena_new();
	return 0;
}

static int free_arena(void **state unused)
{
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_notation, make_arena, free_arena),
		cmocka_unit_test_setup_teardown(test_contrast, make_arena, free_arena),
		cmocka_unit_test_setup_teardown(test_readable, make_arena, free_arena),
		cmocka_unit_test_setup_teardown(test_what_can_be_read_stays, make_arena,
						free_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
