/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Posts for later: what was asked for, when it is to be, and whether it still is. */
#include "model/scheduled.h"

#include "model/media.h"
#include "model/poll.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_media.h"
#include "server/api/render_scheduled.h"
#include "server/api/render_status.h"

static void put_media_ids(struct json_out *w, i64s ids)
{
	if (ids.n == 0) {
		json_put_null(w, "media_ids");
		return;
	}
	json_open_array(w, "media_ids");
	for (size_t i = 0; i < ids.n; i++)
		json_put_id(w, NULL, ids.p[i]);
	json_close_array(w);
}

static void put_number(struct json_out *w, const char *key, int64_t value)
{
	if (value)
		json_put_i64(w, key, value);
	else
		json_put_null(w, key);
}

static void put_params(struct json_out *w, const struct post_draft *d)
{
	str visibility = str_c(name_of_value(post_visibilities, (int)d->visibility));

	json_open_object(w, "params");
	if (d->poll)
		poll_draft_put(w, d->poll);
	else
		json_put_null(w, "poll");
	json_put_str(w, "text", str_is_null(d->text) ? STR("") : d->text);
	json_put_str(w, "language", d->language.n ? d->language : STR_NULL);
	put_media_ids(w, d->media_ids);
	json_put_bool(w, "sensitive", d->sensitive);
	json_put_c(w, "visibility", visibility_in_api(visibility));
	json_put_null(w, "idempotency");
	json_put_null(w, "scheduled_at");
	json_put_str(w, "spoiler_text", d->summary.n ? d->summary : STR_NULL);
	json_put_i64(w, "application_id", d->application_id);
	put_number(w, "in_reply_to_id", d->in_reply_to_id);
	json_put_bool(w, "with_rate_limit", false);
	json_put_id(w, "quoted_status_id", d->quoted_id);
	json_put_c(w, "quote_approval_policy",
		   name_of_value(post_quote_policies, (int)d->quote_policy));
	json_close_object(w);
}

static int put_media(struct ctx *c, struct json_out *w, const struct scheduled_row *row)
{
	const struct attachment_row *media = NULL;
	size_t n = 0;

	if (row->attachment_ids.n)
		TRY(q_attachment_own_many(c, row->attachment_ids, c->identity_id, c->domain_id,
					  &media, &n));
	json_open_array(w, "media_attachments");
	for (size_t i = 0; i < n; i++) {
		struct status_media m = media_of_row(c, &media[i]);

		render_media(c, w, NULL, &m);
	}
	json_close_array(w);
	return 0;
}

static int put_scheduled(struct ctx *c, struct json_out *w, const struct scheduled_row *row)
{
	struct post_draft d;

	TRY(scheduled_draft(c, row, &d));
	json_open_object(w, NULL);
	json_put_id(w, "id", row->id);
	json_put_time(w, "scheduled_at", row->due);
	put_params(w, &d);
	TRY(put_media(c, w, row));
	json_close_object(w);
	return 0;
}

static int absent(struct ctx *c, int result)
{
	return result == E_NOT_FOUND ? api_not_found(c) : result;
}

int respond_scheduled(struct ctx *c, int64_t id, struct response *r)
{
	const struct scheduled_row *row;
	struct json_out w;

	TRY(absent(c, scheduled_get(c, id, &row)));
	api_open(c, &w);
	TRY(put_scheduled(c, &w, row));
	return api_send(&w, r);
}

int api_scheduled_list(struct ctx *c, struct request *q, struct response *r)
{
	const struct scheduled_row *rows;
	struct json_out w;
	struct page page;
	size_t n;

	api_page(q, 20, 40, &page);
	TRY(scheduled_list(c, &page, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		TRY(put_scheduled(c, &w, &rows[i]));
	json_close_array(&w);
	if (n)
		api_link(c, q, rows[0].id, rows[n - 1].id, (int64_t)n == page_limit(&page), r);
	return api_send(&w, r);
}

int api_scheduled(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	return respond_scheduled(c, id, r);
}

int api_scheduled_edit(struct ctx *c, struct request *q, struct response *r)
{
	struct params *p;
	int64_t id;
	usec due;

	TRY(api_path_id(c, q, 0, &id));
	TRY(params_read(c, q, &p));
	if (param_is_there(p, "scheduled_at")) {
		if (!clock_parse_iso(param(p, "scheduled_at"), &due))
			return api_unprocessable(c, "scheduled_at is no time");
		TRY(absent(c, scheduled_move(c, id, due)));
	}
	return respond_scheduled(c, id, r);
}

int api_scheduled_delete(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(absent(c, scheduled_withdraw(c, id)));
	return api_send_empty(r);
}
