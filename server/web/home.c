/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Timelines: home, and the community's. */
#include "model/timeline.h"
#include "server/web/compose.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/post_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "server/web/web.h"
#include "templates.h"

int web_start(struct ctx *c, struct request *q, struct response *r)
{
	return q->session ? web_home(c, q, r) : web_front(c, q, r);
}

int web_home(struct ctx *c, struct request *q, struct response *r)
{
	struct page p = view_page(q);
	struct timeline_page page = { 0 };
	struct compose_view compose;
	struct timeline found;

	TRY(timeline_home(c, &p, &found));
	TRY(frame_load(c, q, MENU_HOME, r, &page.frame));
	page.frame.title = text_in(c, TEXT_MENU_HOME);
	if (!p.max_id) {
		TRY(compose_empty(c, &compose));
		page.compose = &compose;
		r->previews = true;
	}
	page.posts = view_posts_in(c, "home", found.statuses, found.n, &page.n_posts);
	page.pager = view_pager(c, q, &p, found.is_full, found.oldest);
	page.live = p.max_id ? STR("") : view_live(c, q, "home", found.newest);
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
	page.frame.title = text_in(c, TEXT_MENU_LOCAL);
	page.posts = view_posts_in(c, "public", found.statuses, found.n, &page.n_posts);
	page.pager = view_pager(c, q, &p, found.is_full, found.oldest);
	page.live = p.max_id ? STR("") : view_live(c, q, "local", found.newest);
	return RESPOND(c, tpl_timeline, &page, r);
}
