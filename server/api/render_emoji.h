/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* CustomEmoji entities: https://docs.joinmastodon.org/entities/CustomEmoji/ */
#ifndef SERVER_API_RENDER_EMOJI_H
#define SERVER_API_RENDER_EMOJI_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/emoji.h"

/*
 * The list of emoji in some texts as a member named key. One that writes several entities expects their texts first
 * (model/emoji.h), so that all are loaded together; statuses_load(), render_accounts() and pages of notifications do.
 */
void render_emojis(struct ctx *c, struct json_out *w, const char *key, struct emoji_origin from,
		   const str *texts, size_t n);
/* One as an element. */
void render_emoji(struct ctx *c, struct json_out *w, const struct emoji_row *e);

#endif
