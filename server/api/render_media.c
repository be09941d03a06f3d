/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: every member that Mastodon documents as present is present. */
#include "server/api/render_media.h"

static const char *const kinds[] = {
	[MEDIA_KIND_UNKNOWN] = "unknown",
	[MEDIA_KIND_IMAGE] = "image",
	[MEDIA_KIND_VIDEO] = "video",
	[MEDIA_KIND_AUDIO] = "audio",
};

static str or_null(str s)
{
	return s.n ? s : STR_NULL;
}

static void put_size(struct ctx *c, struct json_out *w, int64_t width, int64_t height)
{
	if (width <= 0 || height <= 0)
		return;
	json_put_i64(w, "width", width);
	json_put_i64(w, "height", height);
	json_put_str(w, "size",
		     str_fmt(c->arena, "%lldx%lld", (long long)width, (long long)height));
	json_put_f64(w, "aspect", (double)width / (double)height);
}

static void put_meta(struct ctx *c, struct json_out *w, const struct status_media *m)
{
	json_open_object(w, "meta");
	json_open_object(w, "original");
	put_size(c, w, m->width, m->height);
	if (m->duration > 0)
		json_put_f64(w, "duration", m->duration);
	json_close_object(w);
	if (m->preview_width > 0) {
		json_open_object(w, "small");
		put_size(c, w, m->preview_width, m->preview_height);
		json_close_object(w);
	}
	if (m->focus_x != 0 || m->focus_y != 0) {
		json_open_object(w, "focus");
		json_put_f64(w, "x", m->focus_x);
		json_put_f64(w, "y", m->focus_y);
		json_close_object(w);
	}
	json_close_object(w);
}

void render_media(struct ctx *c, struct json_out *w, const char *key, const struct status_media *m)
{
	json_open_object(w, key);
	json_put_id(w, "id", m->id);
	json_put_c(w, "type", kinds[m->kind]);
	json_put_str(w, "url", or_null(m->url));
	json_put_str(w, "preview_url", or_null(m->preview_url));
	json_put_str(w, "remote_url", or_null(m->remote_url));
	json_put_null(w, "preview_remote_url");
	json_put_null(w, "text_url");
	put_meta(c, w, m);
	json_put_str(w, "description", or_null(m->description));
	json_put_str(w, "blurhash", or_null(m->blurhash));
	json_close_object(w);
}
