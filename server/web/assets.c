/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Files that are the same for all tenants, and the style sheet that is not. */
#include <assert.h>
#include <pthread.h>

#include "crypt/hash.h"
#include "json/write.h"
#include "model/domain.h"
#include "model/media.h"
#include "server/assets.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/view.h"
#include "templates.h"

#define TEXT_LIMIT 65536 /* bytes */

/* Addresses of all files in their order; made once, and kept as long as the program runs. */
static struct arena *urls_arena;
static const str *urls, *digests;

__attribute__((destructor)) static void free_urls(void)
{
	arena_free(urls_arena);
}

static void make_urls(void)
{
	struct arena *a = urls_arena = arena_new();
	str *made = arena_array(a, n_assets + 1, sizeof(*made));
	str *sums = arena_array(a, n_assets + 1, sizeof(*sums));

	for (size_t i = 0; i < n_assets; i++) {
		str etag = str_c(assets[i].etag);

		made[i] = str_fmt(a, "/static/%s?v=%.*s", assets[i].name,
				  STR_ARG(str_slice(etag, 1, etag.n - 1)));
		sums[i] = str_cat(a, STR("sha256-"),
				  base64_encode(a, hash_sha256(a, assets[i].content)));
	}
	urls = made;
	digests = sums;
}

static size_t find_asset(const char *name)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	size_t i = 0;

	pthread_once(&once, make_urls);
	while (i < n_assets && !str_eq_c(str_c(assets[i].name), name))
		i++;
	assert(i < n_assets);
	return i;
}

str asset_url(const char *name)
{
	size_t i = find_asset(name);

	return urls[i];
}

str asset_integrity(const char *name)
{
	size_t i = find_asset(name);

	return digests[i];
}

/* An address with the hash of the content never means anything else. */
static bool is_versioned(struct ctx *c, const struct request *q, const struct asset *asset)
{
	str url = str_fmt(c->arena, "%.*s?%.*s", STR_ARG(q->raw_path), STR_ARG(q->query));

	return str_eq(url, asset_url(asset->name));
}

int web_asset(struct ctx *c, struct request *q, struct response *r)
{
	for (size_t i = 0; i < n_assets; i++) {
		const struct asset *asset = &assets[i];

		if (!str_eq_c(q->args[0], asset->name))
			continue;
		r->type = str_c(asset->type);
		r->body = asset->content;
		r->etag = str_c(asset->etag);
		r->cache = is_versioned(c, q, asset) ? CACHE_ASSET : CACHE_SHORT;
		return 0;
	}
	return fail(c, E_NOT_FOUND, "there is no such file");
}

int web_favicon(struct ctx *c, unused struct request *q, struct response *r)
{
	r->cache = CACHE_SHORT;
	if (c->domain->icon_small.n) {
		r->status = 303;
		r->location = media_url(c, c->domain_id, c->domain->icon_small);
		return 0;
	}
	return go_to(asset_url("favicon.svg"), r);
}

int web_robots(struct ctx *c, unused struct request *q, struct response *r)
{
	struct out o;

	out_init(&o, c->arena, TEXT_LIMIT);
	tpl_robots(&o, c->domain->origin);
	TRY(out_done(&o, &r->body));
	r->type = STR("text/plain; charset=utf-8");
	r->cache = CACHE_SHORT;
	return 0;
}

static void put_icon(struct json_out *w, str src, const char *type, const char *sizes)
{
	json_open_object(w, NULL);
	json_put_str(w, "src", src);
	json_put_c(w, "type", type);
	json_put_c(w, "sizes", sizes);
	json_close_object(w);
}

static void put_icons(struct ctx *c, struct json_out *w)
{
	const struct domain *d = c->domain;

	json_open_array(w, "icons");
	if (d->icon.n) {
		put_icon(w, media_url(c, d->id, d->icon_small), "image/png", "192x192");
		put_icon(w, media_url(c, d->id, d->icon), "image/png", "512x512");
	} else {
		put_icon(w, asset_url("favicon.svg"), "image/svg+xml", "any");
	}
	json_close_array(w);
}

/* What a phone shows of the community on its start screen. */
int web_manifest(struct ctx *c, unused struct request *q, struct response *r)
{
	struct json_out w;

	json_out_init(&w, c->arena, TEXT_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "name", c->domain->title);
	json_put_str(&w, "description", c->domain->description);
	json_put_c(&w, "id", "/");
	json_put_c(&w, "start_url", "/");
	json_put_c(&w, "scope", "/");
	json_put_c(&w, "display", "standalone");
	json_put_str(&w, "theme_color", c->domain->accent);
	json_put_c(&w, "background_color", "#f4f1e9");
	put_icons(c, &w);
	json_close_object(&w);
	TRY(json_out_done(&w, &r->body));
	r->type = STR("application/manifest+json");
	r->cache = CACHE_SHORT;
	return 0;
}

int web_theme(struct ctx *c, unused struct request *q, struct response *r)
{
	r->type = STR("text/css; charset=utf-8");
	r->body = theme_css(c->arena, c->domain->accent);
	r->cache = CACHE_SHORT;
	return 0;
}

/* The community's own, which was judged when it was set. */
int web_custom(struct ctx *c, unused struct request *q, struct response *r)
{
	r->type = STR("text/css; charset=utf-8");
	r->body = c->domain->style;
	r->cache = CACHE_SHORT;
	return 0;
}
