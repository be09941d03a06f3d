/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: loading n statuses takes seven statements, whatever n is.
 */
#include <stdlib.h>

#include "model/filter.h"

#include "model/emoji.h"
#include "model/identity.h"
#include "model/post.h"
#include "sql/gen/hashtag.h"
#include "sql/gen/interaction.h"

/* What the second queries brought, by post. */
struct relations {
	const struct post_parent_row *parents;
	const struct post_mention_row *mentions;
	const struct post_hashtag_row *hashtags;
	const struct attachment_row *attachments;
	const struct viewer_interaction_row *viewer;
	const struct identity_row *people; /* by id */
	size_t n_parents, n_mentions, n_hashtags, n_attachments, n_viewer, n_people;
};

static int by_id(const void *a, const void *b)
{
	const struct identity_row *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static const struct identity_row *person(const struct relations *r, int64_t id)
{
	struct identity_row key = { .id = id };

	return bsearch(&key, r->people, r->n_people, sizeof(key), by_id);
}

static int load_people(struct ctx *c, const struct post_row *posts, size_t n, struct relations *r)
{
	int64_t *ids = arena_array(c->arena, n + r->n_parents + r->n_mentions + 1, sizeof(*ids));
	const struct identity_row *rows;
	struct identity_row *sorted;
	size_t n_ids = 0;

	for (size_t i = 0; i < n; i++)
		ids[n_ids++] = posts[i].author_id;
	for (size_t i = 0; i < r->n_parents; i++)
		ids[n_ids++] = r->parents[i].author_id;
	for (size_t i = 0; i < r->n_mentions; i++)
		ids[n_ids++] = r->mentions[i].identity_id;
	TRY(q_identity_by_ids(c, (i64s){ ids, n_ids }, &rows, &r->n_people));
	sorted = arena_array(c->arena, r->n_people + 1, sizeof(*sorted));
	for (size_t i = 0; i < r->n_people; i++)
		sorted[i] = rows[i];
	qsort(sorted, r->n_people, sizeof(*sorted), by_id);
	r->people = sorted;
	return 0;
}

static int load_relations(struct ctx *c, const struct post_row *posts, size_t n, int64_t viewer,
			  struct relations *r)
{
	int64_t *p = arena_array(c->arena, n + 1, sizeof(*p));
	i64s ids = { p, n };

	for (size_t i = 0; i < n; i++)
		p[i] = posts[i].id;
	TRY(q_post_parents(c, ids, &r->parents, &r->n_parents));
	TRY(q_post_mentions(c, ids, &r->mentions, &r->n_mentions));
	TRY(q_hashtag_of_posts(c, ids, &r->hashtags, &r->n_hashtags));
	TRY(q_post_attachments(c, ids, &r->attachments, &r->n_attachments));
	if (viewer)
		TRY(q_interaction_of_viewer(c, viewer, ids, &r->viewer, &r->n_viewer));
	return load_people(c, posts, n, r);
}

static void fill_media(struct ctx *c, struct status *s, const struct relations *r)
{
	struct status_media *media = arena_array(c->arena, r->n_attachments + 1, sizeof(*media));

	s->media = media;
	for (size_t i = 0; i < r->n_attachments; i++) {
		const struct attachment_row *a = &r->attachments[i];

		if (a->post_id == s->post->id)
			media[s->n_media++] = media_of_row(c, a);
	}
}

static void fill_mentions(struct ctx *c, struct status *s, const struct relations *r)
{
	const struct identity_row **people =
		arena_array(c->arena, r->n_mentions + 1, sizeof(*people));

	s->mentions = people;
	for (size_t i = 0; i < r->n_mentions; i++) {
		const struct identity_row *who = person(r, r->mentions[i].identity_id);

		if (r->mentions[i].post_id == s->post->id && who)
			people[s->n_mentions++] = who;
	}
}

static void fill_hashtags(struct ctx *c, struct status *s, const struct relations *r)
{
	str *names = arena_array(c->arena, r->n_hashtags + 1, sizeof(*names));

	s->hashtags = names;
	for (size_t i = 0; i < r->n_hashtags; i++)
		if (r->hashtags[i].post_id == s->post->id)
			names[s->n_hashtags++] = r->hashtags[i].name;
}

static void fill(struct ctx *c, struct status *s, const struct relations *r)
{
	s->author = person(r, s->post->author_id);
	for (size_t i = 0; i < r->n_parents; i++)
		if (r->parents[i].id == s->post->id)
			s->in_reply_to = person(r, r->parents[i].author_id);
	for (size_t i = 0; i < r->n_viewer; i++)
		if (r->viewer[i].post_id == s->post->id) {
			s->liked |= str_eq(r->viewer[i].kind, STR("like"));
			s->boosted |= str_eq(r->viewer[i].kind, STR("boost"));
		}
	fill_media(c, s, r);
	fill_mentions(c, s, r);
	fill_hashtags(c, s, r);
}

static void expect_emoji(struct ctx *c, const struct status *s)
{
	if (!s->author)
		return;
	emoji_expect_identity(c, s->author);
	emoji_expect_post(c, s->post, s->author);
}

int statuses_load(struct ctx *c, const struct post_row *posts, size_t n, int64_t viewer,
		  struct status **ret)
{
	struct status *statuses = arena_array(c->arena, n + 1, sizeof(*statuses));
	struct relations r = { 0 };

	if (n)
		TRY(load_relations(c, posts, n, viewer, &r));
	for (size_t i = 0; i < n; i++) {
		statuses[i].post = &posts[i];
		statuses[i].entry_id = posts[i].id;
		fill(c, &statuses[i], &r);
		expect_emoji(c, &statuses[i]);
	}
	TRY(filters_apply(c, viewer, statuses, n));
	*ret = statuses;
	return 0;
}

/* Rows of these ids in their order, without those that the viewer may not read. */
static int load_ordered(struct ctx *c, const struct post_id_row *ids, size_t n, int64_t viewer,
			struct status **ret, size_t *ret_n)
{
	int64_t *p = arena_array(c->arena, n + 1, sizeof(*p));
	struct post_row *ordered = arena_array(c->arena, n + 1, sizeof(*ordered));
	const struct post_row *rows;
	size_t n_rows, kept = 0;

	for (size_t i = 0; i < n; i++)
		p[i] = ids[i].id;
	TRY(q_post_by_ids(c, (i64s){ p, n }, viewer, &rows, &n_rows));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_rows; k++)
			if (rows[k].id == p[i])
				ordered[kept++] = rows[k];
	TRY(statuses_load(c, ordered, kept, viewer, ret));
	*ret_n = kept;
	return 0;
}

int post_context(struct ctx *c, const struct post_row *p, int64_t viewer, struct status **ret_above,
		 size_t *ret_n_above, struct status **ret_below, size_t *ret_n_below)
{
	const struct post_id_row *above, *below;
	struct post_id_row *oldest_first;
	size_t n_above, n_below;

	TRY(q_post_ancestors(c, p->id, POST_ANCESTOR_LIMIT, &above, &n_above));
	TRY(q_post_descendants(c, p->id, POST_DESCENDANT_LIMIT, &below, &n_below));
	oldest_first = arena_array(c->arena, n_above + 1, sizeof(*oldest_first));
	for (size_t i = 0; i < n_above; i++)
		oldest_first[i] = above[n_above - 1 - i];
	TRY(load_ordered(c, oldest_first, n_above, viewer, ret_above, ret_n_above));
	return load_ordered(c, below, n_below, viewer, ret_below, ret_n_below);
}
