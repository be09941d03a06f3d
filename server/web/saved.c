/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What one keeps for oneself: bookmarks, likes and conversations. */
#include "model/conversation.h"
#include "model/identity.h"
#include "model/timeline.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/post_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

static int respond(struct ctx *c, const struct request *q, bool liked,
		   int (*load)(struct ctx *c, const struct page *p, struct timeline *ret),
		   struct response *r)
{
	struct page p = view_page(q);
	struct saved_page page = { .liked = liked };
	struct timeline kept;

	TRY(load(c, &p, &kept));
	TRY(frame_load(c, q, MENU_SAVED, r, &page.frame));
	page.frame.title = text_in(c, liked ? TEXT_FAVOURITES : TEXT_BOOKMARKS);
	page.posts = view_posts(c, kept.statuses, kept.n);
	page.n_posts = kept.n;
	page.pager = view_pager(c, q, &p, kept.is_full, kept.oldest);
	return RESPOND(c, tpl_saved, &page, r);
}

int web_bookmarks(struct ctx *c, struct request *q, struct response *r)
{
	return respond(c, q, false, timeline_bookmarked, r);
}

int web_favourites(struct ctx *c, struct request *q, struct response *r)
{
	return respond(c, q, true, timeline_liked, r);
}

static struct conversation_view view(struct ctx *c, const struct conversation *v)
{
	struct person_view *people = arena_array(c->arena, v->n_people + 1, sizeof(*people));

	for (size_t i = 0; i < v->n_people; i++)
		people[i] = view_person(c, v->people[i]);
	return (struct conversation_view){
		.id = v->row->id,
		.people = people,
		.n_people = v->n_people,
		.last = v->last ? view_posts(c, v->last, 1) : NULL,
		.unread = v->row->unread,
	};
}

int web_conversations(struct ctx *c, struct request *q, struct response *r)
{
	struct page p = view_page(q);
	struct conversations_page page = { 0 };
	struct conversation_view *views;
	struct conversation *list;
	size_t n;

	TRY(conversations_list(c, &p, &list, &n));
	views = arena_array(c->arena, n + 1, sizeof(*views));
	for (size_t i = 0; i < n; i++)
		views[i] = view(c, &list[i]);
	page.conversations = views;
	page.n_conversations = n;
	page.pager = view_pager(c, q, &p, (int64_t)n == page_limit(&p),
				n ? list[n - 1].row->last_post_id : 0);
	TRY(frame_load(c, q, MENU_TALK, r, &page.frame));
	page.frame.title = text_in(c, TEXT_CONVERSATIONS);
	return RESPOND(c, tpl_conversations, &page, r);
}

int web_conversations_send(struct ctx *c, struct request *q, struct response *r)
{
	int64_t gone = form_id(q, "delete"), read = form_id(q, "read");
	int result = gone ? conversation_delete(c, gone) : conversation_mark(c, read, false);

	if (result == E_NOT_FOUND)
		return fail(c, E_NOT_FOUND, "you have no such conversation");
	TRY(result);
	return go_back(c, q, STR("/conversations/"), r);
}
