/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tools/sqlgen as a program: the cases of tests/golden/sqlgen, each NAME.sql with NAME.h and
 * NAME.c, or with NAME.err and so refused. ROOKERY_SQLGEN names another build of the program.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/cluster.h"

#include <cmocka.h>

#define GOLDEN "tests/golden/sqlgen"

static char folder[] = "/tmp/rookery-sqlgen-XXXXXX";

/* Runs shell with $sqlgen, $db and $out set; gives its exit status. */
static int shell(const char *line)
{
	int status = system(line);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int setup(void **state unused)
{
	const char *sqlgen = getenv("ROOKERY_SQLGEN");
	const char *conninfo = cluster_start();
	char *db;

	if (!conninfo || !mkdtemp(folder) ||
	    asprintf(&db, "%s options='-c search_path=golden'", conninfo) < 0)
		return -1;
	setenv("sqlgen", sqlgen ? sqlgen : "build/tools/sqlgen", 1);
	setenv("db", db, 1);
	setenv("out", folder, 1);
	free(db);
	return shell("mkdir -p $out/sql/gen && psql -qX -v ON_ERROR_STOP=1 \"$db\""
		     " -c 'create schema golden' -f " GOLDEN "/schema/tables.sql");
}

static int teardown(void **state unused)
{
	shell("rm -rf \"$out\"");
	cluster_stop();
	return 0;
}

/* Those that are to succeed, in one run: row structs are shared between them. */
#define GOOD "$(ls " GOLDEN "/*.sql | grep -v /bad_)"

static void test_good(void **state unused)
{
	assert_int_equal(shell("\"$sqlgen\" \"$db\" " GOOD " -o $out/sql/gen"), 0);
	assert_int_equal(shell("for f in " GOOD "; do n=$(basename $f .sql); for e in h c; do"
			       " diff -u " GOLDEN "/$n.$e $out/sql/gen/$n.$e || exit 1;"
			       " done; done"),
			 0);
}

static void test_compiles(void **state unused)
{
	assert_int_equal(shell("for f in $out/sql/gen/*.c; do gcc -std=gnu11 -fsyntax-only -Wall"
			       " -Wextra -Wshadow -Wmissing-prototypes -Werror -I$out -I. -Ilib $f"
			       " || exit 1; done"),
			 0);
}

static void test_check(void **state unused)
{
	assert_int_equal(shell("\"$sqlgen\" --check \"$db\" " GOOD " -o " GOLDEN), 0);
	assert_int_equal(shell("mkdir $out/none; \"$sqlgen\" --check \"$db\" " GOLDEN "/post.sql"
			       " -o $out/none >$out/list"),
			 1);
	assert_int_equal(shell("test $(wc -l <$out/list) = 2 && test -z \"$(ls $out/none)\""), 0);
}

static void test_unchanged(void **state unused)
{
	assert_int_equal(shell("touch -d 2000-01-01 $out/sql/gen/*;"
			       "\"$sqlgen\" \"$db\" " GOOD " -o $out/sql/gen;"
			       "test -z \"$(find $out/sql/gen -type f -newermt 2001-01-01)\""),
			 0);
}

static void test_bad(void **state unused)
{
	glob_t found;

	assert_int_equal(glob(GOLDEN "/bad_*.sql", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		setenv("case", found.gl_pathv[i], 1);
		assert_int_equal(shell("\"$sqlgen\" \"$db\" $case -o $out/none 2>$out/err"), 1);
		assert_int_equal(shell("diff -u ${case%.sql}.err $out/err"), 0);
	}
	globfree(&found);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),  cmocka_unit_test(test_compiles),
		cmocka_unit_test(test_check), cmocka_unit_test(test_unchanged),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
