/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What goes on behind an answer: https://docs.joinmastodon.org/methods/async_refreshes/ */
#include "server/api/async.h"

#include "model/thread.h"
#include "server/api/api.h"
#include "server/api/handlers.h"

#define RETRY_SECONDS 3

int async_offer_thread(struct ctx *c, const struct post_row *p, struct response *r)
{
	const struct thread_row *t;

	if (!c->identity_id)
		return 0;
	TRY(thread_refresh(c, p, &t));
	if (t)
		r->async_refresh = str_fmt(c->arena, "id=\"%lld\", retry=%d, result_count=%lld",
					   (long long)t->id, RETRY_SECONDS, (long long)t->replies);
	return 0;
}

int api_async_refresh(struct ctx *c, struct request *q, struct response *r)
{
	const struct thread_row *t;
	struct json_out w;
	int64_t id;
	int result;

	TRY(api_path_id(c, q, 0, &id));
	result = thread_progress(c, id, &t);
	if (result == E_NOT_FOUND)
		return api_not_found(c);
	TRY(result);
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_open_object(&w, "async_refresh");
	json_put_id(&w, "id", t->id);
	json_put_str(&w, "status", t->state);
	json_put_i64(&w, "result_count", t->replies);
	json_close_object(&w);
	json_close_object(&w);
	return api_send(&w, r);
}
