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

bool hosts_is_list(const char *keyword, const char *value)
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

char *hosts_rotate(const char *list, unsigned by)
{
	size_t n = strlen(list);
	const char *first = list;
	char *rotated = malloc(n + 2);

	if (!rotated)
		abort();
	for (unsigned skip = by % (unsigned)count(list); skip; skip--)
		first = strchr(first, ',') + 1;
	if (first == list)
		return memcpy(rotated, list, n + 1);
	memcpy(rotated, first, (size_t)(list + n - first));
	rotated[list + n - first] = ',';
	memcpy(rotated + (list + n - first) + 1, list, (size_t)(first - list - 1));
	rotated[n] = 0;
	return rotated;
}

unsigned hosts_count(const struct db *db)
{
	size_t most = 1;

	for (size_t i = 0; db->keywords[i]; i++)
		if (hosts_is_list(db->keywords[i], db->values[i]) && count(db->values[i]) > most)
			most = count(db->values[i]);
	return (unsigned)most;
}

PGconn *hosts_connect(const struct db *db, unsigned by)
{
	size_t n = 0;
	const char **values;
	PGconn *pg;

	while (db->keywords[n])
		n++;
	values = calloc(n + 1, sizeof(*values));
	if (!values)
		return NULL;
	for (size_t i = 0; i < n; i++)
		values[i] = hosts_is_list(db->keywords[i], db->values[i])
				    ? hosts_rotate(db->values[i], by)
				    : db->values[i];
	pg = PQconnectStartParams(db->keywords, values, 0);
	for (size_t i = 0; i < n; i++)
		if (values[i] != db->values[i])
			free((void *)(uintptr_t)values[i]);
	free(values);
	return pg;
}
