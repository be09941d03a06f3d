/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: the same event is told once, and never one that the owner, or its tenant's staff, does not want told. */
#include "model/notification.h"

#include <assert.h>
#include <stdint.h>

#include "model/emoji.h"
#include "model/identity.h"

int notification_tell(struct ctx *c, const struct notification_news *news)
{
	struct q_notification_add_args args = {
		.identity_id = news->identity_id,
		.kind = str_c(news->kind),
		.actor_id = news->actor_id,
		.post_id = news->post_id,
		.subject_id = news->subject_id,
	};
	const struct notification_told_row *told;
	int result;

	assert(c->domain_id);
	result = q_notification_add(c, &args, &told);
	return result == E_NOT_FOUND ? 0 : result;
}

int notification_add(struct ctx *c, int64_t identity_id, const char *kind, int64_t actor_id,
		     int64_t post_id)
{
	struct notification_news news = {
		.identity_id = identity_id,
		.kind = kind,
		.actor_id = actor_id,
		.post_id = post_id,
	};

	return notification_tell(c, &news);
}

int notification_tell_new_post(struct ctx *c, int64_t post_id)
{
	const struct told_people_row *told;

	return q_notification_tell_new(c, post_id, c->domain_id, &told);
}

int notification_tell_edited_post(struct ctx *c, int64_t post_id)
{
	const struct told_people_row *told;

	return q_notification_tell_edited(c, c->domain_id, post_id, &told);
}

int notification_remove(struct ctx *c, int64_t identity_id, const char *kind, int64_t actor_id,
			int64_t post_id)
{
	return q_notification_remove(c, identity_id, str_c(kind), actor_id, post_id, NULL);
}

/* Actors of all rows by one statement. */
static int load_actors(struct ctx *c, struct notice *notices, size_t n)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct identity_row *actors;
	size_t n_actors;

	for (size_t i = 0; i < n; i++)
		ids[i] = notices[i].row->actor_id;
	TRY(q_identity_by_ids(c, (i64s){ ids, n }, &actors, &n_actors));
	for (size_t i = 0; i < n_actors; i++)
		emoji_expect_identity(c, &actors[i]);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_actors; k++)
			if (actors[k].id == notices[i].row->actor_id)
				notices[i].actor = &actors[k];
	return 0;
}

/* Posts of all rows, as statuses, by a constant number of statements. */
static int load_statuses(struct ctx *c, struct notice *notices, size_t n)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct post_row *posts;
	struct status *statuses;
	size_t n_posts;

	for (size_t i = 0; i < n; i++)
		ids[i] = notices[i].row->post_id;
	TRY(q_post_by_ids(c, (i64s){ ids, n }, c->identity_id, &posts, &n_posts));
	TRY(statuses_load(c, posts, n_posts, c->identity_id, &statuses));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_posts; k++)
			if (posts[k].id == notices[i].row->post_id)
				notices[i].status = &statuses[k];
	return 0;
}

static int load_subjects(struct ctx *c, struct notice *notices, size_t n)
{
	struct notice_subject_key *keys = arena_array(c->arena, n + 1, sizeof(*keys));
	struct notice_subject *subjects;

	for (size_t i = 0; i < n; i++)
		keys[i] = (struct notice_subject_key){ notices[i].row->kind,
						       notices[i].row->subject_id };
	TRY(notice_subjects_load(c, keys, n, &subjects));
	for (size_t i = 0; i < n; i++)
		notices[i].subject = subjects[i];
	return 0;
}

/* Newest first in any case. What has lost its actor or its post is left out. */
static int load(struct ctx *c, const struct notification_row *rows, size_t n, bool upward,
		struct notice **ret, size_t *ret_n)
{
	struct notice *notices = arena_array(c->arena, n + 1, sizeof(*notices));
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		notices[i].row = &rows[upward ? n - 1 - i : i];
	if (n) {
		TRY(load_actors(c, notices, n));
		TRY(load_statuses(c, notices, n));
		TRY(load_subjects(c, notices, n));
	}
	for (size_t i = 0; i < n; i++)
		if (notices[i].actor && (!notices[i].row->post_id || notices[i].status))
			notices[kept++] = notices[i];
	*ret = notices;
	*ret_n = kept;
	return 0;
}

int notification_list(struct ctx *c, const struct notification_choice *choice, const struct page *p,
		      struct notice **ret, size_t *ret_n, bool *ret_more)
{
	struct q_notification_list_args args = {
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
	const struct notification_row *rows;
	size_t n;

	TRY(q_notification_list(c, p->min_id != 0, &args, &rows, &n));
	*ret_more = (int64_t)n == args.limit;
	return load(c, rows, n, p->min_id != 0, ret, ret_n);
}

int notification_get(struct ctx *c, int64_t id, struct notice *ret)
{
	const struct notification_row *row;
	struct notice *notices;
	size_t n;

	TRY(q_notification_by_id(c, c->identity_id, id, &row));
	TRY(load(c, row, 1, false, &notices, &n));
	if (n == 0)
		return E_NOT_FOUND;
	*ret = notices[0];
	return 0;
}

int notification_dismiss(struct ctx *c, i64s ids)
{
	return ids.n ? q_notification_dismiss(c, c->identity_id, ids, NULL) : 0;
}

int notification_clear(struct ctx *c)
{
	return q_notification_clear(c, c->identity_id, NULL);
}

static int count_groups(struct ctx *c, const struct notification_choice *choice, int64_t limit,
			const struct notification_count_row **ret)
{
	struct q_notification_unseen_groups_args args = {
		.grouped = choice->grouped,
		.identity_id = c->identity_id,
		.all_kinds = !choice->has_kinds,
		.kinds = choice->kinds,
		.without = choice->without,
		.actor_id = choice->actor_id,
		.limit = limit,
	};

	return q_notification_unseen_groups(c, &args, ret);
}

int notification_count_unseen(struct ctx *c, const struct notification_choice *choice, bool groups,
			      int64_t limit, int64_t *ret)
{
	struct q_notification_unseen_args args = {
		.identity_id = c->identity_id,
		.all_kinds = !choice->has_kinds,
		.kinds = choice->kinds,
		.without = choice->without,
		.actor_id = choice->actor_id,
		.limit = limit,
	};
	const struct notification_count_row *row;

	if (groups)
		TRY(count_groups(c, choice, limit, &row));
	else
		TRY(q_notification_unseen(c, &args, &row));
	*ret = row->n;
	return 0;
}

int notification_mark_seen(struct ctx *c, int64_t up_to)
{
	return q_notification_mark_seen(c, c->identity_id, up_to, NULL);
}
