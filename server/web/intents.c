/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What other pages and servers lead people here for: to share something, to follow somebody or to answer a post
 * (FEP-3b86, and the addresses that Mastodon has for it); and the way back, for readers who are at home elsewhere.
 * Invariant: nothing is done by an address alone: it only fills in a form, or shows what it is about.
 */
#include "base/out.h"
#include "fetch/url.h"
#include "model/elsewhere.h"
#include "model/identity.h"
#include "model/search.h"
#include "server/web/compose.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/people_page.h"
#include "server/web/post_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

#define SHARED_LIMIT (16 * 1024) /* bytes of what is filled in */

static void add_part(struct out *o, const struct request *q, const char *name)
{
	str part = str_trim(request_query(q, name));

	if (str_is_empty(part) || !str_is_utf8(part))
		return;
	if (o->n)
		out_c(o, "\n\n");
	out_str(o, part);
}

/* Something to answer: "inReplyTo" of an intent. */
static int to_answer(struct ctx *c, str uri, struct response *r)
{
	struct search_found f = { 0 };

	TRY(search_find(c, str_clip(uri, SEARCH_LIMIT), true, &f));
	if (!f.post_id)
		return fail(c, E_NOT_FOUND, "no post is there");
	return go_to(str_fmt(c->arena, "/compose/?reply_to=%lld", (long long)f.post_id), r);
}

int web_share(struct ctx *c, struct request *q, struct response *r)
{
	str parent = str_trim(request_query(q, "in_reply_to"));
	struct compose_page page = { 0 };
	struct out o;

	if (parent.n)
		return to_answer(c, parent, r);
	TRY(compose_empty(c, &page.compose));
	out_init(&o, c->arena, SHARED_LIMIT);
	add_part(&o, q, "title");
	add_part(&o, q, "text");
	add_part(&o, q, "url");
	page.compose.text = o.n && !o.failed ? out_view(&o) : STR("");
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = text_in(c, TEXT_MENU_WRITE);
	return RESPOND(c, tpl_compose, &page, r);
}

int web_authorize_interaction(struct ctx *c, struct request *q, struct response *r)
{
	str uri = str_trim(request_query(q, "uri"));
	struct follow_page page = { .handle = str_clip(uri, SEARCH_LIMIT) };
	struct search_found f = { 0 };
	struct person_row_view *rows;
	struct post_view post;
	int err;

	if (str_starts(page.handle, STR("acct:")))
		page.handle = str_from(page.handle, 5);
	err = page.handle.n ? search_find(c, page.handle, true, &f) : E_NOT_FOUND;
	if (err < 0)
		return err;
	if (!err && f.post_id) {
		TRY(view_post(c, f.post_id, &post));
		return go_to(post.path, r);
	}
	if (!err) {
		TRY(view_people(c, &f.person, 1, &rows));
		page.found = rows;
	} else if (page.handle.n) {
		page.error = form_error(c, err);
	}
	TRY(frame_load(c, q, MENU_SEARCH, r, &page.frame));
	page.frame.title = text_in(c, TEXT_FOLLOW);
	return RESPOND(c, tpl_follow, &page, r);
}

/* Whom or what of here an address is about. */
static int load_subject(struct ctx *c, str uri, struct elsewhere_page *page)
{
	struct post_view *post = arena_new_of(c->arena, struct post_view);
	struct person_row_view *row;
	struct search_found f = { 0 };

	TRY(search_find(c, uri, false, &f));
	if (f.post_id) {
		TRY(view_post(c, f.post_id, post));
		page->post = post;
		page->uri = post->url;
		return 0;
	}
	TRY(view_people(c, &f.person, 1, &row));
	page->person = row;
	page->uri = f.person->actor_uri;
	return 0;
}

static int respond_elsewhere(struct ctx *c, struct request *q, struct elsewhere_page *page,
			     struct response *r)
{
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = text_in(c, TEXT_SAY_TITLE_ELSEWHERE);
	page->frame.hidden = true;
	return RESPOND(c, tpl_elsewhere, page, r);
}

int web_elsewhere(struct ctx *c, struct request *q, struct response *r)
{
	struct elsewhere_page page = { 0 };

	TRY(load_subject(c, str_clip(str_trim(request_query(q, "uri")), SEARCH_LIMIT), &page));
	return respond_elsewhere(c, q, &page, r);
}

int web_elsewhere_send(struct ctx *c, struct request *q, struct response *r)
{
	struct elsewhere_page page = { .handle =
					       str_clip(form_line(c, q, "handle"), SEARCH_LIMIT) };
	int err;

	TRY(load_subject(c, str_clip(form_line(c, q, "uri"), SEARCH_LIMIT), &page));
	err = elsewhere_find(c, page.handle, page.uri, q->address, &page.url, &page.host);
	if (err < 0)
		return err;
	if (err) {
		page.error = form_error(c, err);
		r->status = form_status(err);
	}
	return respond_elsewhere(c, q, &page, r);
}
