/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: nothing of the author's text is markup, and who is linked is who is told. */
#include "model/post_compose.h"

#include "model/domain.h"
#include "model/hashtag.h"
#include "model/identity.h"
#include "model/post.h"

#define TOKEN_LIMIT (POST_MENTION_LIMIT * 4)
#define URL_CHARACTERS 23

struct work {
	struct ctx *c;
	const struct html_token *tokens;
	size_t n_tokens;
	const struct identity_row **people; /* by token; NULL: nobody */
	int64_t *mentions;
	size_t n_mentions;
};

static bool is_same_token(const struct html_token *a, const struct html_token *b)
{
	return a->start == b->start && a->end == b->end;
}

static str url_of(const struct identity_row *who)
{
	return str_is_empty(who->url) ? who->actor_uri : who->url;
}

static struct html_link link_of(void *arg, const struct html_token *t)
{
	struct work *w = arg;

	if (t->kind == HTML_HASHTAG)
		return (struct html_link){
			.href = str_fmt(w->c->arena, "%.*s/tags/%.*s/",
					STR_ARG(w->c->domain->origin),
					STR_ARG(hashtag_fold(w->c, t->name))),
		};
	for (size_t i = 0; i < w->n_tokens; i++)
		if (w->people[i] && is_same_token(t, &w->tokens[i]))
			return (struct html_link){
				.href = url_of(w->people[i]),
				.label = w->people[i]->username,
			};
	return (struct html_link){ STR_NULL, STR_NULL };
}

static void add_mention(struct work *w, int64_t id)
{
	for (size_t i = 0; i < w->n_mentions; i++)
		if (w->mentions[i] == id)
			return;
	w->mentions[w->n_mentions++] = id;
}

/* A server that is away must not keep a post from being written. */
static int resolve(struct work *w, size_t i)
{
	const struct html_token *t = &w->tokens[i];
	str handle = str_is_null(t->host) ? t->name
					  : str_fmt(w->c->arena, "%.*s@%.*s", STR_ARG(t->name),
						    STR_ARG(t->host));
	int result = identity_resolve(w->c, handle, &w->people[i]);

	if (result < 0)
		return result;
	if (result || w->people[i]->deleted || w->people[i]->is_system)
		w->people[i] = NULL;
	else
		add_mention(w, w->people[i]->id);
	return 0;
}

static int find_tokens(struct work *w, str text, strs *ret_tags)
{
	str *tags;
	size_t resolved = 0, n_tags = 0;

	TRY(html_tokens(w->c, text, TOKEN_LIMIT, &w->tokens, &w->n_tokens));
	w->people = arena_array(w->c->arena, w->n_tokens + 1, sizeof(*w->people));
	w->mentions = arena_array(w->c->arena, w->n_tokens + 2, sizeof(*w->mentions));
	tags = arena_array(w->c->arena, w->n_tokens + 1, sizeof(*tags));
	for (size_t i = 0; i < w->n_tokens; i++) {
		if (w->tokens[i].kind == HTML_HASHTAG && n_tags < POST_HASHTAG_LIMIT)
			tags[n_tags++] = w->tokens[i].name;
		if (w->tokens[i].kind == HTML_MENTION && resolved++ < POST_MENTION_LIMIT)
			TRY(resolve(w, i));
	}
	*ret_tags = (strs){ tags, n_tags };
	return 0;
}

/* "RE: link" in a paragraph that who shows the quotation itself leaves out (FEP-044f). */
static int with_quoted(struct ctx *c, const struct post_row *quoted, html *content)
{
	str url = quoted->url.n ? quoted->url : quoted->object_uri;
	str address = html_escape(c->arena, url).s;
	str markup = str_fmt(c->arena,
			     "<p class=\"quote-inline\">RE: <a href=\"%.*s\">%.*s</a></p>%.*s",
			     STR_ARG(address), STR_ARG(address), STR_ARG(content->s));

	return html_sanitise(c, markup, content);
}

int post_compose(struct ctx *c, str text, int64_t to, const struct post_row *quoted,
		 struct composition *ret)
{
	struct work w = { .c = c };
	struct composition made = { 0 };

	TRY(find_tokens(&w, text, &made.tags));
	if (to && to != c->identity_id)
		add_mention(&w, to);
	TRY(html_from_text(c, text, link_of, &w, &made.content));
	if (quoted)
		TRY(with_quoted(c, quoted, &made.content));
	made.mentions = (i64s){ w.mentions, w.n_mentions };
	*ret = made;
	return 0;
}

int post_length(struct ctx *c, str text, size_t *ret)
{
	const struct html_token *tokens;
	size_t n, length = str_chars(text);

	TRY(html_tokens(c, text, text.n, &tokens, &n));
	for (size_t i = 0; i < n; i++) {
		size_t own = str_chars(str_slice(text, tokens[i].start, tokens[i].end));

		if (tokens[i].kind == HTML_URL)
			length = length - own + URL_CHARACTERS;
		if (tokens[i].kind == HTML_MENTION && !str_is_null(tokens[i].host))
			length -= str_chars(tokens[i].host) + 1;
	}
	*ret = length;
	return 0;
}
