/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a card is a link with text and a picture from our proxy; foreign markup is never in it. What clients may frame
 * stands in markup of our own around the address alone, without the rights of a page of ours.
 */
#include "server/api/render_card.h"

#include "html/html.h"
#include "model/media.h"
#include "server/api/render_account.h"
#include "sql/gen/card.h"

static void put_authors(struct ctx *c, struct json_out *w, const struct card_row *card,
			const struct identity_row *creator)
{
	json_open_array(w, "authors");
	if (card->author.n || creator) {
		json_open_object(w, NULL);
		json_put_str(w, "name", card->author);
		json_put_str(w, "url", card->author_url);
		render_account(c, w, "account", creator);
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

static bool is_kind(const struct card_row *card, const char *kind)
{
	return str_eq(card->kind, str_c(kind));
}

static str frame_of(struct ctx *c, const struct card_row *card)
{
	return str_fmt(c->arena,
		       "<iframe src=\"%.*s\" width=\"%lld\" height=\"%lld\" allowfullscreen "
		       "sandbox=\"allow-scripts allow-same-origin allow-popups "
		       "allow-popups-to-escape-sandbox allow-forms\"></iframe>",
		       STR_ARG(html_escape(c->arena, card->embed_url).s), (long long)card->width,
		       (long long)card->height);
}

/* A picture comes from here; what is framed has to come from there. */
static void put_embed(struct ctx *c, struct json_out *w, const struct card_row *card)
{
	bool is_framed = is_kind(card, "video") || is_kind(card, "rich");

	json_put_str(w, "html", is_framed ? frame_of(c, card) : STR(""));
	json_put_str(w, "embed_url",
		     is_kind(card, "photo") ? media_proxy_url(c, card->embed_url)
					    : card->embed_url);
}

void render_card(struct ctx *c, struct json_out *w, const char *key, const struct card_row *card,
		 const struct identity_row *creator)
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
	json_put_str(w, "type", card->kind);
	json_put_str(w, "author_name", card->author);
	json_put_str(w, "author_url", card->author_url);
	json_put_str(w, "provider_name", card->site);
	json_put_str(w, "provider_url", card->site_url);
	put_embed(c, w, card);
	put_picture(c, w, card);
	put_authors(c, w, card, creator);
	json_put_time(w, "published_at", card->published);
	json_close_object(w);
}
