/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The page of a post with its thread, and what people do to posts. */
#include "base/id.h"
#include "model/identity.h"
#include "model/interaction.h"
#include "model/poll.h"
#include "model/post.h"
#include "server/web/compose.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/post_page.h"
#include "server/web/views.h"
#include "server/web/web.h"
#include "templates.h"

#define DESCRIPTION_CHARS 200
#define TITLE_CHARS 60

static int no_such_post(struct ctx *c)
{
	return fail(c, E_NOT_FOUND, "there is no such post");
}

int post_of_path(struct ctx *c, const struct request *q, const struct identity_row **ret_author,
		 const struct post_row **ret)
{
	int64_t id;

	if (!id_parse(q->args[1], &id))
		return no_such_post(c);
	TRY(person_of_path(c, q->args[0], ret_author));
	TRY(post_get(c, id, c->identity_id, ret));
	return (*ret)->author_id == (*ret_author)->id ? 0 : no_such_post(c);
}

/* What others may quote of a post: the words before a warning only when there is none. */
static void describe(struct ctx *c, const struct identity_row *author, const struct post_row *p,
		     struct post_page *page)
{
	struct frame *f = &page->frame;
	str words = page->post.warning.n ? page->post.warning
					 : view_excerpt(c, p->content, TITLE_CHARS);

	f->title = str_fmt(c->arena, "%.*s: %.*s", STR_ARG(page->post.author.name), STR_ARG(words));
	f->hidden = !author->indexable || page->post.visibility != POST_PUBLIC ||
		    !page->post.author.local;
	if (!page->post.author.local)
		return;
	f->canonical = page->post.url;
	f->activity = p->object_uri;
	f->description = p->summary.n ? p->summary : view_excerpt(c, p->content, DESCRIPTION_CHARS);
	f->image = page->post.author.icon;
	f->embeds = page->post.visibility == POST_PUBLIC || page->post.visibility == POST_UNLISTED;
	if (page->post.n_media && page->post.media[0].kind == MEDIA_IMAGE &&
	    !page->post.sensitive) {
		f->image = page->post.media[0].url;
		f->wide = true;
	}
}

/* How deep below the post each reply is; parents come before their replies. Gives how many are right below. */
static int64_t set_depths(struct post_view *views, size_t n)
{
	int64_t direct = 0;

	for (size_t i = 0; i < n; i++) {
		views[i].depth = 1;
		for (size_t k = 0; k < i; k++)
			if (views[k].id == views[i].parent_id)
				views[i].depth = views[k].depth + 1;
		direct += views[i].depth == 1;
	}
	return direct;
}

static int load_thread(struct ctx *c, const struct post_row *post, struct post_page *page)
{
	struct status *above, *below;
	struct post_view *replies;
	size_t n_above, n_below;
	int64_t direct;

	TRY(post_context(c, post, c->identity_id, &above, &n_above, &below, &n_below));
	page->above = view_posts_in(c, "thread", above, n_above, &page->n_above);
	replies = view_posts_in(c, "thread", below, n_below, &page->n_below);
	direct = set_depths(replies, page->n_below);
	page->below = replies;
	/* The stored number lags a little behind, and leaves out those that are not for everybody. */
	if (page->post.n_replies < direct)
		page->post.n_replies = direct;
	page->cut = n_below >= POST_DESCENDANT_LIMIT;
	return 0;
}

static int load_origin(struct ctx *c, const struct post_row *post, struct post_page *page)
{
	const struct post_origin_row *row;

	page->origin = STR("");
	if (!post->domain_id)
		return 0;
	TRY(q_post_origin(c, post->id, &row));
	page->origin = row->imported_from;
	return 0;
}

/* error: what was wrong with a vote; empty: nothing. */
static int respond(struct ctx *c, const struct request *q, const struct identity_row *author,
		   const struct post_row *post, struct wrong error, struct response *r)
{
	struct post_page page = { 0 };
	struct compose_view answer;
	struct poll_view poll;
	struct status *status;

	TRY(statuses_load(c, post, 1, c->identity_id, &status));
	page.post = *view_posts(c, status, 1);
	if (page.post.poll) {
		poll = *page.post.poll;
		poll.error = error;
		page.post.poll = &poll;
	}
	TRY(load_thread(c, post, &page));
	TRY(load_origin(c, post, &page));
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	describe(c, author, post, &page);
	if (q->session) {
		TRY(compose_answer(c, q, status, &page.post, &answer));
		page.compose = &answer;
		r->previews = true;
	}
	return RESPOND(c, tpl_post, &page, r);
}

int web_post(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *author;
	const struct post_row *post;

	TRY(post_of_path(c, q, &author, &post));
	if (leads_away(c, author, view_url(c, post->url, post->object_uri), r))
		return 0;
	return respond(c, q, author, post, NO_WRONG, r);
}

static str path_of(struct ctx *c, const struct identity_row *author, const struct post_row *post)
{
	return str_fmt(c->arena, "%.*sposts/%lld/", STR_ARG(view_person(c, author).path),
		       (long long)post->id);
}

/* Does something to the post of the path, and leads back. */
static int act(struct ctx *c, const struct request *q, struct response *r,
	       enum interaction_kind kind,
	       int (*fn)(struct ctx *c, int64_t post_id, enum interaction_kind kind))
{
	const struct identity_row *author;
	const struct post_row *post;

	TRY(post_of_path(c, q, &author, &post));
	TRY(fn(c, post->id, kind));
	return go_back(c, q, path_of(c, author, post), r);
}

int web_post_like(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, INTERACTION_LIKE, interaction_add);
}

int web_post_unlike(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, INTERACTION_LIKE, interaction_remove);
}

int web_post_boost(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, INTERACTION_BOOST, interaction_add);
}

int web_post_unboost(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, INTERACTION_BOOST, interaction_remove);
}

int web_post_pin(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, INTERACTION_PIN, interaction_add);
}

int web_post_unpin(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, r, INTERACTION_PIN, interaction_remove);
}

static int bookmark(struct ctx *c, const struct request *q, bool keep, struct response *r)
{
	const struct identity_row *author;
	const struct post_row *post;

	TRY(post_of_path(c, q, &author, &post));
	TRY(interaction_bookmark(c, post->id, keep));
	return go_back(c, q, path_of(c, author, post), r);
}

int web_post_bookmark(struct ctx *c, struct request *q, struct response *r)
{
	return bookmark(c, q, true, r);
}

int web_post_unbookmark(struct ctx *c, struct request *q, struct response *r)
{
	return bookmark(c, q, false, r);
}

/* The places that were ticked; what is no number is a choice that no poll has. */
static i64s choices_of(struct ctx *c, const struct request *q)
{
	int64_t *choices = arena_array(c->arena, POLL_OPTION_LIMIT + 1, sizeof(*choices));
	str name, value;
	size_t n = 0;

	for (size_t i = 0; n <= POLL_OPTION_LIMIT && request_form_at(q, i, &name, &value); i++)
		if (str_eq(name, STR("choice")) && !str_to_i64(value, &choices[n++]))
			choices[n - 1] = -1;
	return (i64s){ choices, n };
}

/* What is wrong with a vote is said beside the poll, on the post's own page. */
int web_post_vote(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *author;
	const struct post_row *post;
	int err;

	TRY(post_of_path(c, q, &author, &post));
	err = poll_vote(c, post, choices_of(c, q));
	if (err == E_UNPROCESSABLE || err == E_INVALID) {
		r->status = form_status(err);
		return respond(c, q, author, post, form_error(c, err), r);
	}
	TRY(err);
	return go_back(c, q, path_of(c, author, post), r);
}

/* A page about the post itself is none to come back to. */
int web_post_delete(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *author;
	const struct post_row *post;
	str place, home = view_person(c, q->identity).path;

	TRY(post_of_path(c, q, &author, &post));
	TRY(post_delete(c, post->id, false));
	place = str_fmt(c->arena, "/posts/%lld/", (long long)post->id);
	if (str_find(form_line(c, q, "back"), place, 0) != SIZE_MAX)
		return go_to(home, r);
	return go_back(c, q, home, r);
}
