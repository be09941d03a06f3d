/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: of a foreign page only text and the address of a picture are kept; its markup is shown
 * nowhere, and its picture through the proxy alone.
 */
#include "model/card.h"

#include "fetch/fetch.h"
#include "fetch/url.h"
#include "html/html.h"
#include "model/card_part.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/language.h"
#include "model/limit.h"
#include "model/post.h"

#define PIXELS 100000
#define TEXT_BYTES 2000
#define REDIRECTS 3
#define HANDLE_BYTES 320
#define WAIT (10 * USEC_SEC)

static const char *const after_new[] = { "shown", "bare", NULL };
static const char *const after_shown[] = { "new", NULL };

static const struct graph_state card_states[] = {
	{
		.name = "new",
		.initial = true,
		.next = after_new,
		.first = 5 * USEC_MINUTE,
		.growth = 4,
		.ceiling = 6 * USEC_HOUR,
		.timeout = USEC_DAY,
		.timeout_to = "bare",
	},
	{ .name = "shown", .next = after_shown, .external = true },
	{ .name = "bare", .next = after_shown, .external = true },
};

const struct graph card_graph = { "card", card_states, ARRAY_SIZE(card_states) };

int card_choose(struct ctx *c, const struct post_row *p)
{
	const struct card_id_row *card;
	str url;

	TRY(html_first_link(c, p->content, &url));
	if (str_is_null(url) || url.n > CARD_URL_BYTES || domain_owns(c, url) || !fetch_may(c, url))
		return p->card_id ? q_card_set(c, 0, p->id, NULL) : 0;
	TRY(q_card_of_url(c, url, &card));
	return q_card_set(c, card->id, p->id, NULL);
}

static int32_t pixels(str said)
{
	int64_t n;

	return str_to_i64(said, &n) && n > 0 && n < PIXELS ? (int32_t)n : 0;
}

/* A picture is named whole or from the page's own root. */
static str picture_of(struct ctx *c, str page, str said)
{
	size_t end = str_find_char(page, '/', str_find(page, STR("://"), 0) + 3);

	if (str_starts(said, STR("//")))
		said = str_cat(c->arena, STR("https:"), said);
	else if (str_starts(said, STR("/")))
		said = str_cat(c->arena, str_slice(page, 0, end), said);
	return said.n <= CARD_URL_BYTES && fetch_may(c, said) ? said : STR("");
}

/* A page of another site that a browser may be led to; empty: it is none. */
static str page_of(struct ctx *c, str said)
{
	return str_starts(said, STR("https://")) && said.n <= CARD_URL_BYTES && fetch_may(c, said)
		       ? said
		       : STR("");
}

static str name_of_host(struct ctx *c, str uri)
{
	struct url url;
	strs hosts;

	if (!url_parse(c->arena, uri, &url))
		return STR("");
	hosts = limit_suffixes(c, url.authority);
	return hosts.n ? hosts.p[0] : STR("");
}

/* Their profile has to name the page's site, or one above it. */
static bool attributes(struct ctx *c, const struct identity_row *i, str url)
{
	strs hosts = limit_suffixes(c, name_of_host(c, url));

	for (size_t k = 0; k < hosts.n; k++)
		for (size_t n = 0; n < i->attribution_domains.n; n++)
			if (str_eq_fold(hosts.p[k], i->attribution_domains.p[n]))
				return true;
	return false;
}

/* Who is not found, now or here, is not named. */
static int find_creator(struct ctx *c, str url, str handle, int64_t *ret)
{
	const struct identity_row *i;
	int result;

	*ret = 0;
	if (handle.n == 0 || handle.n > HANDLE_BYTES)
		return 0;
	result = identity_resolve(c, handle, &i);
	if (result)
		return result < 0 ? result : 0;
	if (!i->deleted && attributes(c, i, url))
		*ret = i->id;
	return 0;
}

static int fill(struct ctx *c, int64_t id, str url, const struct html_head *head)
{
	struct q_card_fill_args args = {
		.title = str_clip(head->title, CARD_TITLE_BYTES),
		.description = str_clip(head->description, TEXT_BYTES),
		.language = language_is_known(head->language) ? head->language : STR(""),
		.kind = STR("link"),
		.site = str_clip(head->site, CARD_TITLE_BYTES),
		.site_url = STR(""),
		.author = str_clip(head->author, CARD_TITLE_BYTES),
		.author_url = page_of(c, head->author_url),
		.embed_url = STR(""),
		.image_url = picture_of(c, url, head->image),
		.image_text = str_clip(head->image_text, TEXT_BYTES),
		.width = pixels(head->image_width),
		.height = pixels(head->image_height),
		.id = id,
	};

	(void)clock_parse_iso(head->published, &args.published);
	TRY(find_creator(c, url, head->creator, &args.creator_id));
	TRY(card_ask_oembed(c, picture_of(c, url, head->oembed), &args));
	if (args.title.n == 0)
		return fail(c, E_UNSUPPORTED, "the page has no title");
	return q_card_fill(c, &args, NULL);
}

int card_fetch(struct ctx *c, int64_t id)
{
	static const char *const types[] = { "text/html", "application/xhtml+xml", NULL };
	static const struct fetch_header accept = { { "Accept", 6 }, { "text/html", 9 } };
	const struct card_url_row *card;
	struct fetch_response page;
	struct html_head head;

	TRY(q_card_for_job(c, id, &card));
	TRY(fetch(c,
		  &(struct fetch_request){
			  .url = card->url,
			  .headers = &accept,
			  .n_headers = 1,
			  .accept_types = types,
			  .limit = CARD_PAGE_LIMIT,
			  .redirects = REDIRECTS,
			  .timeout = WAIT,
		  },
		  &page));
	if (page.status >= 500 || page.status == 429)
		return fail(c, E_LATER, "the page answers %d", page.status);
	if (page.status != 200)
		return fail(c, E_NOT_FOUND, "the page answers %d", page.status);
	html_head_read(c, page.body, &head);
	return fill(c, id, page.url, &head);
}
