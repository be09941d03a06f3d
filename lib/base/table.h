/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Names of enumerators as data: one table serves reading, writing, help texts and tests.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>

#include "base/str.h"

struct name {
	const char *name;
	int value;
};

/* The value of a name (exact case); false when the table has no such row. Tables end with NULL. */
bool name_to_value(const struct name *table, str name, int *ret);

/* The name of a value; the value must be in the table. */
const char *name_of_value(const struct name *table, int value);

#endif
