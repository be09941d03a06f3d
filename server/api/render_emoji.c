/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: an entity is whole without its emoji, so it is shown without them when they cannot be had. */
#include "server/api/render_emoji.h"

#include "base/log.h"

void render_emoji(struct ctx *c, struct json_out *w, const struct emoji_row *e)
{
	json_open_object(w, NULL);
	json_put_str(w, "shortcode", e->shortcode);
	json_put_str(w, "url", emoji_url(c, e));
	json_put_str(w, "static_url", emoji_static_url(c, e));
	json_put_bool(w, "visible_in_picker", e->visible);
	json_put_str(w, "category", e->category.n ? e->category : STR_NULL);
	json_close_object(w);
}

void render_emojis(struct ctx *c, struct json_out *w, const char *key, struct emoji_origin from,
		   const str *texts, size_t n)
{
	const struct emoji_row *const *found = NULL;
	size_t n_found = 0;
	int result = emoji_find(c, from, texts, n, &found, &n_found);

	if (result)
		log_debug(c, "event=emoji error=%d", result);
	json_open_array(w, key);
	for (size_t i = 0; i < n_found; i++)
		render_emoji(c, w, found[i]);
	json_close_array(w);
}
