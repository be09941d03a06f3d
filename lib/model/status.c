/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: loading n statuses takes a constant number of statements, whatever n is: some that are
 * always needed, and one each for polls, reactions, programs, cards and what is quoted where a page has
 * such.
 */
#include <stdlib.h>

#include "model/filter.h"

#include "model/consent.h"
#include "model/emoji.h"
#include "model/identity.h"
#include "model/poll.h"
#include "model/post.h"
#include "model/quote.h"
#include "sql/gen/card.h"
#include "sql/gen/hashtag.h"
#include "sql/gen/interaction.h"
#include "sql/gen/post_decision.h"

/* What the second queries brought, by post. */
struct relations {
	const struct post_parent_row *parents;
	const struct post_mention_row *mentions;
	const struct post_hashtag_row *hashtags;
	const struct attachment_row *attachments;
	const struct viewer_interaction_row *viewer;
	const struct poll_row *polls;
	const struct post_reaction_row *reactions;
	const struct post_application_row *applications;
	const struct card_row *cards;
	const struct consent_policy_row *policies;
	const struct post_quotable_row *quotable;
	const struct post_covered_row *covered;
	const struct quote_shown_row *quotes; /* of all, also of what is quoted */
	const struct identity_row *people; /* by id */
	size_t n_parents, n_mentions, n_hashtags, n_attachments, n_viewer, n_polls, n_reactions,
		n_applications, n_cards, n_quotable, n_policies, n_covered, n_quotes, n_people;
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
	int64_t *ids = arena_array(c->arena, n + r->n_parents + r->n_mentions + r->n_cards + 1,
				   sizeof(*ids));
	const struct identity_row *rows;
	struct identity_row *sorted;
	size_t n_ids = 0;

	for (size_t i = 0; i < n; i++)
		ids[n_ids++] = posts[i].author_id;
	for (size_t i = 0; i < r->n_parents; i++)
		ids[n_ids++] = r->parents[i].author_id;
	for (size_t i = 0; i < r->n_mentions; i++)
		ids[n_ids++] = r->mentions[i].identity_id;
	for (size_t i = 0; i < r->n_cards; i++)
		if (r->cards[i].creator_id)
			ids[n_ids++] = r->cards[i].creator_id;
	TRY(q_identity_by_ids(c, (i64s){ ids, n_ids }, &rows, &r->n_people));
	sorted = arena_array(c->arena, r->n_people + 1, sizeof(*sorted));
	for (size_t i = 0; i < r->n_people; i++)
		sorted[i] = rows[i];
	qsort(sorted, r->n_people, sizeof(*sorted), by_id);
	r->people = sorted;
	return 0;
}

static bool is_question(const struct post_row *p)
{
	return str_eq(p->type, STR("Question"));
}

static bool has_reactions(const struct post_row *p)
{
	return p->reactions_count > 0;
}

static bool has_application(const struct post_row *p)
{
	return p->application_id && p->domain_id;
}

static bool has_quote(const struct post_row *p)
{
	return p->quote_uri.n > 0;
}

static bool has_card(const struct post_row *p)
{
	return p->card_id != 0;
}

/* Ids of the posts of which something is so. */
static i64s ids_of(struct ctx *c, const struct post_row *posts, size_t n,
		   bool (*is_so)(const struct post_row *p))
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		if (!is_so || is_so(&posts[i]))
			ids[used++] = posts[i].id;
	return (i64s){ ids, used };
}

/* What few posts have is asked for where some have it. */
static int load_rare(struct ctx *c, const struct post_row *posts, size_t n, int64_t viewer,
		     struct relations *r)
{
	i64s questions = ids_of(c, posts, n, is_question);
	i64s reacted = ids_of(c, posts, n, has_reactions);
	i64s linking = ids_of(c, posts, n, has_card);
	int64_t *programs = arena_array(c->arena, n + 1, sizeof(*programs));
	size_t n_programs = 0;

	for (size_t i = 0; i < n; i++)
		if (has_application(&posts[i]))
			programs[n_programs++] = posts[i].application_id;
	if (linking.n)
		TRY(q_card_of_posts(c, linking, &r->cards, &r->n_cards));
	if (questions.n)
		TRY(q_poll_by_ids(c, questions, &r->polls, &r->n_polls));
	if (reacted.n)
		TRY(q_interaction_reactions(c, reacted, viewer, &r->reactions, &r->n_reactions));
	if (n_programs)
		TRY(q_post_applications(c, (i64s){ programs, n_programs }, &r->applications,
					&r->n_applications));
	return 0;
}

static int load_relations(struct ctx *c, const struct post_row *posts, size_t n, int64_t viewer,
			  struct relations *r)
{
	i64s ids = ids_of(c, posts, n, NULL);

	TRY(q_consent_policies(c, ids, &r->policies, &r->n_policies));
	TRY(q_post_parents(c, ids, &r->parents, &r->n_parents));
	TRY(q_post_mentions(c, ids, &r->mentions, &r->n_mentions));
	TRY(q_hashtag_of_posts(c, ids, &r->hashtags, &r->n_hashtags));
	TRY(q_post_attachments(c, ids, &r->attachments, &r->n_attachments));
	TRY(q_post_covered(c, c->domain_id, ids, &r->covered, &r->n_covered));
	if (viewer) {
		TRY(q_interaction_of_viewer(c, viewer, ids, &r->viewer, &r->n_viewer));
		TRY(q_post_quotable(c, viewer, ids, &r->quotable, &r->n_quotable));
	}
	TRY(load_rare(c, posts, n, viewer, r));
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

static void fill_viewer(struct ctx *c, struct status *s, const struct relations *r)
{
	str *votes = arena_array(c->arena, r->n_viewer + 1, sizeof(*votes));

	for (size_t i = 0; i < r->n_viewer; i++) {
		str kind = r->viewer[i].kind;

		if (r->viewer[i].post_id != s->post->id)
			continue;
		s->liked |= str_eq(kind, STR("like"));
		s->boosted |= str_eq(kind, STR("boost"));
		s->pinned |= str_eq(kind, STR("pin"));
		s->bookmarked |= str_eq(kind, STR("bookmark"));
		s->muted |= str_eq(kind, STR("mute"));
		if (str_eq(kind, STR("vote")))
			votes[s->own_votes.n++] = r->viewer[i].value;
	}
	s->own_votes.p = votes;
	for (size_t i = 0; i < r->n_policies; i++)
		if (r->policies[i].id == s->post->id)
			s->policy = &r->policies[i];
	s->quotable = STR("denied");
	for (size_t i = 0; i < r->n_quotable; i++)
		if (r->quotable[i].id == s->post->id)
			s->quotable = r->quotable[i].allowed;
}

static void fill_card(struct status *s, const struct relations *r, const struct card_row *card)
{
	s->card = card;
	if (card->creator_id)
		s->card_creator = person(r, card->creator_id);
}

static void fill_rare(struct status *s, const struct relations *r)
{
	for (size_t i = 0; i < r->n_polls; i++)
		if (r->polls[i].id == s->post->id)
			s->poll = &r->polls[i];
	for (size_t i = r->n_reactions; i-- > 0;)
		if (r->reactions[i].post_id == s->post->id) {
			s->reactions = &r->reactions[i];
			s->n_reactions++;
		}
	for (size_t i = 0; i < r->n_applications; i++)
		if (s->post->domain_id && r->applications[i].id == s->post->application_id)
			s->application = &r->applications[i];
	for (size_t i = 0; i < r->n_cards; i++)
		if (r->cards[i].post_id == s->post->id)
			fill_card(s, r, &r->cards[i]);
	for (size_t i = 0; i < r->n_quotes; i++)
		if (r->quotes[i].post_id == s->post->id)
			s->quote = &r->quotes[i];
}

static void fill_cover(struct status *s, const struct relations *r)
{
	s->cover = STR("");
	for (size_t i = 0; i < r->n_covered; i++) {
		if (r->covered[i].post_id != s->post->id)
			continue;
		s->covered = true;
		if (r->covered[i].words.n)
			s->cover = r->covered[i].words;
	}
}

static void fill(struct ctx *c, struct status *s, const struct relations *r)
{
	s->author = person(r, s->post->author_id);
	for (size_t i = 0; i < r->n_parents; i++)
		if (r->parents[i].id == s->post->id)
			s->in_reply_to = person(r, r->parents[i].author_id);
	fill_viewer(c, s, r);
	fill_rare(s, r);
	fill_cover(s, r);
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
	if (s->card_creator)
		emoji_expect_identity(c, s->card_creator);
	for (size_t i = 0; s->poll && i < s->poll->options.n; i++)
		emoji_expect(c, emoji_origin_of(s->author), s->poll->options.p[i]);
}

/* What the posts quote and the viewer may read, behind the posts themselves, each once. */
static int add_quoted(struct ctx *c, const struct post_row *posts, size_t n, int64_t viewer,
		      struct relations *r, const struct post_row **ret, size_t *ret_n)
{
	i64s quoting = ids_of(c, posts, n, has_quote);
	const struct post_row *quoted;
	struct post_row *all;
	int64_t *ids;
	size_t n_ids = 0, n_quoted;

	*ret = posts;
	*ret_n = n;
	if (quoting.n == 0)
		return 0;
	TRY(q_quote_of_posts(c, quoting, &r->quotes, &r->n_quotes));
	ids = arena_array(c->arena, r->n_quotes + 1, sizeof(*ids));
	for (size_t i = 0; i < r->n_quotes; i++)
		if (r->quotes[i].quoted_id &&
		    str_eq_c(STR("accepted"), quote_standing(r->quotes[i].state)))
			ids[n_ids++] = r->quotes[i].quoted_id;
	if (n_ids == 0)
		return 0;
	TRY(q_post_by_ids(c, (i64s){ ids, n_ids }, viewer, &quoted, &n_quoted));
	all = arena_array(c->arena, n + n_quoted + 1, sizeof(*all));
	for (size_t i = 0; i < n + n_quoted; i++)
		all[i] = i < n ? posts[i] : quoted[i - n];
	*ret = all;
	*ret_n = n + n_quoted;
	return 0;
}

/* Quotations of what is quoted: these are named, and not shown. */
static int load_inner_quotes(struct ctx *c, const struct post_row *quoted, size_t n,
			     struct relations *r)
{
	i64s quoting = ids_of(c, quoted, n, has_quote);
	const struct quote_shown_row *inner;
	struct quote_shown_row *all;
	size_t n_inner, kept = r->n_quotes;

	if (quoting.n == 0)
		return 0;
	TRY(q_quote_of_posts(c, quoting, &inner, &n_inner));
	all = arena_array(c->arena, kept + n_inner + 1, sizeof(*all));
	for (size_t i = 0; i < kept + n_inner; i++)
		all[i] = i < kept ? r->quotes[i] : inner[i - kept];
	r->quotes = all;
	r->n_quotes = kept + n_inner;
	return 0;
}

static void link_quoted(struct status *statuses, size_t n, size_t n_all)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = n; k < n_all && statuses[i].quote; k++)
			if (statuses[k].post->id == statuses[i].quote->quoted_id &&
			    str_eq_c(STR("accepted"), quote_standing(statuses[i].quote->state)))
				statuses[i].quoted = &statuses[k];
}

/* Whom the viewer blocked or muted is shown in a quotation behind a word. */
static int veil_quoted(struct ctx *c, struct status *statuses, size_t n, int64_t viewer)
{
	int64_t *authors = arena_array(c->arena, n + 1, sizeof(*authors));
	const struct quote_veil_row *veils;
	size_t n_authors = 0, n_veils;

	for (size_t i = 0; i < n; i++)
		if (statuses[i].quoted)
			authors[n_authors++] = statuses[i].quoted->post->author_id;
	if (!viewer || n_authors == 0)
		return 0;
	TRY(q_quote_veiled(c, viewer, (i64s){ authors, n_authors }, &veils, &n_veils));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_veils && statuses[i].quoted; k++)
			if (veils[k].author_id == statuses[i].quoted->post->author_id)
				statuses[i].veil = veils[k].state;
	return 0;
}

int statuses_load(struct ctx *c, const struct post_row *posts, size_t n, int64_t viewer,
		  struct status **ret)
{
	struct relations r = { 0 };
	const struct post_row *all = posts;
	struct status *statuses;
	size_t n_all = n;

	if (n) {
		TRY(add_quoted(c, posts, n, viewer, &r, &all, &n_all));
		TRY(load_inner_quotes(c, all + n, n_all - n, &r));
		TRY(load_relations(c, all, n_all, viewer, &r));
	}
	statuses = arena_array(c->arena, n_all + 1, sizeof(*statuses));
	for (size_t i = 0; i < n_all; i++) {
		statuses[i].post = &all[i];
		statuses[i].entry_id = all[i].id;
		fill(c, &statuses[i], &r);
		expect_emoji(c, &statuses[i]);
	}
	TRY(filters_apply(c, viewer, statuses, n_all));
	link_quoted(statuses, n, n_all);
	TRY(veil_quoted(c, statuses, n, viewer));
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

str status_warning(struct arena *a, const struct status *s)
{
	if (s->cover.n && s->post->summary.n)
		return str_fmt(a, "%.*s (%.*s)", STR_ARG(s->cover), STR_ARG(s->post->summary));
	return s->cover.n ? s->cover : s->post->summary;
}
