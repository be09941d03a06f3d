/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* PreviewCard entities: https://docs.joinmastodon.org/entities/PreviewCard/ */
#ifndef SERVER_API_RENDER_CARD_H
#define SERVER_API_RENDER_CARD_H

#include "base/ctx.h"
#include "json/write.h"

struct card_row;
struct identity_row;

/* The card of a status as a member named key, and who wrote the page (NULL: not known). NULL for card writes null. */
void render_card(struct ctx *c, struct json_out *w, const char *key, const struct card_row *card,
		 const struct identity_row *creator);

#endif
