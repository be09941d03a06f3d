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
	if (err == E_NOT_FOUND && str_is_empty(c->error))
		return STR("Record not found");
	return ctx_words(c, err);
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

/* RFC 6749, 5.2: a word for programs, which fail() has put before ": " when there is a special one. */
static str oauth_body(struct ctx *c, int err)
{
	str message = message_of(c, err), word = STR("invalid_request");
	size_t colon = str_find(message, STR(": "), 0);
	struct json_out w;
	str body;

	if (err < 0 || err == E_LATER || err == E_LIMITED)
		word = STR("temporarily_unavailable");
	else if (colon != SIZE_MAX) {
		word = str_slice(message, 0, colon);
		message = str_from(message, colon + 2);
	}
	json_out_init(&w, c->arena, ERROR_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "error", word);
	json_put_str(&w, "error_description", message);
	json_close_object(&w);
	return json_out_done(&w, &body) ? STR("{\"error\":\"server_error\"}") : body;
}

/* What the API calls otherwise than HTTP does. */
static int api_status(int err)
{
	return err == E_INVALID ? 422 : err == E_REFUSED ? 403 : err_http_status(err);
}

void respond_error(struct ctx *c, const struct request *q, enum surface surface, int err,
		   struct response *r)
{
	usec retry_after = r->retry_after;
	typeof(r->rate) rate = r->rate;

	if (err < 0)
		log_error(c, "event=request method=%.*s route=\"%s\" error=%d message=\"%.*s\"",
			  STR_ARG(q->method_name), q->pattern ? q->pattern : "-", err,
			  STR_ARG(ctx_error(c, err)));
	*r = (struct response){ .status = err_http_status(err) };
	if (r->status == 503 || r->status == 429)
		r->retry_after = retry_after ? retry_after : BUSY_RETRY;
	switch (surface) {
	case SURFACE_OAUTH:
		r->type = STR("application/json; charset=utf-8");
		r->body = oauth_body(c, err);
		r->cors = true;
		r->rate = rate;
		if (r->status == 401)
			r->authenticate = STR("Basic realm=\"Rookery\"");
		return;
	case SURFACE_API:
		r->status = api_status(err);
		r->cors = true;
		r->rate = rate;
		if (r->status == 401)
			r->authenticate = STR("Bearer realm=\"Rookery\", error=\"invalid_token\"");
		/* fall through */
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
