/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tools/embed as a program, on the files of tests/golden/embed. ROOKERY_EMBED names another build
 * of the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/attr.h"

#include <cmocka.h>

#define GOLDEN "tests/golden/embed"

struct embed_case {
	const char *arguments;
	int status;
	const char *golden; /* what it prints, or NULL */
};

static const struct embed_case cases[] = {
	{ "schema " GOLDEN "/0001_create_it.sql " GOLDEN "/0002_change_it.sql", 0, "schema.c" },
	{ "assets " GOLDEN "/page.css " GOLDEN "/dot.ico", 0, "assets.c" },
	{ "assets", 0, "none.c" },
	{ "schema " GOLDEN "/0002_change_it.sql " GOLDEN "/0001_create_it.sql", 1, NULL },
	{ "schema " GOLDEN "/0001_create_it.sql " GOLDEN "/0003_drop_it.sql", 0, "contract.c" },
	{ "schema " GOLDEN "/0004_drop_itself.sql", 1, NULL },
	{ "schema " GOLDEN "/page.css", 1, NULL },
	{ "assets " GOLDEN "/schema.c", 1, NULL },
	{ "assets " GOLDEN "/missing.css", 1, NULL },
	{ "fonts", 2, NULL },
};

/* The line's exit status; it finds the program in $embed and the case in the others. */
static int shell(const char *line)
{
	int status = system(line);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_cases(void **state unused)
{
	const char *embed = getenv("ROOKERY_EMBED");

	setenv("embed", embed ? embed : "build/tools/embed", 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct embed_case *e = &cases[i];

		setenv("arguments", e->arguments, 1);
		setenv("golden", e->golden ? e->golden : "", 1);
		assert_int_equal(shell("\"$embed\" $arguments >/dev/null 2>&1"), e->status);
		if (e->golden)
			assert_int_equal(
				shell("\"$embed\" $arguments | diff -u " GOLDEN "/$golden -"), 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
