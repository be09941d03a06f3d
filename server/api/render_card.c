/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a card is a link with text and a picture from our proxy; foreign markup is never in it. */
#include "server/api/render_card.h"

#include "model/media.h"
#include "sql/gen/card.h"

static void put_authors(struct json_out *w, const struct card_row *card)
{
	json_open_array(w, "authors");
	if (card->author.n) {
		json_open_object(w, NULL);
		json_put_str(w, "name", card->author);
		json_put_c(w, "url", "");
		json_put_null(w, "account");
		json_close_object(w);
	}
	json_close_array(w);
}

/* Clients lay it out by the picture's shape; of one that has no picture there is none. */
static void put_picture(struct ctx *c, struct json_out *w, const struct card_row *card)
{
	json_put_i64(w, "width", card->width);
	json_put_i64(w, "height", card->height);
	json_put_str(w, "image",
		     card->image_url.n ? media_proxy_preview_url(c, card->image_url) : STR_NULL);
	json_put_str(w, "image_description", card->image_text);
	json_put_null(w, "blurhash");
}

void render_card(struct ctx *c, struct json_out *w, const char *key, const struct card_row *card)
{
	if (!card) {
		json_put_null(w, key);
		return;
	}
	json_open_object(w, key);
	json_put_str(w, "url", card->url);
	json_put_str(w, "title", card->title);
	json_put_str(w, "description", card->description);
	json_put_str(w, "language", card->language.n ? card->language : STR_NULL);
	json_put_c(w, "type", "link");
	json_put_str(w, "author_name", card->author);
	json_put_c(w, "author_url", "");
	json_put_str(w, "provider_name", card->site);
	json_put_c(w, "provider_url", "");
	json_put_c(w, "html", "");
	json_put_c(w, "embed_url", "");
	put_picture(c, w, card);
	put_authors(w, card);
	json_put_time(w, "published_at", card->published);
	json_close_object(w);
}
