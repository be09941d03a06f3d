/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Timelines: home, and the community's. */
#include "model/timeline.h"
#include "server/web/compose.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/views.h"
#include "server/web/web.h"
#include "templates.h"

int web_start(struct ctx *c, struct request *q, struct response *r)
{
	return q->session ? web_home(c, q, r) : web_about(c, q, r);
}

int web_home(struct ctx *c, struct request *q, struct response *r)
{
	struct page p = view_page(q);
	struct timeline_page page = { 0 };
	struct compose_view compose;
	struct timeline found;

	TRY(timeline_home(c, &p, &found));
	TRY(frame_load(c, q, MENU_HOME, r, &page.frame));
	page.frame.title = STR("Home");
	if (!p.max_id) {
		TRY(compose_empty(c, &compose));
		page.compose = &compose;
	}
	page.posts = view_posts(c, found.statuses, found.n);
	page.n_posts = found.n;
	page.pager = view_pager(c, q, &p, found.is_full, found.oldest);
	return RESPOND(c, tpl_timeline, &page, r);
}

int web_local(struct ctx *c, struct request *q, struct response *r)
{
	struct page p = view_page(q);
	const struct timeline_choice own = { .local = true };
	struct timeline_page page = { .local = true };
	struct timeline found;

	TRY(timeline_public(c, own, &p, c->identity_id, &found));
	TRY(frame_load(c, q, MENU_LOCAL, r, &page.frame));
	page.frame.title = STR("Local");
	page.posts = view_posts(c, found.statuses, found.n);
	page.n_posts = found.n;
	page.pager = view_pager(c, q, &p, found.is_full, found.oldest);
	return RESPOND(c, tpl_timeline, &page, r);
}

/* A tag that nobody used yet is a page without posts. */
static int load_tag(struct ctx *c, str text, struct tag_view *ret)
{
	str name = hashtag_fold(c, text);
	const struct hashtag_row *tag;
	int err;

	if (str_is_null(name))
		return fail(c, E_NOT_FOUND, "that is no hashtag");
	*ret = (struct tag_view){
		.name = name,
		.path = str_fmt(c->arena, "/tags/%.*s/", STR_ARG(url_encode(c->arena, name))),
	};
	err = q_hashtag_by_name(c, name, &tag);
	if (err == E_NOT_FOUND)
		return 0;
	TRY(err);
	ret->posts = tag->posts_count;
	return 0;
}

int web_tag(struct ctx *c, struct request *q, struct response *r)
{
	struct page p = view_page(q);
	struct tag_page page = { 0 };
	struct timeline_tags tags = { 0 };
	struct timeline found;

	TRY(load_tag(c, q->args[0], &page.tag));
	tags.any = (strs){ &page.tag.name, 1 };
	TRY(timeline_hashtag(c, &tags, &p, c->identity_id, &found));
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = str_cat(c->arena, STR("#"), page.tag.name);
	page.frame.hidden = true;
	page.posts = view_posts(c, found.statuses, found.n);
	page.n_posts = found.n;
	page.pager = view_pager(c, q, &p, found.is_full, found.oldest);
	return RESPOND(c, tpl_tag, &page, r);
}
