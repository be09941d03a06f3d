/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The handle that comes out was confirmed by its own host: when the answer names a subject on
 * another host than the one that was asked (a split domain), that host is asked too, and must give
 * the same answer. Nobody can take a handle of another host.
 */
#include "ap/webfinger.h"

#include "ap/document.h"
#include "ap/handle.h"
#include "ap/shape.h"
#include "ap/transport.h"
#include "base/out.h"
#include "fetch/fetch.h"
#include "fetch/url.h"
#include "json/json.h"

#define REDIRECTS 3

/* GETs a document. What the host does not have, in whatever words it says so, is E_NOT_FOUND. */
static int get(struct ctx *c, str url, const char *accept, str *ret_body)
{
	struct fetch_header header = { STR("accept"), str_c(accept) };
	struct fetch_request q = {
		.url = url,
		.headers = &header,
		.n_headers = 1,
		.limit = WEBFINGER_LIMIT,
		.redirects = REDIRECTS,
	};
	struct fetch_response r;
	int result = fetch(c, &q, &r);

	if (result == 0)
		result = ap_result_err(r.status);
	if (result == 0)
		*ret_body = r.body;
	if (result <= 0 || result == E_LATER || result == E_REFUSED)
		return result;
	return fail(c, E_NOT_FOUND, "no WebFinger at " STR_FMT, STR_ARG(url));
}

/* The value of an attribute in the text of a start tag. */
static str attribute(struct arena *a, str tag, const char *name)
{
	for (int quote = 0; quote < 2; quote++) {
		str start = str_fmt(a, " %s=%c", name, quote ? '\'' : '"');
		size_t at = str_find(tag, start, 0), end;

		if (at == SIZE_MAX)
			continue;
		end = str_find_char(tag, quote ? '\'' : '"', at + start.n);
		return end == SIZE_MAX ? STR_NULL : str_slice(tag, at + start.n, end);
	}
	return STR_NULL;
}

/* Ampersands are all that a template has to escape in XML. */
static str unescape(struct arena *a, str s)
{
	struct out o;
	str amp = STR("&amp;");
	size_t at;

	out_init(&o, a, URL_LIMIT);
	while ((at = str_find(s, amp, 0)) != SIZE_MAX) {
		out_str(&o, str_slice(s, 0, at));
		out_char(&o, '&');
		s = str_from(s, at + amp.n);
	}
	out_str(&o, s);
	return o.failed ? STR_NULL : out_view(&o);
}

/* The template of the first usable lrdd link in a host-meta document; the null str for none. */
static str template_of(struct arena *a, str xrd)
{
	size_t at = 0;

	while ((at = str_find(xrd, STR("<Link"), at)) != SIZE_MAX) {
		str tag = str_slice(xrd, at, str_find_char(xrd, '>', at));
		str found = attribute(a, tag, "template");

		at += tag.n;
		if (!str_eq(attribute(a, tag, "rel"), STR("lrdd")) ||
		    str_starts(attribute(a, tag, "type"), STR("application/xrd+xml")) ||
		    str_find(found, STR("{uri}"), 0) == SIZE_MAX)
			continue;
		return unescape(a, found);
	}
	return STR_NULL;
}

static str template_fill(struct arena *a, str pattern, str resource)
{
	size_t at = str_find(pattern, STR("{uri}"), 0);

	return str_fmt(a, STR_FMT STR_FMT STR_FMT, STR_ARG(str_slice(pattern, 0, at)),
		       STR_ARG(url_encode(a, resource)), STR_ARG(str_from(pattern, at + 5)));
}

/* The other place that host-meta names. */
static int get_by_host_meta(struct ctx *c, str origin, str resource, str usual, str *ret_body)
{
	str xrd, pattern, url;

	TRY(get(c, str_cat(c->arena, origin, STR("/.well-known/host-meta")), "application/xrd+xml",
		&xrd));
	pattern = template_of(c->arena, xrd);
	if (str_is_null(pattern))
		return fail(c, E_NOT_FOUND, "host-meta names no WebFinger");
	url = template_fill(c->arena, pattern, resource);
	if (str_eq(url, usual) ||
	    (str_starts(origin, STR("https:")) && !str_starts_fold(url, STR("https:"))))
		return fail(c, E_NOT_FOUND, "host-meta leads nowhere else");
	return get(c, url, "application/jrd+json, application/json", ret_body);
}

/* application/activity+json, or JSON-LD with the profile of ActivityStreams. */
static bool is_activity_type(str type)
{
	if (str_starts_fold(type, STR(AP_MEDIA_TYPE)))
		return true;
	return str_starts_fold(type, STR("application/ld+json")) &&
	       str_find(type, STR("https://www.w3.org/ns/activitystreams"), 0) != SIZE_MAX;
}

static void read_links(const struct json *links, struct webfinger *w)
{
	size_t n = json_count(links);

	for (size_t i = 0; i < n; i++) {
		const struct json *link = json_at(links, i);
		str rel = json_get_str(link, "rel"), type = json_get_str(link, "type");
		str href = shape_url_of(json_get_str(link, "href"));
		str pattern = shape_url_of(json_get_str(link, "template"));

		if (str_eq(rel, STR("self")) && str_is_null(w->self) && is_activity_type(type))
			w->self = href;
		else if (str_eq(rel, STR("http://webfinger.net/rel/profile-page")))
			w->page = href;
		else if (str_eq(rel, STR("http://ostatus.org/schema/1.0/subscribe")) &&
			 str_find(pattern, STR("{uri}"), 0) != SIZE_MAX)
			w->subscribe = pattern;
	}
}

static int read_jrd(struct ctx *c, str body, struct webfinger *ret)
{
	struct webfinger w = { .name = STR_NULL };
	const struct json *j;
	str subject;

	if (json_parse(c, body, &j) || !json_is(j, JSON_OBJECT))
		return fail(c, E_NOT_FOUND, "the answer is no JRD");
	read_links(json_get(j, "links"), &w);
	if (str_is_null(w.self))
		return fail(c, E_NOT_FOUND, "the JRD names no ActivityPub actor");
	subject = json_get_str(j, "subject");
	if (!handle_parse(c->arena, subject, &w.name, &w.host) || str_is_null(w.host))
		return fail(c, E_REMOTE, "the JRD's subject is no handle");
	*ret = w;
	return 0;
}

/* What one host answers for a handle. */
static int ask(struct ctx *c, str name, str host, bool plain, struct webfinger *ret)
{
	str origin = handle_origin(c->arena, host, plain), body, resource, url;
	int result;

	resource = str_fmt(c->arena, "acct:" STR_FMT "@" STR_FMT, STR_ARG(name), STR_ARG(host));
	url = str_fmt(c->arena, STR_FMT "/.well-known/webfinger?resource=" STR_FMT, STR_ARG(origin),
		      STR_ARG(url_encode(c->arena, resource)));
	result = get(c, url, "application/jrd+json, application/json", &body);
	if (result == E_NOT_FOUND)
		result = get_by_host_meta(c, origin, resource, url, &body);
	TRY(result);
	return read_jrd(c, body, ret);
}

int webfinger_find(struct ctx *c, str name, str host, bool plain, struct webfinger *ret)
{
	struct webfinger first, own;
	str clean_name, clean_host;

	if (!handle_host(c->arena, host, &clean_host) ||
	    !handle_parse(c->arena, name, &clean_name, &own.host) || !str_is_null(own.host))
		return fail(c, E_INVALID, "this is no handle");
	TRY(ask(c, clean_name, clean_host, plain, &first));
	if (str_eq(first.host, clean_host)) {
		*ret = first;
		return 0;
	}
	TRY(ask(c, first.name, first.host, plain, &own));
	if (!str_eq(own.host, first.host) || !str_eq(own.self, first.self))
		return fail(c, E_REMOTE, "the subject's own host does not confirm the handle");
	*ret = own;
	return 0;
}
