/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Which files a database refers to, page by page, so that a million of them take the memory of their missing ones. */
#include <string.h>

#include "provisioning/backup.h"
#include "sql/gen/backup.h"

#define PAGE 10000

static void add(struct vault *v, struct wanted *w, size_t *room, str name)
{
	if (w->missing.n == *room) {
		str *more;

		*room = *room ? 2 * *room : 64;
		more = arena_array(v->c->arena, *room, sizeof(*more));
		if (w->missing.n)
			memcpy(more, w->missing.p, w->missing.n * sizeof(*more));
		w->missing.p = more;
	}
	((str *)w->missing.p)[w->missing.n++] = str_dup(v->c->arena, name);
}

int wanted_files(struct vault *v, struct ctx *c, file_is_there is_there, void *arg,
		 struct wanted *ret)
{
	const struct backup_file_row *rows;
	str after = STR("");
	size_t n, room = 0;

	*ret = (struct wanted){ 0 };
	do {
		TRY(q_backup_files(c, after, PAGE, &rows, &n));
		for (size_t i = 0; i < n; i++)
			if (!is_there(arg, rows[i].name, rows[i].size))
				add(v, ret, &room, rows[i].name);
		ret->n += (int64_t)n;
		if (n)
			after = rows[n - 1].name;
	} while (n == PAGE);
	return 0;
}
