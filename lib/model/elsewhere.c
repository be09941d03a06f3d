/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a template says is another server's word: it becomes an address only after it was read as one. */
#include "model/elsewhere.h"

#include "ap/handle.h"
#include "ap/webfinger.h"
#include "fetch/url.h"
#include "model/domain.h"
#include "model/settings.h"
#include "model/throttle.h"

#define ASKS 20 /* of one network address ... */
#define ASKS_WINDOW USEC_HOUR
#define PLACE STR("{uri}")

static int fill(struct ctx *c, str template, str uri, bool plain, str *ret_url, str *ret_host)
{
	size_t at = str_find(template, PLACE, 0);
	struct url parsed;
	str url;

	if (at == SIZE_MAX)
		return fail(c, E_NOT_FOUND, "that server has no page for this");
	url = str_fmt(c->arena, "%.*s%.*s%.*s", STR_ARG(str_slice(template, 0, at)),
		      STR_ARG(url_encode(c->arena, uri)),
		      STR_ARG(str_from(template, at + PLACE.n)));
	if (!url_parse(c->arena, url, &parsed) || (!str_eq(parsed.scheme, STR("https")) && !plain))
		return fail(c, E_NOT_FOUND, "that server has no page for this");
	*ret_url = url;
	*ret_host = parsed.authority;
	return 0;
}

int elsewhere_find(struct ctx *c, str handle, str uri, str client, str *ret_url, str *ret_host)
{
	bool plain = c->settings && c->settings->development;
	const struct domain *own;
	struct webfinger found;
	str name, host = STR_NULL;

	if (!handle_parse(c->arena, handle, &name, &host) || str_is_null(host))
		return fail(c, E_INVALID, "a handle looks like @name@example.org");
	own = domain_by_host(c->domains, host);
	if (own)
		return fill(c,
			    str_cat(c->arena, own->origin, STR("/authorize_interaction?uri={uri}")),
			    uri, plain, ret_url, ret_host);
	TRY(throttle_hit(c, "elsewhere", throttle_network(c, client), ASKS, ASKS_WINDOW));
	TRY(webfinger_find(c, name, host, plain, &found));
	return fill(c, found.subscribe, uri, plain, ret_url, ret_host);
}
