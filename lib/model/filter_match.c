/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what is looked at is what a reader sees of a post: content warning, text, choices of a poll,
 * descriptions of media; and it is made into plain text once for all filters.
 */
#include "model/filter.h"

#include "base/fold.h"
#include "base/out.h"
#include "html/chars.h"
#include "html/html.h"
#include "model/poll.h"
#include "model/post.h"

#define TEXT_LIMIT (256 * 1024) /* bytes of a post that are looked at */

bool filter_is_for(const struct filter_match *m, str context)
{
	for (size_t i = 0; i < m->filter->contexts.n; i++)
		if (str_eq(m->filter->contexts.p[i], context))
			return true;
	return false;
}

static bool is_whole(str text, str keyword, size_t at)
{
	uint32_t first, behind;

	char_at(keyword, 0, &first);
	char_at(text, at + keyword.n, &behind);
	if (char_is_word(first) && char_is_word(char_before(text, at)))
		return false;
	return !char_is_word(char_before(keyword, keyword.n)) || !char_is_word(behind);
}

bool filter_fits(str text, str keyword, bool whole_word)
{
	size_t at;

	if (str_is_empty(keyword))
		return false;
	for (size_t from = 0;; from = at + 1) {
		at = str_find(text, keyword, from);
		if (at == SIZE_MAX || !whole_word || is_whole(text, keyword, at))
			return at != SIZE_MAX;
	}
}

static void add_text(struct out *o, str text)
{
	if (o->n + 1 >= TEXT_LIMIT)
		return;
	out_str(o, str_clip(text, TEXT_LIMIT - o->n - 1));
	out_char(o, '\n');
}

str filter_text(struct ctx *c, str summary, str content, strs options, strs descriptions)
{
	struct out o;
	str plain;

	out_init(&o, c->arena, TEXT_LIMIT);
	add_text(&o, summary);
	if (html_to_text(c, content, &plain) == 0)
		add_text(&o, plain);
	for (size_t i = 0; i < options.n; i++)
		add_text(&o, options.p[i]);
	for (size_t i = 0; i < descriptions.n; i++)
		add_text(&o, descriptions.p[i]);
	return str_fold(c->arena, out_view(&o));
}

static str text_of(struct ctx *c, const struct status *s)
{
	str *descriptions = arena_array(c->arena, s->n_media + 1, sizeof(*descriptions));

	for (size_t i = 0; i < s->n_media; i++)
		descriptions[i] = s->media[i].description;
	return filter_text(c, s->post->summary, s->post->content,
			   s->poll ? s->poll->options : (strs){ NULL, 0 },
			   (strs){ descriptions, s->n_media });
}

/* Rules of one filter stand together; keywords are folded once. */
struct rules {
	const struct filter_rule_row *p;
	str *folded;
	size_t n;
	bool has_keywords;
};

static bool rule_fits(const struct rules *r, size_t i, const struct status *s, str text)
{
	if (r->p[i].post_id)
		return r->p[i].post_id == s->post->id;
	return filter_fits(text, r->folded[i], r->p[i].whole_word);
}

/* The rules from i on that are of the same filter; notes those that fit. */
static size_t match_filter(struct ctx *c, const struct rules *r, size_t i, struct status *s,
			   str text, struct filter_match *ret)
{
	size_t end = i;
	str *keywords;
	int64_t *posts;

	while (end < r->n && r->p[end].id == r->p[i].id)
		end++;
	keywords = arena_array(c->arena, end - i, sizeof(*keywords));
	posts = arena_array(c->arena, end - i, sizeof(*posts));
	*ret = (struct filter_match){ .filter = &r->p[i], .keywords = keywords, .posts = posts };
	for (; i < end; i++) {
		if (!rule_fits(r, i, s, text))
			continue;
		if (r->p[i].post_id)
			posts[ret->n_posts++] = r->p[i].post_id;
		else
			keywords[ret->n_keywords++] = r->p[i].keyword;
	}
	return end;
}

static void match(struct ctx *c, const struct rules *r, struct status *s)
{
	str text = r->has_keywords ? text_of(c, s) : STR("");
	struct filter_match *matches = arena_array(c->arena, r->n + 1, sizeof(*matches));

	s->filters = matches;
	for (size_t i = 0; i < r->n;) {
		struct filter_match *m = &matches[s->n_filters];

		i = match_filter(c, r, i, s, text, m);
		s->n_filters += m->n_keywords || m->n_posts;
	}
}

int filters_apply(struct ctx *c, int64_t viewer, struct status *statuses, size_t n)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	struct rules r = { 0 };

	if (!viewer || !n)
		return 0;
	for (size_t i = 0; i < n; i++)
		ids[i] = statuses[i].post->id;
	TRY(q_filter_rules(c, (i64s){ ids, n }, viewer, &r.p, &r.n));
	r.folded = arena_array(c->arena, r.n + 1, sizeof(*r.folded));
	for (size_t i = 0; i < r.n; i++) {
		r.folded[i] = str_fold(c->arena, r.p[i].keyword);
		r.has_keywords |= !r.p[i].post_id;
	}
	for (size_t i = 0; i < n && r.n; i++)
		match(c, &r, &statuses[i]);
	return 0;
}
