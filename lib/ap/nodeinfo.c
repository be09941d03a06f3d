/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Nothing of what is read here decides anything: it is what a server says about itself. */
#include "ap/nodeinfo.h"

#include "ap/document.h"
#include "ap/handle.h"
#include "ap/shape.h"
#include "ap/transport.h"
#include "fetch/fetch.h"
#include "json/json.h"

#define REDIRECTS 3
#define WORD_LIMIT 100 /* bytes of a name or a version */

/* Best first. */
static const char *const schemas[] = {
	"http://nodeinfo.diaspora.software/ns/schema/2.1",
	"http://nodeinfo.diaspora.software/ns/schema/2.0",
	"http://nodeinfo.diaspora.software/ns/schema/2.2",
};

static int get(struct ctx *c, str url, const struct json **ret)
{
	struct fetch_header header = { STR("accept"), STR("application/json") };
	struct fetch_request q = {
		.url = url,
		.headers = &header,
		.n_headers = 1,
		.limit = NODEINFO_LIMIT,
		.redirects = REDIRECTS,
	};
	struct fetch_response r;
	const struct json *j;
	int result = fetch(c, &q, &r);

	if (result == 0)
		result = ap_result_err(r.status);
	if (result < 0 || result == E_LATER || result == E_REFUSED)
		return result;
	if (result || json_parse(c, r.body, &j) || !json_is(j, JSON_OBJECT))
		return fail(c, E_NOT_FOUND, "no NodeInfo at " STR_FMT, STR_ARG(url));
	*ret = j;
	return 0;
}

/* The best schema's document on the host that was asked. */
static str best_link(const struct json *links, str origin)
{
	size_t n = json_count(links);

	for (size_t k = 0; k < ARRAY_SIZE(schemas); k++) {
		for (size_t i = 0; i < n; i++) {
			const struct json *link = json_at(links, i);
			str href = shape_url_of(json_get_str(link, "href"));

			if (str_eq_c(json_get_str(link, "rel"), schemas[k]) &&
			    ap_same_host(href, origin))
				return href;
		}
	}
	return STR_NULL;
}

int nodeinfo_find(struct ctx *c, str host, bool plain, struct nodeinfo *ret)
{
	struct nodeinfo n = { .software = STR_NULL };
	const struct json *j, *software;
	str origin, url;

	if (!handle_host(c->arena, host, &host))
		return fail(c, E_INVALID, "this is no host");
	origin = handle_origin(c->arena, host, plain);
	TRY(get(c, str_cat(c->arena, origin, STR("/.well-known/nodeinfo")), &j));
	url = best_link(json_get(j, "links"), origin);
	if (str_is_null(url))
		return fail(c, E_NOT_FOUND, "the host links to no NodeInfo of its own");
	TRY(get(c, url, &j));
	software = json_get(j, "software");
	n.software = str_lower(c->arena, shape_text_clipped(software, "name", WORD_LIMIT));
	n.version = shape_text_clipped(software, "version", WORD_LIMIT);
	n.name = shape_text_clipped(json_get(j, "metadata"), "nodeName", AP_NAME_LIMIT);
	n.json = json_dump(c, j);
	if (str_is_null(n.software))
		return fail(c, E_NOT_FOUND, "the NodeInfo names no software");
	*ret = n;
	return 0;
}
