/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How full a disk may become, and when it counts as less full again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "model/disk.h"

#include <cmocka.h>

static const struct settings usual = {
	.disk_warn = 85,
	.disk_refuse = 92,
	.disk_read_only = 96,
	.media_path = "/",
	.database = "host=elsewhere.example dbname=rookery",
	.database_path = "",
};

static void test_levels(unused void **state)
{
	static const struct {
		int percent;
		enum disk_level before, after;
	} rows[] = {
		{ 0, DISK_WELL, DISK_WELL },
		{ 84, DISK_WELL, DISK_WELL },
		{ 85, DISK_WELL, DISK_WARN },
		{ 92, DISK_WELL, DISK_REFUSE },
		{ 96, DISK_WELL, DISK_READ_ONLY },
		{ 100, DISK_WELL, DISK_READ_ONLY },
		/* On the way back each ends below of where it began. */
		{ 95, DISK_READ_ONLY, DISK_READ_ONLY },
		{ 94, DISK_READ_ONLY, DISK_READ_ONLY },
		{ 93, DISK_READ_ONLY, DISK_REFUSE },
		{ 91, DISK_REFUSE, DISK_REFUSE },
		{ 89, DISK_REFUSE, DISK_WARN },
		{ 83, DISK_WARN, DISK_WARN },
		{ 82, DISK_WARN, DISK_WELL },
		{ 10, DISK_READ_ONLY, DISK_WELL },
		/* What was not reached has no margin. */
		{ 95, DISK_REFUSE, DISK_REFUSE },
		{ 91, DISK_WARN, DISK_WARN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(disk_judge(&usual, rows[i].percent, rows[i].before),
				 rows[i].after);
}

static void test_volumes(unused void **state)
{
	struct settings s = usual;
	struct disk disks[DISK_VOLUMES];

	/* A database elsewhere has no disk here, unless somebody says so. */
	assert_int_equal(disk_look(&s, disks), 1);
	assert_true(disks[0].size > 0 && disks[0].percent >= 0 && disks[0].percent <= 100);
	s.database_path = "/tmp";
	s.media_path = "/nonexistent/media";
	assert_int_equal(disk_look(&s, disks), 2);
	assert_true(disks[0].error && disks[0].percent == 0);
	assert_string_equal(disks[1].what, "database");
	assert_int_equal(disks[1].error, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_volumes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
