/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: numbers of a history are strings, as programs expect them, and a history has seven days. */
#include "server/api/render_tag.h"

#include "server/api/featured_tag.h"

static void put_number(struct ctx *c, struct json_out *w, const char *key, int64_t n)
{
	json_put_str(w, key, str_fmt(c->arena, "%lld", (long long)n));
}

static void put_history(struct ctx *c, struct json_out *w, const struct tag_count days[TAG_DAYS])
{
	json_open_array(w, "history");
	for (int i = 0; i < TAG_DAYS; i++) {
		json_open_object(w, NULL);
		put_number(c, w, "day", days[i].day / USEC_SEC);
		put_number(c, w, "accounts", days[i].accounts);
		put_number(c, w, "uses", days[i].uses);
		json_close_object(w);
	}
	json_close_array(w);
}

void render_tag_members(struct ctx *c, struct json_out *w, const struct tag *t)
{
	put_number(c, w, "id", t->id);
	json_put_str(w, "name", t->name);
	json_put_str(w, "url", api_tag_url(c, t->name));
	put_history(c, w, t->days);
	if (c->identity_id) {
		json_put_bool(w, "following", t->following);
		json_put_bool(w, "featuring", t->featuring);
	}
}

void render_tag(struct ctx *c, struct json_out *w, const char *key, const struct tag *t)
{
	json_open_object(w, key);
	render_tag_members(c, w, t);
	json_close_object(w);
}

void render_tags(struct ctx *c, struct json_out *w, const char *key, const struct tag *tags,
		 size_t n)
{
	json_open_array(w, key);
	for (size_t i = 0; i < n; i++)
		render_tag(c, w, NULL, &tags[i]);
	json_close_array(w);
}

/* "example.org/page" of "https://example.org/page": what there is to call it by. */
static str title_of(str url, str *ret_host)
{
	size_t at = str_find(url, STR("://"), 0);
	str rest = at == SIZE_MAX ? url : str_from(url, at + 3), host = rest;

	str_cut(&host, '/', ret_host);
	return rest;
}

void render_trending_link(struct ctx *c, struct json_out *w, const char *key,
			  const struct trending_link *l)
{
	static const char *const empty[] = { "description",  "author_name", "author_url",
					     "provider_url", "html",	    "embed_url" };
	str host;

	json_open_object(w, key);
	json_put_str(w, "url", l->url);
	json_put_str(w, "title", title_of(l->url, &host));
	json_put_c(w, "type", "link");
	json_put_str(w, "provider_name", host);
	for (size_t i = 0; i < ARRAY_SIZE(empty); i++)
		json_put_c(w, empty[i], "");
	json_open_array(w, "authors");
	json_close_array(w);
	json_put_i64(w, "width", 0);
	json_put_i64(w, "height", 0);
	json_put_null(w, "image");
	json_put_null(w, "blurhash");
	json_put_null(w, "language");
	json_put_null(w, "published_at");
	put_history(c, w, l->days);
	json_close_object(w);
}
