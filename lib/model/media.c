/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Addresses of media and the graphs of what is stored. Invariant: a page or an entity names no
 * other host than ours for a picture, so that a reader's browser tells nobody else what it reads.
 */
#include "model/media.h"

#include "crypt/hash.h"
#include "fetch/url.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/media_part.h"

static const char *const after_new[] = { "unattached", "failed", NULL };
static const char *const after_unattached[] = { "ready", NULL };

static const struct graph_state attachment_states[] = {
	{
		.name = "new",
		.initial = true,
		.next = after_new,
		.first = 5 * USEC_SEC,
		.growth = 3,
		.ceiling = 10 * USEC_MINUTE,
		.timeout = USEC_HOUR,
		.timeout_to = "failed",
	},
	/* Nobody put it into a post. */
	{
		.name = "unattached",
		.next = after_unattached,
		.external = true,
		.delete_after = USEC_DAY,
	},
	{ .name = "ready" },
	{ .name = "failed", .delete_after = USEC_DAY },
};

const struct graph attachment_graph = { "attachment", attachment_states,
					ARRAY_SIZE(attachment_states) };

static const char *const after_unused[] = { "kept", "removing", NULL };
static const char *const after_kept[] = { "unused", NULL };
static const char *const after_removing[] = { "gone", NULL };
static const char *const after_gone[] = { "unused", NULL };

static const struct graph_state media_file_states[] = {
	{
		.name = "unused",
		.initial = true,
		.next = after_unused,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
		.wait = USEC_HOUR,
	},
	{ .name = "kept", .next = after_kept, .external = true },
	{
		.name = "removing",
		.next = after_removing,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	/* Until then the same bytes may come again. */
	{ .name = "gone", .next = after_gone, .external = true, .delete_after = USEC_HOUR },
};

const struct graph media_file_graph = { "media_file", media_file_states,
					ARRAY_SIZE(media_file_states) };

static const struct {
	const char *prefix;
	enum media_kind kind;
} kinds[] = {
	{ "image/svg", MEDIA_KIND_UNKNOWN }, /* a document with scripts rather than a picture */
	{ "image/", MEDIA_KIND_IMAGE },
	{ "video/", MEDIA_KIND_VIDEO },
	{ "audio/", MEDIA_KIND_AUDIO },
};

enum media_kind media_kind_of_type(str media_type)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_starts_fold(media_type, str_c(kinds[i].prefix)))
			return kinds[i].kind;
	return MEDIA_KIND_UNKNOWN;
}

str media_url(struct ctx *c, int64_t domain_id, str file)
{
	const struct domain *d = c->domains ? domain_by_id(c->domains, domain_id) : NULL;

	if (str_is_empty(file) || !d)
		return STR("");
	return str_fmt(c->arena, "%.*s" MEDIA_PATH "%.*s", STR_ARG(d->origin), STR_ARG(file));
}

/* Bound to the tenant: what one shows is not for another to have fetched. */
str media_proxy_signature(struct ctx *c, str remote_url)
{
	str text = str_fmt(c->arena, "%lld:%.*s", (long long)c->domain_id, STR_ARG(remote_url));
	str mac = hash_hmac_sha256(c->arena, domain_proxy_key(c->domains), text);

	return base64url_encode(c->arena, str_slice(mac, 0, PROXY_MAC_SIZE));
}

static bool is_elsewhere(const struct ctx *c, str url)
{
	str origin = c->domain ? c->domain->origin : STR("");
	bool ours = str_starts(url, origin) &&
		    (url.n == origin.n || url.p[origin.n] == '/' || url.p[origin.n] == '?');

	return c->domain && c->domains && !ours && url.n <= PROXY_URL_LIMIT &&
	       (str_starts_fold(url, STR("https://")) || str_starts_fold(url, STR("http://")));
}

static str proxied(struct ctx *c, str url, const char *end)
{
	if (!is_elsewhere(c, url))
		return url;
	return str_fmt(c->arena, "%.*s" PROXY_PATH "%.*s/%.*s%s", STR_ARG(c->domain->origin),
		       STR_ARG(media_proxy_signature(c, url)),
		       STR_ARG(base64url_encode(c->arena, url)), end);
}

str media_proxy_url(struct ctx *c, str remote_url)
{
	return proxied(c, remote_url, "");
}

str media_proxy_preview_url(struct ctx *c, str remote_url)
{
	return proxied(c, remote_url, PROXY_PREVIEW);
}

static str or_empty(str s)
{
	return str_is_null(s) ? STR("") : s;
}

/* A moving picture of ours is a GIF, and has a still form beside it. */
static str still_of(struct ctx *c, const struct identity_row *i, str url)
{
	if (!identity_is_local(i))
		return or_empty(media_proxy_preview_url(c, url));
	return str_ends(url, STR(".gif"))
		       ? media_proxy_url(c, str_cat(c->arena, url, STR(MEDIA_STILL)))
		       : media_proxy_url(c, url);
}

/* An address that a browser may be led to. */
static str shown(struct ctx *c, str url)
{
	struct url parsed;

	return url_parse(c->arena, url, &parsed) ? media_proxy_url(c, url) : STR("");
}

struct media_portrait media_portrait_of(struct ctx *c, const struct identity_row *i)
{
	struct media_portrait p = {
		.avatar = shown(c, i->icon_uri),
		.header = shown(c, i->image_uri),
		.avatar_static = STR(""),
		.header_static = STR(""),
	};

	if (p.avatar.n)
		p.avatar_static = still_of(c, i, i->icon_uri);
	if (p.header.n)
		p.header_static = still_of(c, i, i->image_uri);
	return p;
}

/* What is not shown is led to where it is. */
static void place_remote(struct ctx *c, const struct attachment_row *a, struct status_media *m)
{
	m->remote_url = a->remote_url;
	m->url = m->kind == MEDIA_KIND_UNKNOWN ? a->remote_url : shown(c, a->remote_url);
	if ((m->kind == MEDIA_KIND_IMAGE || m->kind == MEDIA_KIND_VIDEO) && m->url.n)
		m->preview_url = media_proxy_preview_url(c, a->remote_url);
}

struct status_media media_of_row(struct ctx *c, const struct attachment_row *a)
{
	struct status_media m = {
		.id = a->id,
		.kind = media_kind_of_type(a->media_type),
		.media_type = a->media_type,
		.url = STR(""),
		.preview_url = STR(""),
		.remote_url = STR(""),
		.description = a->description,
		.blurhash = a->blurhash,
		.colour = a->colour,
		.width = a->width,
		.height = a->height,
		.preview_width = a->thumbnail_width,
		.preview_height = a->thumbnail_height,
		.duration = a->duration,
		.focus_x = a->focus_x,
		.focus_y = a->focus_y,
	};

	if (!a->domain_id) {
		place_remote(c, a, &m);
		return m;
	}
	m.url = media_proxy_url(c, media_url(c, a->domain_id, a->file));
	m.preview_url = media_proxy_url(c, media_url(c, a->domain_id, a->thumbnail));
	return m;
}
