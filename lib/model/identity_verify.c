/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Fields that are verified. Invariant: a field carries the moment of its verification only while its
 * text is the one that was looked at; an edit meanwhile wins.
 */
#include "fetch/fetch.h"
#include "fetch/url.h"
#include "html/html.h"
#include "json/json.h"
#include "json/write.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/limit.h"
#include "model/throttle.h"

#define FIELDS_LIMIT (256 * 1024) /* bytes of all fields as JSON */
#define PAGE_TIMEOUT (10 * USEC_SEC)
#define REDIRECTS 3
#define SITE_HOURLY 20 /* pages of one site that are asked for because of profiles elsewhere */

/* The text is one https address of another site and nothing else. */
static bool is_address(struct ctx *c, str text)
{
	struct url url;

	return str_starts(text, STR("https://")) && url_parse(c->arena, text, &url) &&
	       !domain_owns(c, text);
}

static int fetch_page(struct ctx *c, str url, str *ret)
{
	static const char *const types[] = { "text/html", "application/xhtml+xml", NULL };
	struct fetch_header accept = { STR("Accept"), STR("text/html") };
	struct fetch_request q = {
		.url = url,
		.headers = &accept,
		.n_headers = 1,
		.accept_types = types,
		.redirects = REDIRECTS,
		.timeout = PAGE_TIMEOUT,
	};
	enum limit_severity severity;
	struct fetch_response r;

	TRY(limit_of_uri(c, url, &severity));
	if (severity == LIMIT_BLOCK)
		return fail(c, E_REFUSED, "the page's server is blocked");
	TRY(fetch(c, &q, &r));
	*ret = r.status == 200 ? r.body : STR("");
	return 0;
}

static int links_back(struct ctx *c, const struct identity_row *i, str url, bool *ret)
{
	str targets[] = { i->url, i->actor_uri }, page;
	int result = fetch_page(c, url, &page);

	*ret = false;
	if (result)
		return result < 0 ? result : 0;
	result = html_links_back(c, page, (strs){ targets, ARRAY_SIZE(targets) }, ret);
	return result < 0 ? result : 0;
}

/* The markup of others is one link that shows its whole address, or it is none. */
static str address_of(struct ctx *c, const struct identity_row *i, const struct json *field)
{
	str value = json_get_str(field, "value"), text;
	strs links;

	if (identity_is_local(i))
		return json_get_str(field, "text");
	if (html_links(c, value, 2, &links) || links.n != 1 || html_to_text(c, value, &text) ||
	    !str_eq(str_trim(text), links.p[0]))
		return STR_NULL;
	return links.p[0];
}

/* However many profiles elsewhere name a site, it is not asked more often than this. */
static bool is_in_turn(struct ctx *c, const struct identity_row *i, str address)
{
	struct url url;

	return identity_is_local(i) ||
	       (url_parse(c->arena, address, &url) &&
		throttle_hit(c, "verify", url.authority, SITE_HOURLY, USEC_HOUR) == 0);
}

static int verify_field(struct ctx *c, const struct identity_row *i, const struct json *field,
			str *ret_verified, bool *changed)
{
	str text = address_of(c, i, field), verified = json_get_str(field, "verified");
	bool found = false;

	if (str_is_null(verified) && is_address(c, text) && is_in_turn(c, i, text))
		TRY(links_back(c, i, text, &found));
	if (found) {
		verified = clock_iso(c->arena, c->now);
		*changed = true;
	}
	*ret_verified = verified;
	return 0;
}

static int write_field(struct ctx *c, const struct identity_row *i, const struct json *field,
		       struct json_out *w, bool *changed)
{
	str verified;

	TRY(verify_field(c, i, field, &verified, changed));
	json_open_object(w, NULL);
	json_put_str(w, "name", json_get_str(field, "name"));
	json_put_str(w, "value", json_get_str(field, "value"));
	json_put_str_opt(w, "text", json_get_str(field, "text"));
	json_put_str_opt(w, "verified", verified);
	json_close_object(w);
	return 0;
}

int identity_verify(struct ctx *c, const struct identity_row *i)
{
	const struct json *fields;
	bool changed = false;
	struct json_out w;
	str document;

	TRY(json_parse(c, i->fields, &fields));
	json_out_init(&w, c->arena, FIELDS_LIMIT);
	json_open_array(&w, NULL);
	for (size_t n = 0; n < json_count(fields); n++)
		TRY(write_field(c, i, json_at(fields, n), &w, &changed));
	json_close_array(&w);
	if (!identity_is_local(i))
		TRY(q_identity_fields_checked(c, i->id, NULL));
	if (!changed)
		return 0;
	TRY(json_out_done(&w, &document));
	return q_identity_set_verified(c, document, i->id, i->domain_id, i->fields, NULL);
}

int identity_look(struct ctx *c, const struct identity_row *i)
{
	if (identity_is_local(i) || str_find(i->fields, STR("https://"), 0) == SIZE_MAX)
		return 0;
	return q_identity_look(c, i->id, NULL);
}
