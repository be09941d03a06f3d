/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what is broken (a negative error) is logged and shown as nothing but that; a condition
 * shows the message that its code wrote for people.
 */
#include "base/log.h"
#include "json/write.h"
#include "server/http.h"
#include "server/web/web.h"

#define ERROR_LIMIT 8192
#define BUSY_RETRY (5 * USEC_SEC)

static str message_of(struct ctx *c, int err)
{
	if (err < 0)
		return STR("something broke here; it was written down");
	return ctx_error(c, err);
}

static str json_body(struct ctx *c, int err)
{
	struct json_out w;
	str body;

	json_out_init(&w, c->arena, ERROR_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "error", message_of(c, err));
	json_put_c(&w, "code", err_name(err));
	json_close_object(&w);
	return json_out_done(&w, &body) ? STR("{\"error\":\"error\"}") : body;
}

void respond_error(struct ctx *c, const struct request *q, enum surface surface, int err,
		   struct response *r)
{
	usec retry_after = r->retry_after;

	if (err < 0)
		log_error(c, "event=request method=%.*s path=\"%.*s\" error=%d message=\"%.*s\"",
			  STR_ARG(q->method_name), STR_ARG(q->raw_path), err,
			  STR_ARG(ctx_error(c, err)));
	*r = (struct response){ .status = err_http_status(err) };
	if (r->status == 503 || r->status == 429)
		r->retry_after = retry_after ? retry_after : BUSY_RETRY;
	switch (surface) {
	case SURFACE_JSON:
		r->type = STR("application/json; charset=utf-8");
		r->body = json_body(c, err);
		return;
	case SURFACE_PAGE:
		if (c->domain && web_error_page(c, q, message_of(c, err), r) == 0)
			return;
		break;
	case SURFACE_TEXT:
		break;
	}
	r->type = STR("text/plain; charset=utf-8");
	r->body = str_cat(c->arena, message_of(c, err), STR("\n"));
}
