/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: the same event is told once, and never one that the owner blocked out. */
#include "model/notification.h"

#include <assert.h>
#include <stdint.h>

#include "model/identity.h"

int notification_add(struct ctx *c, int64_t identity_id, const char *kind, int64_t actor_id,
		     int64_t post_id)
{
	if (identity_id == actor_id)
		return 0;
	assert(c->domain_id);
	return q_notification_add(c, str_c(kind), actor_id, post_id, identity_id, NULL);
}

int notification_remove(struct ctx *c, int64_t identity_id, const char *kind, int64_t actor_id,
			int64_t post_id)
{
	return q_notification_remove(c, identity_id, str_c(kind), actor_id, post_id, NULL);
}

/* Actors of all rows by one statement. */
static int load_actors(struct ctx *c, const struct notification_row *rows, struct notice *notices,
		       size_t n)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct identity_row *actors;
	size_t n_actors;

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].actor_id;
	TRY(q_identity_by_ids(c, (i64s){ ids, n }, &actors, &n_actors));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_actors; k++)
			if (actors[k].id == rows[i].actor_id)
				notices[i].actor = &actors[k];
	return 0;
}

/* Posts of all rows, as statuses, by a constant number of statements. */
static int load_statuses(struct ctx *c, const struct notification_row *rows, struct notice *notices,
			 size_t n)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct post_row *posts;
	struct status *statuses;
	size_t n_posts;

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].post_id;
	TRY(q_post_by_ids(c, (i64s){ ids, n }, c->identity_id, &posts, &n_posts));
	TRY(statuses_load(c, posts, n_posts, c->identity_id, &statuses));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_posts; k++)
			if (posts[k].id == rows[i].post_id)
				notices[i].status = &statuses[k];
	return 0;
}

int notification_list(struct ctx *c, const struct page *p, struct notice **ret, size_t *ret_n)
{
	const struct notification_row *rows;
	struct notice *notices;
	size_t n;

	TRY(q_notification_list(c, c->identity_id, p->max_id ? p->max_id : INT64_MAX, p->since_id,
				page_limit(p), &rows, &n));
	notices = arena_array(c->arena, n + 1, sizeof(*notices));
	for (size_t i = 0; i < n; i++)
		notices[i].row = &rows[i];
	TRY(load_actors(c, rows, notices, n));
	TRY(load_statuses(c, rows, notices, n));
	*ret = notices;
	*ret_n = n;
	return 0;
}

int notification_count_unseen(struct ctx *c, int64_t *ret)
{
	const struct notification_count_row *row;

	TRY(q_notification_unseen(c, c->identity_id, &row));
	*ret = row->n;
	return 0;
}

int notification_mark_seen(struct ctx *c)
{
	return q_notification_mark_seen(c, c->identity_id, NULL);
}
