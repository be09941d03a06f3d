/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a table is a NULL-terminated array with distinct names and values. */
#include "base/table.h"

#include <assert.h>
#include <stddef.h>

bool name_to_value(const struct name *table, str name, int *ret)
{
	for (; table->name; table++)
		if (str_eq_c(name, table->name)) {
			*ret = table->value;
			return true;
		}
	return false;
}

const char *name_of_value(const struct name *table, int value)
{
	while (table->name && table->value != value)
		table++;
	assert(table->name);
	return table->name;
}
