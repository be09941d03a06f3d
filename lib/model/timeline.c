/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a timeline is one narrow statement for raw entries, one that judges their people as a
 * set, and a constant number for what is shown; posts that the viewer may not read are left out when
 * they are loaded. Where that leaves a page short, the entries behind follow in further rounds.
 */
#include "model/timeline.h"

#include "model/emoji.h"
#include "model/identity.h"
#include "sql/gen/timeline.h"

#define ROUNDS 5 /* each of twice as many entries as the one before */
#define SPARE 4 /* entries beyond the page, for those that are left out */

static const struct post_row *find_post(const struct post_row *posts, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (posts[i].id == id)
			return &posts[i];
	return NULL;
}

/* Entries that are shown, and their posts. */
struct kept {
	struct timeline_row *rows;
	struct post_row *posts;
	size_t n;
};

static struct kept kept_new(struct ctx *c, size_t most)
{
	return (struct kept){
		.rows = arena_array(c->arena, most + 1, sizeof(struct timeline_row)),
		.posts = arena_array(c->arena, most + 1, sizeof(struct post_row)),
	};
}

/* Adds entries, in their order, without those that the viewer may not read. */
static int keep_readable(struct ctx *c, const struct timeline_row *rows, size_t n, int64_t viewer,
			 struct kept *k)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct post_row *posts;
	size_t n_posts;

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].post_id;
	TRY(q_post_by_ids(c, (i64s){ ids, n }, viewer, &posts, &n_posts));
	for (size_t i = 0; i < n; i++) {
		const struct post_row *p = find_post(posts, n_posts, rows[i].post_id);

		if (!p)
			continue;
		k->rows[k->n] = rows[i];
		k->posts[k->n++] = *p;
	}
	return 0;
}

/* Identities that boosted, by one statement; none when no entry is a boost. */
static int load_boosters(struct ctx *c, const struct kept *k, struct status *statuses)
{
	int64_t *ids = arena_array(c->arena, k->n + 1, sizeof(*ids));
	const struct identity_row *boosters;
	size_t n_ids = 0, n_boosters;

	for (size_t i = 0; i < k->n; i++)
		if (k->rows[i].booster_id)
			ids[n_ids++] = k->rows[i].booster_id;
	if (n_ids == 0)
		return 0;
	TRY(q_identity_by_ids(c, (i64s){ ids, n_ids }, &boosters, &n_boosters));
	for (size_t i = 0; i < n_boosters; i++)
		emoji_expect_identity(c, &boosters[i]);
	for (size_t i = 0; i < k->n; i++)
		for (size_t b = 0; b < n_boosters; b++)
			if (k->rows[i].booster_id == boosters[b].id)
				statuses[i].booster = &boosters[b];
	return 0;
}

static int load_kept(struct ctx *c, const struct kept *k, int64_t viewer, struct status **ret)
{
	struct status *statuses;

	TRY(statuses_load(c, k->posts, k->n, viewer, &statuses));
	for (size_t i = 0; i < k->n; i++)
		statuses[i].entry_id = k->rows[i].entry_id;
	TRY(load_boosters(c, k, statuses));
	*ret = statuses;
	return 0;
}

/* Entries to statuses, whoever wrote them. */
static int load(struct ctx *c, const struct timeline_row *rows, size_t n, int64_t viewer,
		struct status **ret, size_t *ret_n)
{
	struct kept k = kept_new(c, n);

	TRY(keep_readable(c, rows, n, viewer, &k));
	*ret_n = k.n;
	return load_kept(c, &k, viewer, ret);
}

/* Where the entries of a page come from. */
struct source {
	int (*fetch)(struct ctx *c, const void *args, const struct page_range *r,
		     const struct timeline_row **ret, size_t *ret_n);
	const void *args;
	int64_t viewer;
	int64_t owner; /* who asks for a page of somebody sees them on it; 0: nobody's page */
};

/* A page while it is filled, from whichever end. */
struct filling {
	struct page_range at; /* of the next batch */
	size_t wanted;
	struct kept kept;
	int64_t first, last; /* entries that were looked at */
	bool more; /* there may be entries behind the last */
};

static void expect(const struct source *s, int64_t id, int64_t *ids, size_t *n)
{
	if (id && id != s->owner)
		ids[(*n)++] = id;
}

static bool is_hidden(const struct source *s, int64_t id, const struct hidden_identity_row *hidden,
		      size_t n)
{
	if (!id || id == s->owner)
		return false;
	for (size_t i = 0; i < n; i++)
		if (hidden[i].id == id)
			return true;
	return false;
}

/* The rows, in their order, without those of whom the viewer does not see. */
static int leave_out_hidden(struct ctx *c, const struct source *s, const struct timeline_row *rows,
			    size_t n, struct timeline_row **ret, size_t *ret_n)
{
	int64_t *ids = arena_array(c->arena, 2 * n + 1, sizeof(*ids));
	struct timeline_row *seen = arena_array(c->arena, n + 1, sizeof(*seen));
	const struct hidden_identity_row *hidden = NULL;
	size_t n_ids = 0, n_hidden = 0, n_seen = 0;

	for (size_t i = 0; i < n; i++) {
		expect(s, rows[i].author_id, ids, &n_ids);
		expect(s, rows[i].booster_id, ids, &n_ids);
	}
	if (n_ids)
		TRY(q_timeline_hidden(c, s->viewer, (i64s){ ids, n_ids }, &hidden, &n_hidden));
	for (size_t i = 0; i < n; i++)
		if (!is_hidden(s, rows[i].author_id, hidden, n_hidden) &&
		    !is_hidden(s, rows[i].booster_id, hidden, n_hidden))
			seen[n_seen++] = rows[i];
	*ret = seen;
	*ret_n = n_seen;
	return 0;
}

/* One batch: what of it the page has no room for is as if it had not been looked at. */
static int fill_batch(struct ctx *c, const struct source *s, struct filling *f)
{
	size_t room = f->wanted - f->kept.n, n, n_seen;
	const struct timeline_row *rows;
	struct timeline_row *seen;

	TRY(s->fetch(c, s->args, &f->at, &rows, &n));
	TRY(leave_out_hidden(c, s, rows, n, &seen, &n_seen));
	f->more = (int64_t)n == f->at.limit || n_seen > room;
	if (n == 0)
		return 0;
	f->last = n_seen > room ? seen[room - 1].entry_id : rows[n - 1].entry_id;
	if (!f->first)
		f->first = rows[0].entry_id;
	return keep_readable(c, seen, n_seen < room ? n_seen : room, s->viewer, &f->kept);
}

static int fill_rounds(struct ctx *c, const struct source *s, struct filling *f)
{
	for (int round = 0; round < ROUNDS; round++) {
		f->at.limit = (int64_t)(f->wanted + SPARE) << round;
		TRY(fill_batch(c, s, f));
		if (!f->more || f->kept.n == f->wanted)
			return 0;
		if (f->at.upward)
			f->at.min = f->last;
		else
			f->at.max = f->last;
	}
	return 0;
}

/* A page is shown newest first, from whichever end it was filled. */
static void turn(struct kept *k)
{
	for (size_t i = 0; i < k->n / 2; i++) {
		size_t other = k->n - 1 - i;
		struct timeline_row row = k->rows[i];
		struct post_row post = k->posts[i];

		k->rows[i] = k->rows[other];
		k->posts[i] = k->posts[other];
		k->rows[other] = row;
		k->posts[other] = post;
	}
}

static int fill(struct ctx *c, const struct source *s, const struct page *p, struct timeline *ret)
{
	struct filling f = { .at = page_range(p), .wanted = (size_t)page_limit(p) };

	f.kept = kept_new(c, f.wanted);
	TRY(fill_rounds(c, s, &f));
	if (f.kept.n)
		f.first = f.kept.rows[0].entry_id;
	*ret = (struct timeline){
		.n = f.kept.n,
		.newest = f.at.upward ? f.last : f.first,
		.oldest = f.at.upward ? f.first : f.last,
		.is_full = f.more || f.kept.n == f.wanted,
	};
	if (f.at.upward)
		turn(&f.kept);
	return load_kept(c, &f.kept, s->viewer, &ret->statuses);
}

/* Pages of the acting identity's own that one statement gives by it and a range. */
struct own_query {
	int (*run)(struct ctx *c, bool upward, int64_t identity_id, int64_t max_id, int64_t min_id,
		   int64_t limit, const struct timeline_row **ret, size_t *ret_n);
};

static int fetch_own(struct ctx *c, const void *args, const struct page_range *r,
		     const struct timeline_row **ret, size_t *ret_n)
{
	const struct own_query *q = args;

	return q->run(c, r->upward, c->identity_id, r->max, r->min, r->limit, ret, ret_n);
}

static int fill_own(struct ctx *c, struct own_query q, const struct page *p, struct timeline *ret)
{
	const struct source s = { .fetch = fetch_own, .args = &q, .viewer = c->identity_id };

	return fill(c, &s, p, ret);
}

int timeline_home(struct ctx *c, const struct page *p, struct timeline *ret)
{
	return fill_own(c, (struct own_query){ q_timeline_home }, p, ret);
}

int timeline_direct(struct ctx *c, const struct page *p, struct timeline *ret)
{
	return fill_own(c, (struct own_query){ q_timeline_direct }, p, ret);
}

int timeline_liked(struct ctx *c, const struct page *p, struct timeline *ret)
{
	return fill_own(c, (struct own_query){ q_timeline_liked }, p, ret);
}

int timeline_bookmarked(struct ctx *c, const struct page *p, struct timeline *ret)
{
	return fill_own(c, (struct own_query){ q_timeline_bookmarked }, p, ret);
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

static int fetch_public(struct ctx *c, const void *args, const struct page_range *r,
			const struct timeline_row **ret, size_t *ret_n)
{
	struct q_timeline_public_args of = *(const struct q_timeline_public_args *)args;

	of.max_id = r->max;
	of.min_id = r->min;
	of.limit = r->limit;
	return q_timeline_public(c, r->upward, &of, ret, ret_n);
}

int timeline_public(struct ctx *c, struct timeline_choice which, const struct page *p,
		    int64_t viewer, struct timeline *ret)
{
	const struct q_timeline_public_args args = {
		.channels = channels_of(c, which),
		.domain_id = c->domain_id,
		.viewer = viewer,
	};
	const struct source s = { .fetch = fetch_public, .args = &args, .viewer = viewer };

	return fill(c, &s, p, ret);
}

static int fetch_hashtag(struct ctx *c, const void *args, const struct page_range *r,
			 const struct timeline_row **ret, size_t *ret_n)
{
	struct q_timeline_hashtag_args of = *(const struct q_timeline_hashtag_args *)args;

	of.max_id = r->max;
	of.min_id = r->min;
	of.limit = r->limit;
	return q_timeline_hashtag(c, r->upward, &of, ret, ret_n);
}

int timeline_hashtag(struct ctx *c, const struct timeline_tags *t, const struct page *p,
		     int64_t viewer, struct timeline *ret)
{
	const struct q_timeline_hashtag_args args = {
		.local = t->which.local,
		.domain_id = c->domain_id,
		.remote = t->which.remote,
		.only_media = t->which.only_media,
		.all_of = t->all,
		.none_of = t->none,
		.any_of = t->any,
	};
	const struct source s = { .fetch = fetch_hashtag, .args = &args, .viewer = viewer };

	return fill(c, &s, p, ret);
}

static int fetch_author(struct ctx *c, const void *args, const struct page_range *r,
			const struct timeline_row **ret, size_t *ret_n)
{
	struct q_timeline_author_args of = *(const struct q_timeline_author_args *)args;

	of.max_id = r->max;
	of.min_id = r->min;
	of.limit = r->limit;
	return q_timeline_author(c, r->upward, &of, ret, ret_n);
}

static int fetch_author_media(struct ctx *c, const void *args, const struct page_range *r,
			      const struct timeline_row **ret, size_t *ret_n)
{
	struct q_timeline_author_media_args of = *(const struct q_timeline_author_media_args *)args;

	of.max_id = r->max;
	of.min_id = r->min;
	of.limit = r->limit;
	return q_timeline_author_media(c, r->upward, &of, ret, ret_n);
}

static int author_media(struct ctx *c, const struct timeline_by *by, const struct page *p,
			int64_t viewer, struct timeline *ret)
{
	const struct q_timeline_author_media_args args = {
		.author_id = by->author_id,
		.with_replies = by->replies,
		.tag = by->tag,
		.viewer = viewer,
	};
	const struct source s = {
		.fetch = fetch_author_media,
		.args = &args,
		.viewer = viewer,
		.owner = by->author_id,
	};

	return fill(c, &s, p, ret);
}

int timeline_author(struct ctx *c, const struct timeline_by *by, const struct page *p,
		    int64_t viewer, struct timeline *ret)
{
	const struct q_timeline_author_args args = {
		.author_id = by->author_id,
		.with_replies = by->replies,
		.tag = by->tag,
		.viewer = viewer,
		.with_boosts = by->boosts,
	};
	const struct source s = {
		.fetch = fetch_author,
		.args = &args,
		.viewer = viewer,
		.owner = by->author_id,
	};

	return by->only_media ? author_media(c, by, p, viewer, ret) : fill(c, &s, p, ret);
}

int timeline_pinned(struct ctx *c, int64_t author_id, int64_t viewer, struct status **ret,
		    size_t *ret_n)
{
	const struct timeline_row *rows;
	size_t n;

	TRY(q_timeline_pinned(c, author_id, viewer, &rows, &n));
	return load(c, rows, n, viewer, ret, ret_n);
}

static int fetch_link(struct ctx *c, const void *args, const struct page_range *r,
		      const struct timeline_row **ret, size_t *ret_n)
{
	const str *url = args;
	const struct q_timeline_link_args of = {
		.url = *url,
		.max_id = r->max,
		.min_id = r->min,
		.domain_id = c->domain_id,
		.limit = r->limit,
	};

	return q_timeline_link(c, r->upward, &of, ret, ret_n);
}

int timeline_link(struct ctx *c, str url, const struct page *p, int64_t viewer,
		  struct timeline *ret)
{
	const struct source s = { .fetch = fetch_link, .args = &url, .viewer = viewer };

	return fill(c, &s, p, ret);
}

static int fetch_list(struct ctx *c, const void *args, const struct page_range *r,
		      const struct timeline_row **ret, size_t *ret_n)
{
	struct q_timeline_list_args of = *(const struct q_timeline_list_args *)args;

	of.max_id = r->max;
	of.min_id = r->min;
	of.limit = r->limit;
	return q_timeline_list(c, r->upward, &of, ret, ret_n);
}

int timeline_list(struct ctx *c, int64_t list_id, const struct page *p, struct timeline *ret)
{
	const struct q_timeline_list_args args = {
		.list_id = list_id,
		.identity_id = c->identity_id,
	};
	const struct source s = {
		.fetch = fetch_list,
		.args = &args,
		.viewer = c->identity_id,
	};

	return fill(c, &s, p, ret);
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
