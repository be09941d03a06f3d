/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the database groups, by the key that a notification got when it was made; a page of groups takes one statement for
 * them and a constant number for the people and posts that they show.
 */
#include <stdint.h>

#include "base/id.h"
#include "model/emoji.h"
#include "model/identity.h"
#include "model/notification.h"

#define ALONE "ungrouped-" /* key of one that is in no group, before its id */

/* A key is that of a group, or of one by its id; never both. */
static int64_t id_of_key(str key)
{
	int64_t id;

	return str_starts(key, STR(ALONE)) && id_parse(str_from(key, sizeof(ALONE) - 1), &id) ? id
											      : 0;
}

static int load_actors(struct ctx *c, const struct notification_group_row *rows, size_t n,
		       struct notice_groups *ret)
{
	size_t n_ids = 0;
	int64_t *ids;

	for (size_t i = 0; i < n; i++)
		n_ids += rows[i].actors.n;
	ids = arena_array(c->arena, n_ids + 1, sizeof(*ids));
	n_ids = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < rows[i].actors.n; k++)
			ids[n_ids++] = rows[i].actors.p[k];
	TRY(q_identity_by_ids(c, (i64s){ ids, n_ids }, &ret->actors, &ret->n_actors));
	for (size_t i = 0; i < ret->n_actors; i++)
		emoji_expect_identity(c, &ret->actors[i]);
	return 0;
}

static int load_statuses(struct ctx *c, const struct notification_group_row *rows, size_t n,
			 struct notice_groups *ret)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct post_row *posts;
	struct status *statuses;
	size_t n_ids = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i].post_id)
			ids[n_ids++] = rows[i].post_id;
	TRY(q_post_by_ids(c, (i64s){ ids, n_ids }, c->identity_id, &posts, &ret->n_statuses));
	TRY(statuses_load(c, posts, ret->n_statuses, c->identity_id, &statuses));
	ret->statuses = statuses;
	return 0;
}

static int load_subjects(struct ctx *c, struct notice_groups *g)
{
	struct notice_subject_key *keys = arena_array(c->arena, g->n + 1, sizeof(*keys));
	struct notice_subject *subjects;

	for (size_t i = 0; i < g->n; i++)
		keys[i] =
			(struct notice_subject_key){ g->groups[i]->kind, g->groups[i]->subject_id };
	TRY(notice_subjects_load(c, keys, g->n, &subjects));
	g->subjects = subjects;
	return 0;
}

static bool is_whole(const struct notification_group_row *row, const struct notice_groups *g)
{
	if (!row->post_id)
		return true;
	for (size_t i = 0; i < g->n_statuses; i++)
		if (g->statuses[i].post->id == row->post_id)
			return true;
	return false;
}

/* Groups about posts that the viewer may not read (any more) are left out. */
static int load(struct ctx *c, const struct notification_group_row *rows, size_t n,
		struct notice_groups *ret)
{
	struct notice_groups g = { 0 };

	g.groups = arena_array(c->arena, n + 1, sizeof(*g.groups));
	if (n) {
		TRY(load_actors(c, rows, n, &g));
		TRY(load_statuses(c, rows, n, &g));
	}
	for (size_t i = 0; i < n; i++)
		if (is_whole(&rows[i], &g))
			g.groups[g.n++] = &rows[i];
	TRY(load_subjects(c, &g));
	*ret = g;
	return 0;
}

int notification_groups(struct ctx *c, const struct notification_choice *choice,
			const struct page *p, struct notice_groups *ret)
{
	struct q_notification_groups_args args = {
		.grouped = choice->grouped,
		.upward = p->min_id != 0,
		.identity_id = c->identity_id,
		.max_id = p->max_id ? p->max_id : INT64_MAX,
		.min_id = p->min_id ? p->min_id : p->since_id,
		.all_kinds = !choice->has_kinds,
		.kinds = choice->kinds,
		.without = choice->without,
		.actor_id = choice->actor_id,
		.with_filtered = choice->with_filtered,
		.limit = page_limit(p),
	};
	const struct notification_group_row *rows;
	size_t n;

	TRY(q_notification_groups(c, &args, &rows, &n));
	TRY(load(c, rows, n, ret));
	ret->more = (int64_t)n == args.limit;
	return 0;
}

int notification_group(struct ctx *c, str key, struct notice_groups *ret)
{
	const struct notification_group_row *row;

	TRY(q_notification_group(c, key, c->identity_id, id_of_key(key), &row));
	TRY(load(c, row, 1, ret));
	return ret->n ? 0 : E_NOT_FOUND;
}

int notification_group_actors(struct ctx *c, str key, const struct page *p,
			      const struct identity_row **ret, size_t *ret_n, int64_t *ret_newest,
			      int64_t *ret_oldest)
{
	struct q_notification_group_actors_args args = {
		.identity_id = c->identity_id,
		.id = id_of_key(key),
		.key = key,
		.max_id = p->max_id ? p->max_id : INT64_MAX,
		.min_id = p->min_id ? p->min_id : p->since_id,
		.limit = page_limit(p),
	};
	const struct notification_actor_row *rows;
	const struct identity_row *found;
	struct identity_row *people;
	size_t n, n_found, kept = 0;
	int64_t *ids;

	TRY(q_notification_group_actors(c, &args, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	people = arena_array(c->arena, n + 1, sizeof(*people));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].actor_id;
	TRY(q_identity_by_ids(c, (i64s){ ids, n }, &found, &n_found));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_found; k++)
			if (found[k].id == ids[i])
				people[kept++] = found[k];
	*ret = people;
	*ret_n = kept;
	*ret_newest = n ? rows[0].id : 0;
	*ret_oldest = n ? rows[n - 1].id : 0;
	return 0;
}

int notification_group_dismiss(struct ctx *c, str key)
{
	return q_notification_dismiss_group(c, c->identity_id, id_of_key(key), key, NULL);
}
