/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: of the markup that a site gives to be put into pages of others nothing is kept but the address that
 * its first frame shows, by https; and nothing but addresses by https that may be asked is kept.
 */
#include "fetch/fetch.h"
#include "html/html.h"
#include "json/json.h"
#include "model/card_part.h"

#define ANSWER_LIMIT (256 * 1024)
#define SIDE 10000 /* pixels; more is nonsense */
#define REDIRECTS 3
#define WAIT (10 * USEC_SEC)

static str address(struct ctx *c, str said)
{
	return str_starts(said, STR("https://")) && said.n <= CARD_URL_BYTES && fetch_may(c, said)
		       ? said
		       : STR("");
}

static void take_text(const struct json *j, const char *key, str *text)
{
	str said = json_get_str(j, key);

	if (said.n && str_is_utf8(said))
		*text = str_clip(said, CARD_TITLE_BYTES);
}

static void take_address(struct ctx *c, const struct json *j, const char *key, str *ret)
{
	str said = address(c, json_get_str(j, key));

	if (said.n)
		*ret = said;
}

/* Some write numbers as texts. */
static int32_t side(const struct json *j, const char *key)
{
	int64_t n = json_get_i64(j, key);

	if (n == 0 && !str_to_i64(json_get_str(j, key), &n))
		return 0;
	return n > 0 && n <= SIDE ? (int32_t)n : 0;
}

static void take_photo(struct ctx *c, const struct json *j, struct q_card_fill_args *card)
{
	str url = address(c, json_get_str(j, "url"));

	if (url.n == 0)
		return;
	card->kind = STR("photo");
	card->embed_url = card->image_url = url;
	card->width = side(j, "width");
	card->height = side(j, "height");
}

static void take_frame(struct ctx *c, const struct json *j, str kind, struct q_card_fill_args *card)
{
	str url = address(c, html_frame(c, json_get_str(j, "html")));

	if (url.n == 0)
		return;
	card->kind = kind;
	card->embed_url = url;
	card->width = side(j, "width");
	card->height = side(j, "height");
}

static void take(struct ctx *c, const struct json *j, struct q_card_fill_args *card)
{
	str kind = json_get_str(j, "type");

	take_text(j, "title", &card->title);
	take_text(j, "author_name", &card->author);
	take_text(j, "provider_name", &card->site);
	take_address(c, j, "author_url", &card->author_url);
	take_address(c, j, "provider_url", &card->site_url);
	if (card->image_url.n == 0)
		take_address(c, j, "thumbnail_url", &card->image_url);
	if (str_eq(kind, STR("photo")))
		take_photo(c, j, card);
	else if (str_eq(kind, STR("video")) || str_eq(kind, STR("rich")))
		take_frame(c, j, kind, card);
}

int card_ask_oembed(struct ctx *c, str from, struct q_card_fill_args *card)
{
	static const char *const types[] = { "application/json", "application/json+oembed",
					     "text/javascript", NULL };
	static const struct fetch_header accept = { { "Accept", 6 }, { "application/json", 16 } };
	struct fetch_response answer;
	const struct json *j = NULL;
	int result;

	if (address(c, from).n == 0)
		return 0;
	result = fetch(c,
		       &(struct fetch_request){
			       .url = from,
			       .headers = &accept,
			       .n_headers = 1,
			       .accept_types = types,
			       .limit = ANSWER_LIMIT,
			       .redirects = REDIRECTS,
			       .timeout = WAIT,
		       },
		       &answer);
	if (!result && answer.status == 200)
		result = json_parse(c, answer.body, &j);
	else if (!result)
		return 0;
	if (result)
		return result < 0 ? result : 0;
	take(c, j, card);
	return 0;
}
