/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a timeline is one narrow statement for the entries and a constant number for what they
 * show; what the viewer may not read is left out by the second even if the first has it.
 */
#include "model/timeline.h"

#include "model/emoji.h"
#include "model/identity.h"
#include "sql/gen/timeline.h"

static const struct post_row *find_post(const struct post_row *posts, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (posts[i].id == id)
			return &posts[i];
	return NULL;
}

/* Identities that boosted, by one statement; none when no entry is a boost. */
static int load_boosters(struct ctx *c, const struct timeline_row *rows, size_t n_rows,
			 struct status *statuses, size_t n)
{
	int64_t *ids = arena_array(c->arena, n_rows + 1, sizeof(*ids));
	const struct identity_row *boosters;
	size_t n_ids = 0, n_boosters;

	for (size_t i = 0; i < n_rows; i++)
		if (rows[i].booster_id)
			ids[n_ids++] = rows[i].booster_id;
	if (n_ids == 0)
		return 0;
	TRY(q_identity_by_ids(c, (i64s){ ids, n_ids }, &boosters, &n_boosters));
	for (size_t i = 0; i < n_boosters; i++)
		emoji_expect_identity(c, &boosters[i]);
	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < n_rows; r++)
			for (size_t k = 0; k < n_boosters; k++)
				if (rows[r].entry_id == statuses[i].entry_id &&
				    rows[r].booster_id == boosters[k].id)
					statuses[i].booster = &boosters[k];
	return 0;
}

/* Entries to statuses, in their order, without those that the viewer may not read. */
static int load(struct ctx *c, const struct timeline_row *rows, size_t n, int64_t viewer,
		struct status **ret, size_t *ret_n)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	struct post_row *ordered = arena_array(c->arena, n + 1, sizeof(*ordered));
	int64_t *entries = arena_array(c->arena, n + 1, sizeof(*entries));
	const struct post_row *posts;
	struct status *statuses;
	size_t n_posts, kept = 0;

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].post_id;
	TRY(q_post_by_ids(c, (i64s){ ids, n }, viewer, &posts, &n_posts));
	for (size_t i = 0; i < n; i++) {
		const struct post_row *p = find_post(posts, n_posts, rows[i].post_id);

		if (!p)
			continue;
		ordered[kept] = *p;
		entries[kept++] = rows[i].entry_id;
	}
	TRY(statuses_load(c, ordered, kept, viewer, &statuses));
	for (size_t i = 0; i < kept; i++)
		statuses[i].entry_id = entries[i];
	TRY(load_boosters(c, rows, n, statuses, kept));
	*ret = statuses;
	*ret_n = kept;
	return 0;
}

/* A page is shown newest first, from whichever end it was filled. */
static int load_range(struct ctx *c, const struct page_range *r, const struct timeline_row *rows,
		      size_t n, int64_t viewer, struct status **ret, size_t *ret_n)
{
	struct timeline_row *turned;

	if (!r->upward)
		return load(c, rows, n, viewer, ret, ret_n);
	turned = arena_array(c->arena, n + 1, sizeof(*turned));
	for (size_t i = 0; i < n; i++)
		turned[i] = rows[n - 1 - i];
	return load(c, turned, n, viewer, ret, ret_n);
}

int timeline_home(struct ctx *c, const struct page *p, struct status **ret, size_t *ret_n)
{
	struct page_range r = page_range(p);
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_home(c, r.upward, c->identity_id, r.max, r.min, r.limit, &rows, &n));
	return load_range(c, &r, rows, n, c->identity_id, ret, ret_n);
}

/* Channels of public_timeline. */
static i64s channels_of(struct ctx *c, struct timeline_choice which)
{
	int64_t *ids = arena_array(c->arena, 2, sizeof(*ids));
	int64_t media = which.only_media ? 2 : 0;
	size_t n = 0;

	if (!which.remote)
		ids[n++] = media;
	if (!which.local)
		ids[n++] = media + 1;
	return (i64s){ ids, n };
}

int timeline_public(struct ctx *c, struct timeline_choice which, const struct page *p,
		    int64_t viewer, struct status **ret, size_t *ret_n)
{
	struct page_range r = page_range(p);
	struct q_timeline_public_args args = {
		.channels = channels_of(c, which),
		.domain_id = c->domain_id,
		.max_id = r.max,
		.min_id = r.min,
		.viewer = viewer,
		.limit = r.limit,
	};
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_public(c, r.upward, &args, &rows, &n));
	return load_range(c, &r, rows, n, viewer, ret, ret_n);
}

int timeline_hashtag(struct ctx *c, const struct timeline_tags *t, const struct page *p,
		     int64_t viewer, struct status **ret, size_t *ret_n)
{
	struct page_range r = page_range(p);
	struct q_timeline_hashtag_args args = {
		.max_id = r.max,
		.min_id = r.min,
		.local = t->which.local,
		.domain_id = c->domain_id,
		.remote = t->which.remote,
		.only_media = t->which.only_media,
		.all_of = t->all,
		.none_of = t->none,
		.viewer = viewer,
		.limit = r.limit,
		.any_of = t->any,
	};
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_hashtag(c, r.upward, &args, &rows, &n));
	return load_range(c, &r, rows, n, viewer, ret, ret_n);
}

static int author_media(struct ctx *c, const struct timeline_by *by, const struct page_range *r,
			int64_t viewer, const struct timeline_row **ret, size_t *ret_n)
{
	struct q_timeline_author_media_args args = {
		.author_id = by->author_id,
		.max_id = r->max,
		.min_id = r->min,
		.with_replies = by->replies,
		.tag = by->tag,
		.viewer = viewer,
		.limit = r->limit,
	};

	return q_timeline_author_media(c, r->upward, &args, ret, ret_n);
}

int timeline_author(struct ctx *c, const struct timeline_by *by, const struct page *p,
		    int64_t viewer, struct status **ret, size_t *ret_n)
{
	struct page_range r = page_range(p);
	struct q_timeline_author_args args = {
		.author_id = by->author_id,
		.max_id = r.max,
		.min_id = r.min,
		.with_replies = by->replies,
		.tag = by->tag,
		.viewer = viewer,
		.limit = r.limit,
		.with_boosts = by->boosts,
	};
	const struct timeline_row *rows;
	size_t n;

	if (by->only_media)
		TRY(author_media(c, by, &r, viewer, &rows, &n));
	else
		TRY(q_timeline_author(c, r.upward, &args, &rows, &n));
	return load_range(c, &r, rows, n, viewer, ret, ret_n);
}

int timeline_pinned(struct ctx *c, int64_t author_id, int64_t viewer, struct status **ret,
		    size_t *ret_n)
{
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_pinned(c, author_id, viewer, &rows, &n));
	return load(c, rows, n, viewer, ret, ret_n);
}

int timeline_link(struct ctx *c, str url, const struct page *p, int64_t viewer, struct status **ret,
		  size_t *ret_n)
{
	struct page_range r = page_range(p);
	struct q_timeline_link_args args = {
		.url = url,
		.max_id = r.max,
		.min_id = r.min,
		.viewer = viewer,
		.limit = r.limit,
	};
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_link(c, r.upward, &args, &rows, &n));
	return load_range(c, &r, rows, n, viewer, ret, ret_n);
}

int timeline_direct(struct ctx *c, const struct page *p, struct status **ret, size_t *ret_n)
{
	struct page_range r = page_range(p);
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_direct(c, r.upward, c->identity_id, r.max, r.min, r.limit, &rows, &n));
	return load_range(c, &r, rows, n, c->identity_id, ret, ret_n);
}

int timeline_list(struct ctx *c, int64_t list_id, const struct page *p, struct status **ret,
		  size_t *ret_n)
{
	struct page_range r = page_range(p);
	struct q_timeline_list_args args = {
		.max_id = r.max,
		.min_id = r.min,
		.limit = r.limit,
		.list_id = list_id,
		.identity_id = c->identity_id,
	};
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_list(c, r.upward, &args, &rows, &n));
	return load_range(c, &r, rows, n, c->identity_id, ret, ret_n);
}

int timeline_liked(struct ctx *c, const struct page *p, struct status **ret, size_t *ret_n)
{
	struct page_range r = page_range(p);
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_liked(c, r.upward, c->identity_id, r.max, r.min, r.limit, &rows, &n));
	return load_range(c, &r, rows, n, c->identity_id, ret, ret_n);
}

int timeline_bookmarked(struct ctx *c, const struct page *p, struct status **ret, size_t *ret_n)
{
	struct page_range r = page_range(p);
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_bookmarked(c, r.upward, c->identity_id, r.max, r.min, r.limit, &rows, &n));
	return load_range(c, &r, rows, n, c->identity_id, ret, ret_n);
}

int timeline_trending(struct ctx *c, int64_t limit, int64_t offset, int64_t viewer,
		      struct status **ret, size_t *ret_n)
{
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_trending(c, c->domain_id, viewer, limit, offset, &rows, &n));
	return load(c, rows, n, viewer, ret, ret_n);
}

int timeline_of_ids(struct ctx *c, i64s ids, int64_t viewer, struct status **ret, size_t *ret_n)
{
	struct timeline_row *rows = arena_array(c->arena, ids.n + 1, sizeof(*rows));

	for (size_t i = 0; i < ids.n; i++)
		rows[i] = (struct timeline_row){ .entry_id = ids.p[i], .post_id = ids.p[i] };
	return load(c, rows, ids.n, viewer, ret, ret_n);
}

int timeline_show(struct ctx *c, int64_t post_id)
{
	TRY(q_timeline_add_post(c, post_id, c->domain_id, NULL));
	TRY(q_timeline_add_tagged(c, post_id, c->domain_id, NULL));
	return q_timeline_add_public(c, c->domain_id, post_id, NULL);
}

int timeline_fill(struct ctx *c, int64_t identity_id, int64_t author_id)
{
	return q_timeline_fill(c, author_id, identity_id, NULL);
}

int timeline_clear(struct ctx *c, int64_t identity_id, int64_t author_id)
{
	return q_timeline_clear(c, identity_id, author_id, NULL);
}
