/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a timeline is one narrow statement for the entries and a constant number for what they
 * show; what the viewer may not read is left out by the second even if the first has it.
 */
#include "model/timeline.h"

#include "model/identity.h"
#include "sql/gen/timeline.h"

static int64_t max_of(const struct page *p)
{
	return p->max_id ? p->max_id : INT64_MAX;
}

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

int timeline_home(struct ctx *c, const struct page *p, struct status **ret, size_t *ret_n)
{
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_home(c, c->identity_id, max_of(p), p->since_id, page_limit(p), &rows, &n));
	return load(c, rows, n, c->identity_id, ret, ret_n);
}

int timeline_local(struct ctx *c, const struct page *p, int64_t viewer, struct status **ret,
		   size_t *ret_n)
{
	struct q_timeline_local_args args = {
		.domain_id = c->domain_id,
		.max_id = max_of(p),
		.since_id = p->since_id,
		.viewer = viewer,
		.limit = page_limit(p),
	};
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_local(c, &args, &rows, &n));
	return load(c, rows, n, viewer, ret, ret_n);
}

int timeline_author(struct ctx *c, int64_t author_id, bool replies, const struct page *p,
		    int64_t viewer, struct status **ret, size_t *ret_n)
{
	struct q_timeline_author_args args = {
		.author_id = author_id,
		.max_id = max_of(p),
		.since_id = p->since_id,
		.with_replies = replies,
		.viewer = viewer,
		.limit = page_limit(p),
	};
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_author(c, &args, &rows, &n));
	return load(c, rows, n, viewer, ret, ret_n);
}

int timeline_pinned(struct ctx *c, int64_t author_id, int64_t viewer, struct status **ret,
		    size_t *ret_n)
{
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_pinned(c, author_id, viewer, &rows, &n));
	return load(c, rows, n, viewer, ret, ret_n);
}

int timeline_hashtag(struct ctx *c, str tag, const struct page *p, int64_t viewer,
		     struct status **ret, size_t *ret_n)
{
	struct q_timeline_hashtag_args args = {
		.name = tag,
		.max_id = max_of(p),
		.since_id = p->since_id,
		.viewer = viewer,
		.limit = page_limit(p),
	};
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_hashtag(c, &args, &rows, &n));
	return load(c, rows, n, viewer, ret, ret_n);
}

int timeline_fill(struct ctx *c, int64_t identity_id, int64_t author_id)
{
	return q_timeline_fill(c, author_id, identity_id, NULL);
}

int timeline_clear(struct ctx *c, int64_t identity_id, int64_t author_id)
{
	return q_timeline_clear(c, identity_id, author_id, NULL);
}
