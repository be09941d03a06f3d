/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Custom emoji that a tenant offers: https://docs.joinmastodon.org/methods/custom_emojis/ */
#include "model/emoji.h"

#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/render_emoji.h"

int api_custom_emojis(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct emoji_row *rows;
	struct json_out w;
	size_t n;

	TRY(emoji_list(c, false, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_emoji(c, &w, &rows[i]);
	json_close_array(&w);
	TRY(api_send(&w, r));
	r->cache = CACHE_SHORT;
	return 0;
}
