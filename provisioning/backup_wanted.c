/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Which files a database refers to, page by page, so that a million of them take the memory of their missing ones. */
#include <string.h>

#include "media/media.h"
#include "provisioning/backup.h"
#include "provisioning/crew.h"
#include "sql/gen/backup.h"

#define PAGE 10000
#define HANDS 16

static void add(struct vault *v, struct wanted *w, const struct backup_file_row *row)
{
	struct arena *a = v->c->arena;

	if (w->n_missing == w->room) {
		struct wanted_file *more;

		w->room = w->room ? 2 * w->room : 64;
		more = arena_array(a, w->room, sizeof(*more));
		if (w->n_missing)
			memcpy(more, w->missing, w->n_missing * sizeof(*more));
		w->missing = more;
	}
	w->missing[w->n_missing++] = (struct wanted_file){
		.name = str_dup(a, row->name),
		.type = str_dup(a, row->media_type),
		.size = row->size,
	};
}

/* Calls each with every page until it fails. */
typedef int (*each_page)(void *arg, const struct backup_file_row *rows, size_t n);

static int turn_pages(struct ctx *c, each_page each, void *arg)
{
	const struct backup_file_row *rows;
	str after = STR("");
	size_t n;

	do {
		TRY(q_backup_files(c, after, PAGE, &rows, &n));
		TRY(each(arg, rows, n));
		if (n)
			after = rows[n - 1].name;
	} while (n == PAGE);
	return 0;
}

struct asking {
	struct vault *v;
	file_is_there is_there;
	void *arg;
	struct wanted *w;
};

static int ask(void *arg, const struct backup_file_row *rows, size_t n)
{
	struct asking *a = arg;

	for (size_t i = 0; i < n; i++)
		if (!a->is_there(a->arg, rows[i].name, rows[i].size))
			add(a->v, a->w, &rows[i]);
	a->w->n += (int64_t)n;
	return 0;
}

int wanted_files(struct vault *v, struct ctx *c, file_is_there is_there, void *arg,
		 struct wanted *ret)
{
	struct asking a = { .v = v, .is_there = is_there, .arg = arg, .w = ret };

	*ret = (struct wanted){ 0 };
	return turn_pages(c, ask, &a);
}

struct looking {
	struct vault *v;
	struct ctx *c;
	struct wanted *w;
};

struct look {
	const struct backup_file_row *row;
	bool is_there;
};

/* A store that does not answer is no store that has lost everything. */
static int look_at(struct ctx *c, void *arg)
{
	struct look *l = arg;
	int64_t size;
	int result = store_size(c, c->media->store, l->row->name, &size);

	l->is_there = !result && size == l->row->size;
	return result == E_NOT_FOUND ? 0 : result;
}

static int look_at_page(void *arg, const struct backup_file_row *rows, size_t n)
{
	struct looking *g = arg;
	struct look *looks = arena_array(g->v->c->arena, n ? n : 1, sizeof(*looks));
	struct crew crew;
	int result = 0, end;

	crew_init(&crew, g->c, look_at, HANDS);
	for (size_t i = 0; i < n && !result; i++) {
		looks[i] = (struct look){ .row = &rows[i] };
		result = crew_do(&crew, &looks[i]);
	}
	end = crew_wait(&crew);
	TRY(result ? result : end);
	for (size_t i = 0; i < n; i++)
		if (!looks[i].is_there)
			add(g->v, g->w, &rows[i]);
	g->w->n += (int64_t)n;
	return 0;
}

int wanted_in_store(struct vault *v, struct ctx *c, struct wanted *ret)
{
	struct looking g = { .v = v, .c = c, .w = ret };

	*ret = (struct wanted){ 0 };
	return turn_pages(c, look_at_page, &g);
}
