/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* oEmbed: https://docs.joinmastodon.org/methods/oembed/. What anybody may read of a post of the tenant's people. */
#include <assert.h>

#include "base/clock.h"
#include "html/html.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/search.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"

#define WIDTH 400 /* pixels, when nobody asks for another one */
#define WIDTH_LIMIT 4000
#define AGE 86400 /* seconds that it may be kept */
#define MARKUP_LIMIT (256 * 1024) /* bytes */

static int find(struct ctx *c, str url, const struct post_row **ret,
		const struct identity_row **ret_author)
{
	struct search_found found = { 0 };
	int result;

	if (!str_starts(url, str_cat(c->arena, c->domain->origin, STR("/"))) ||
	    url.n > SEARCH_LIMIT)
		return api_not_found(c);
	result = search_find(c, url, false, &found);
	if (result == E_NOT_FOUND || result == E_INVALID || (!result && !found.post_id))
		return api_not_found(c);
	TRY(result);
	result = post_get(c, found.post_id, 0, ret);
	if (result == E_NOT_FOUND || result == E_GONE)
		return api_not_found(c);
	TRY(result);
	TRY(q_identity_by_id(c, (*ret)->author_id, ret_author));
	return (*ret_author)->domain_id == c->domain_id ? 0 : api_not_found(c);
}

/* A quotation that needs nothing of ours to be shown; a warning stands for what it covers. */
static int quotation(struct ctx *c, const struct post_row *p, const struct identity_row *author,
		     str *ret)
{
	str url = p->url.n ? p->url : p->object_uri;
	struct out o;

	out_init(&o, c->arena, MARKUP_LIMIT);
	out_c(&o, "<blockquote class=\"rookery-post\" cite=\"");
	html_escape_out(&o, url);
	out_c(&o, "\">");
	if (p->summary.n) {
		out_c(&o, "<p>");
		html_escape_out(&o, p->summary);
		out_c(&o, "</p>");
	} else {
		out_str(&o, p->content);
	}
	out_c(&o, "<p>&mdash; ");
	html_escape_out(&o, identity_name(author));
	out_c(&o, " (");
	html_escape_out(&o, identity_handle(c->arena, author));
	out_c(&o, "), <a href=\"");
	html_escape_out(&o, url);
	out_c(&o, "\">");
	html_escape_out(&o, str_slice(clock_iso(c->arena, p->published), 0, 10));
	out_c(&o, "</a></p></blockquote>");
	return out_done(&o, ret);
}

static int put(struct ctx *c, struct json_out *w, const struct post_row *p,
	       const struct identity_row *author, int64_t width)
{
	str name = identity_name(author), markup;

	TRY(quotation(c, p, author, &markup));
	json_open_object(w, NULL);
	json_put_c(w, "type", "rich");
	json_put_c(w, "version", "1.0");
	json_put_str(w, "title", str_fmt(c->arena, "New post by %.*s", STR_ARG(name)));
	json_put_str(w, "author_name", name);
	json_put_str(w, "author_url", author->url.n ? author->url : author->actor_uri);
	json_put_str(w, "provider_name", c->domain->title);
	json_put_str(w, "provider_url", str_cat(c->arena, c->domain->origin, STR("/")));
	json_put_i64(w, "cache_age", AGE);
	json_put_str(w, "html", markup);
	json_put_i64(w, "width", width);
	json_put_null(w, "height");
	json_close_object(w);
	return 0;
}

int api_oembed(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *author = NULL;
	const struct post_row *post = NULL;
	int64_t width = WIDTH;
	struct params *p;
	struct json_out w;

	TRY(params_read(c, q, &p));
	TRY(param_i64(c, p, "maxwidth", &width));
	if (width <= 0 || width > WIDTH_LIMIT)
		width = WIDTH;
	TRY(find(c, param(p, "url"), &post, &author));
	assert(post && author);
	api_open(c, &w);
	TRY(put(c, &w, post, author, width));
	return api_send(&w, r);
}
