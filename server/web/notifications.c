/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What happened to the acting identity. Looking at the newest page marks everything as seen. */
#include <stdint.h>

#include "base/table.h"
#include "model/emoji.h"
#include "model/identity.h"
#include "model/notification.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/notice_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

#define EXCERPT_CHARS 140

static const struct name kinds[] = {
	{ "mention", NOTICE_MENTION },
	{ "follow", NOTICE_FOLLOW },
	{ "follow_request", NOTICE_FOLLOW_REQUEST },
	{ "like", NOTICE_LIKE },
	{ "boost", NOTICE_BOOST },
	{ "poll", NOTICE_POLL },
	{ "edit", NOTICE_EDIT },
	{ "report", NOTICE_REPORT },
	{ "status", NOTICE_STATUS },
	{ "quote", NOTICE_QUOTE },
	{ "quoted_edit", NOTICE_QUOTED_EDIT },
	{ "sign_up", NOTICE_SIGN_UP },
	{ "severed", NOTICE_SEVERED },
	{ "warning", NOTICE_WARNING },
	{ "reaction", NOTICE_REACTION },
	{ "pending_reply", NOTICE_ASKS_REPLY },
	{ "pending_like", NOTICE_ASKS_LIKE },
	{ "pending_boost", NOTICE_ASKS_BOOST },
	{ "pending_quote", NOTICE_ASKS_QUOTE },
	{ NULL, 0 },
};

/* False: a filter hides it. */
static bool view(struct ctx *c, const struct notice *n, int kind, struct notice_view *ret)
{
	size_t n_shown = 1;

	*ret = (struct notice_view){
		.id = n->row->id,
		.kind = (enum notice_kind)kind,
		.actor = view_person(c, n->actor),
		.when = n->row->created,
		.unseen = !n->row->seen,
	};

	if (n->status) {
		str warning = status_warning(c->arena, n->status);

		ret->post = view_posts_in(c, "notifications", n->status, 1, &n_shown);
		ret->excerpt = warning.n ? warning
					 : view_excerpt(c, n->status->post->content, EXCERPT_CHARS);
	}
	return n_shown > 0;
}

static void fill(struct ctx *c, const struct notice *notices, size_t n,
		 struct notifications_page *page)
{
	struct notice_view *views = arena_array(c->arena, n + 1, sizeof(*views));
	int kind;

	page->notices = views;
	for (size_t i = 0; i < n; i++)
		if (notices[i].actor && name_to_value(kinds, notices[i].row->kind, &kind))
			page->n_notices += view(c, &notices[i], kind, &views[page->n_notices]);
}

int web_notifications(struct ctx *c, struct request *q, struct response *r)
{
	struct page p = view_page(q);
	struct notifications_page page = { 0 };
	const struct notification_choice all = { 0 };
	struct notice *notices;
	bool more;
	size_t n;

	TRY(notification_list(c, &all, &p, &notices, &n, &more));
	if (!p.max_id)
		TRY(notification_mark_seen(c, INT64_MAX));
	TRY(frame_load(c, q, MENU_NOTIFICATIONS, r, &page.frame));
	page.frame.title = text_in(c, TEXT_MENU_NOTIFICATIONS);
	TRY(emoji_load(c));
	fill(c, notices, n, &page);
	page.pager = view_pager(c, q, &p, more, n ? notices[n - 1].row->id : 0);
	if (!p.max_id)
		page.live = view_live(c, q, "notifications", n ? notices[0].row->id : 0);
	return RESPOND(c, tpl_notifications, &page, r);
}
