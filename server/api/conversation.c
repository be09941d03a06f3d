/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Conversations: https://docs.joinmastodon.org/methods/conversations/. */
#include "model/conversation.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/render_account.h"
#include "server/api/render_conversation.h"
#include "server/api/render_status.h"

static int found(struct ctx *c, int err)
{
	return err == E_NOT_FOUND ? api_not_found(c) : err;
}

void render_conversation(struct ctx *c, struct json_out *w, const struct conversation *v)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", v->row->id);
	json_put_bool(w, "unread", v->row->unread);
	json_open_array(w, "accounts");
	for (size_t i = 0; i < v->n_people; i++)
		render_account(c, w, NULL, v->people[i]);
	json_close_array(w);
	render_status(c, w, "last_status", v->last);
	json_close_object(w);
}

int api_conversations(struct ctx *c, struct request *q, struct response *r)
{
	struct conversation *list;
	struct page page;
	struct json_out w;
	size_t n;

	api_page(q, 20, 40, &page);
	TRY(conversations_list(c, &page, &list, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_conversation(c, &w, &list[i]);
	json_close_array(&w);
	if (n)
		api_link(c, q, list[0].row->last_post_id, list[n - 1].row->last_post_id,
			 (int64_t)n == page_limit(&page), r);
	return api_send_polled(&w, r);
}

static int mark(struct ctx *c, const struct request *q, bool unread, struct response *r)
{
	struct conversation *v;
	struct json_out w;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, conversation_mark(c, id, unread)));
	TRY(found(c, conversation_get(c, id, &v)));
	api_open(c, &w);
	render_conversation(c, &w, v);
	return api_send(&w, r);
}

int api_conversation_read(struct ctx *c, struct request *q, struct response *r)
{
	return mark(c, q, false, r);
}

int api_conversation_unread(struct ctx *c, struct request *q, struct response *r)
{
	return mark(c, q, true, r);
}

int api_conversation_delete(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(found(c, conversation_delete(c, id)));
	return api_send_empty(r);
}
