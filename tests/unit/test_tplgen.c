/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tools/tplgen as a program, on the files of tests/golden/tplgen: good templates are compiled and
 * run, bad ones are refused with file and line, wrong ones are refused by the C compiler.
 * ROOKERY_TPLGEN names another build of the program.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/attr.h"

#include <cmocka.h>

#define GOLDEN "tests/golden/tplgen"
#define COMPILE "cc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wshadow -I. -Ilib -I\"$dir\" "

/* The exit status of a line; it finds its words in the environment. */
static int shell(const char *line)
{
	int status = system(line);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_good(void **state unused)
{
	assert_int_equal(
		shell("\"$tplgen\" \"$dir\" " GOLDEN "/good/*.html " GOLDEN "/good/*/*.html"), 0);
	assert_int_equal(shell(COMPILE "-o \"$dir/run\" \"$dir/templates.c\" " GOLDEN
				       "/good/main.c lib/base/*.c"),
			 0);
	assert_int_equal(shell("\"$dir/run\" | diff -u " GOLDEN "/good/page.out -"), 0);
}

/* The order of the arguments changes nothing. */
static void test_order(void **state unused)
{
	assert_int_equal(shell("mkdir \"$dir/again\""), 0);
	assert_int_equal(shell("\"$tplgen\" \"$dir/again\" " GOLDEN "/good/*/*.html " GOLDEN
			       "/good/*.html"),
			 0);
	assert_int_equal(shell("cmp \"$dir/templates.c\" \"$dir/again/templates.c\""), 0);
	assert_int_equal(shell("cmp \"$dir/templates.h\" \"$dir/again/templates.h\""), 0);
}

static void test_bad(void **state unused)
{
	glob_t found;

	assert_int_equal(glob(GOLDEN "/bad/*.html", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		setenv("case", found.gl_pathv[i], 1);
		assert_int_equal(shell("\"$tplgen\" \"$dir\" \"$case\" 2>\"$dir/err\""), 1);
		assert_int_equal(shell("diff -u \"${case%html}err\" \"$dir/err\""), 0);
	}
	globfree(&found);
}

/* What only the C compiler knows is reported at the line of the template: always the fourth. */
static void test_wrong(void **state unused)
{
	static const char *const names[] = { "bool", "html", "member" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		setenv("case", names[i], 1);
		assert_int_equal(shell("\"$tplgen\" \"$dir\" " GOLDEN "/wrong/$case.html"), 0);
		assert_int_equal(
			shell("! " COMPILE "-fsyntax-only \"$dir/templates.c\" 2>\"$dir/err\""), 0);
		assert_int_equal(shell("grep -q \"^" GOLDEN "/wrong/$case.html:4:\" \"$dir/err\""),
				 0);
	}
}

static void test_usage(void **state unused)
{
	assert_int_equal(shell("\"$tplgen\" \"$dir\" 2>/dev/null"), 2);
	assert_int_equal(shell("\"$tplgen\" \"$dir\" missing.html 2>/dev/null"), 1);
	assert_int_equal(shell("\"$tplgen\" \"$dir\" README.md 2>/dev/null"), 1);
	assert_int_equal(shell("\"$tplgen\" /nowhere " GOLDEN "/wrong/member.html 2>/dev/null"), 1);
}

static int make_dir(void **state unused)
{
	static char dir[] = "/tmp/tplgen.XXXXXX";
	const char *tplgen = getenv("ROOKERY_TPLGEN");

	setenv("tplgen", tplgen ? tplgen : "build/tools/tplgen", 1);
	return mkdtemp(dir) && setenv("dir", dir, 1) == 0 ? 0 : -1;
}

static int remove_dir(void **state unused)
{
	return shell("rm -r \"$dir\"");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),  cmocka_unit_test(test_order),
		cmocka_unit_test(test_bad),   cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_usage),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
