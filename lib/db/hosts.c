/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Several servers of one database. libpq tries them in the order of the connection string, but an attempt that we drive
 * ends as a whole at our limit; so who met a silent one begins with the next, and no silent host hides those behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "db/state.h"

/* Each may be a list; those of one entry are for all hosts. */
static const char *const lists[] = { "host", "hostaddr", "port" };

/* Whether it names several hosts, or something of each of them. */
static bool is_list(const char *keyword, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (strcmp(keyword, lists[i]) == 0)
			return value && strchr(value, ',');
	return false;
}

static size_t count(const char *list)
{
	size_t n = 1;

	for (; *list; list++)
		n += *list == ',';
	return n;
}

/* The list, beginning with its by-th entry and going round. */
static const char *rotate(struct arena *a, const char *list, unsigned by)
{
	size_t n = strlen(list);
	const char *first = list;
	char *rotated = arena_alloc(a, n + 2);

	for (unsigned skip = by % (unsigned)count(list); skip; skip--)
		first = strchr(first, ',') + 1;
	if (first == list)
		return list;
	memcpy(rotated, first, (size_t)(list + n - first));
	rotated[list + n - first] = ',';
	memcpy(rotated + (list + n - first) + 1, list, (size_t)(first - list - 1));
	return rotated;
}

unsigned hosts_count(const struct db *db)
{
	size_t most = 1;

	for (size_t i = 0; db->keywords[i]; i++)
		if (is_list(db->keywords[i], db->values[i]) && count(db->values[i]) > most)
			most = count(db->values[i]);
	return (unsigned)most;
}

PGconn *hosts_connect(const struct db *db, unsigned by)
{
	size_t n = 0;
	cleanup(arena_freep) struct arena *a = arena_new();
	const char **values;

	while (db->keywords[n])
		n++;
	values = arena_array(a, n + 1, sizeof(*values));
	for (size_t i = 0; i < n; i++)
		values[i] = is_list(db->keywords[i], db->values[i]) ? rotate(a, db->values[i], by)
								    : db->values[i];
	return PQconnectStartParams(db->keywords, values, 0);
}
