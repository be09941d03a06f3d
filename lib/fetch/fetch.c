/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: each hop is judged, signed and made as if it were the first. What only the first host
 * may read (credentials that the caller put into headers) is not sent to another.
 */
#include "fetch/fetch.h"

#include <assert.h>
#include <string.h>

#include "base/tally.h"
#include "fetch/answer.h"
#include "fetch/courier.h"
#include "fetch/exchange.h"
#include "fetch/multi.h"

#define SIGN_ROOM 16 /* headers that a sign function may add */

static const char *const credentials[] = { "authorization", "cookie" };
static const int redirects[] = { 301, 302, 303, 307, 308 };

static bool is_credential(str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(credentials); i++)
		if (str_eq_fold(name, str_c(credentials[i])))
			return true;
	return false;
}

static int add_headers(struct ctx *c, const struct fetch_request *q, struct hop *hop)
{
	struct fetch_header *headers =
		arena_array(c->arena, q->n_headers + SIGN_ROOM, sizeof(*headers));
	bool same_host = url_same_host(q->url, hop->text);
	size_t n = 0;

	for (size_t i = 0; i < q->n_headers; i++)
		if (same_host || !is_credential(q->headers[i].name))
			headers[n++] = q->headers[i];
	if (q->sign)
		TRY(q->sign(c, q->arg, hop->method, hop->text, hop->body, headers, &n));
	assert(n <= q->n_headers + SIGN_ROOM);
	hop->headers = headers;
	hop->n_headers = n;
	return 0;
}

static int prepare(struct ctx *c, const struct fetch_request *q, str text, struct hop *hop)
{
	const struct url *u = &hop->url;

	if (!url_parse(c->arena, text, &hop->url))
		return fail(c, E_INVALID, "not an http(s) URL: " STR_FMT,
			    STR_ARG(str_clip(text, URL_LIMIT)));
	if (!guard_allows_url(c->fetch->guard, u->scheme, u->host, u->port))
		return fail(c, E_REFUSED, STR_FMT "://" STR_FMT " may not be reached",
			    STR_ARG(u->scheme), STR_ARG(u->authority));
	hop->text = url_format(c->arena, u);
	return add_headers(c, q, hop);
}

bool fetch_may(struct ctx *c, str url)
{
	struct url u;

	return url_parse(c->arena, url, &u) &&
	       guard_allows_url(c->fetch->guard, u.scheme, u.host, u.port);
}

/* Only GET and HEAD are led on: sending a body to where another server says is not ours to do. */
static bool leads_on(const struct fetch_request *q, str method, const struct fetch_response *r)
{
	bool moved = false;

	for (size_t i = 0; i < ARRAY_SIZE(redirects); i++)
		moved = moved || redirects[i] == r->status;
	return moved && q->redirects > 0 && !str_is_null(fetch_header(r, STR("location"))) &&
	       (str_eq(method, STR("GET")) || str_eq(method, STR("HEAD")));
}

/* Any scheme but http(s) is refused, whoever names it. */
static int follow(struct ctx *c, const struct fetch_response *r, str *ret)
{
	str location = str_trim(fetch_header(r, STR("location")));

	if (url_resolve(c->arena, r->url, location, ret))
		return 0;
	return fail(c, E_REFUSED, STR_FMT " leads to no http(s) URL", STR_ARG(r->url));
}

static int check_type(struct ctx *c, const struct fetch_request *q, const struct fetch_response *r)
{
	bool is_content = r->status >= 200 && r->status < 300 && r->size > 0;

	if (!q->accept_types || !is_content || answer_is_of_type(r->type, q->accept_types))
		return 0;
	return fail(c, E_UNSUPPORTED, STR_FMT " is of type \"" STR_FMT "\"", STR_ARG(r->url),
		    STR_ARG(r->type));
}

/* What must not be done twice is left to the courier, when there is one. */
static int run_hop(struct ctx *c, const struct fetch_request *q, const struct hop *hop,
		   struct fetch_response *ret)
{
	if (q->once.n && c->fetch->courier)
		return courier_run(c, c->fetch->courier, q->once, hop, ret);
	return exchange_run(c, hop, ret);
}

static int fetch_all(struct ctx *c, const struct fetch_request *q, struct fetch_response *ret)
{
	struct hop hop = {
		.method = q->method.n ? q->method : STR("GET"),
		.body = q->body,
		.limit = q->limit ? q->limit : FETCH_BODY_LIMIT,
		.sink = q->sink,
		.sigv4 = q->sigv4,
		.deadline = clock_mono() + (q->timeout ? q->timeout : c->fetch->timeout),
	};
	struct fetch_response r;
	str url = q->url;

	for (unsigned followed = 0;; followed++) {
		TRY(prepare(c, q, url, &hop));
		TRY(run_hop(c, q, &hop, &r));
		if (!leads_on(q, hop.method, &r))
			break;
		if (followed == q->redirects)
			return fail(c, E_REMOTE, STR_FMT " leads on more than %u times",
				    STR_ARG(q->url), q->redirects);
		TRY(follow(c, &r, &url));
	}
	TRY(check_type(c, q, &r));
	*ret = r;
	return 0;
}

static enum tally_id outcome(int err, const struct fetch_response *r)
{
	if (err == E_REFUSED)
		return TALLY_FETCH_REFUSED;
	if (err)
		return TALLY_FETCH_FAILED;
	return r->status < 300	 ? TALLY_FETCH_2XX
	       : r->status < 400 ? TALLY_FETCH_3XX
	       : r->status < 500 ? TALLY_FETCH_4XX
				 : TALLY_FETCH_5XX;
}

int fetch(struct ctx *c, const struct fetch_request *q, struct fetch_response *ret)
{
	struct fetch_response r = { 0 };
	usec begun = clock_mono();
	int err = fetch_all(c, q, &r);

	tally_add(outcome(err, &r), 1);
	tally_add(TALLY_FETCH_USEC, clock_mono() - begun);
	if (!err)
		*ret = r;
	return err;
}
