/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: every member that Mastodon documents as present is present. */
#include "server/api/render_status.h"

#include "server/api/consent.h"

#include "base/id.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/media.h"
#include "model/quote.h"
#include "sql/gen/interaction.h"
#include "server/api/api.h"
#include "server/api/render_account.h"
#include "server/api/render_card.h"
#include "server/api/render_emoji.h"
#include "server/api/render_filter.h"
#include "server/api/render_media.h"
#include "server/api/render_poll.h"

/* Our visibilities in the API's words; local-only is said to clients as what it resembles most. */
static const struct {
	const char *ours, *theirs;
} visibilities[] = {
	{ "public", "public" },	   { "unlisted", "unlisted" }, { "followers", "private" },
	{ "mentioned", "direct" }, { "local", "private" },
};

const char *visibility_in_api(str visibility)
{
	for (size_t i = 0; i < ARRAY_SIZE(visibilities); i++)
		if (str_eq_c(visibility, visibilities[i].ours))
			return visibilities[i].theirs;
	return "direct";
}

bool visibility_from_api(str word, enum post_visibility *ret)
{
	int value;

	for (size_t i = 0; i < ARRAY_SIZE(visibilities); i++)
		if (str_eq_c(word, visibilities[i].theirs) &&
		    name_to_value(post_visibilities, str_c(visibilities[i].ours), &value)) {
			*ret = (enum post_visibility)value;
			return true;
		}
	if (str_eq(word, STR("local")))
		*ret = POST_LOCAL;
	return str_eq(word, STR("local"));
}

static void put_mentions(struct ctx *c, struct json_out *w, const struct status *s)
{
	json_open_array(w, "mentions");
	for (size_t i = 0; i < s->n_mentions; i++) {
		const struct identity_row *who = s->mentions[i];

		json_open_object(w, NULL);
		json_put_id(w, "id", who->id);
		json_put_str(w, "username", who->username);
		json_put_str(w, "url", who->url.n ? who->url : who->actor_uri);
		json_put_str(w, "acct", account_acct(c, who));
		json_close_object(w);
	}
	json_close_array(w);
}

static void put_tags(struct ctx *c, struct json_out *w, const struct status *s)
{
	json_open_array(w, "tags");
	for (size_t i = 0; i < s->n_hashtags; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "name", s->hashtags[i]);
		json_put_str(w, "url",
			     str_fmt(c->arena, "%.*s/tags/%.*s/", STR_ARG(c->domain->origin),
				     STR_ARG(s->hashtags[i])));
		json_close_object(w);
	}
	json_close_array(w);
}

static void put_empty_list(struct json_out *w, const char *key)
{
	json_open_array(w, key);
	json_close_array(w);
}

static void put_media(struct ctx *c, struct json_out *w, const struct status *s)
{
	json_open_array(w, "media_attachments");
	for (size_t i = 0; i < s->n_media; i++)
		render_media(c, w, NULL, &s->media[i]);
	json_close_array(w);
}

static void put_emojis(struct ctx *c, struct json_out *w, const struct status *s)
{
	if (s->author)
		render_emojis(c, w, "emojis", emoji_origin_of(s->author),
			      (str[]){ s->post->content, s->post->summary }, 2);
	else
		put_empty_list(w, "emojis");
}

static void put_viewer(struct ctx *c, struct json_out *w, const struct status *s)
{
	if (!c->identity_id)
		return;
	json_put_bool(w, "favourited", s->liked);
	json_put_bool(w, "reblogged", s->boosted);
	json_put_bool(w, "muted", s->muted);
	json_put_bool(w, "bookmarked", s->bookmarked);
	if (s->post->author_id == c->identity_id)
		json_put_bool(w, "pinned", s->pinned);
	render_filter_results(w, "filtered", s);
}

static void put_application(struct json_out *w, const struct status *s)
{
	if (!s->application) {
		json_put_null(w, "application");
		return;
	}
	json_open_object(w, "application");
	json_put_str(w, "name", s->application->name);
	json_put_str(w, "website", s->application->website.n ? s->application->website : STR_NULL);
	json_close_object(w);
}

void render_reaction(struct ctx *c, struct json_out *w, const struct post_reaction_row *row)
{
	bool is_picture = row->picture_url.n && row->name.n > 2 && str_starts(row->name, STR(":"));
	str url = is_picture ? media_proxy_url(c, row->picture_url) : STR_NULL;

	json_put_str(w, "name", is_picture ? str_slice(row->name, 1, row->name.n - 1) : row->name);
	json_put_i64(w, "count", row->count);
	json_put_bool(w, "me", row->me);
	json_put_str(w, "url", url);
	json_put_str(w, "static_url", url);
}

/* What others said in one word or picture, as several servers show it. */
static void put_reactions(struct ctx *c, struct json_out *w, const struct status *s)
{
	json_open_array(w, "reactions");
	for (size_t i = 0; i < s->n_reactions; i++) {
		json_open_object(w, NULL);
		render_reaction(c, w, &s->reactions[i]);
		json_close_object(w);
	}
	json_close_array(w);
}

/* Why what is quoted is not shown, or that it is. */
static str quote_state(const struct status *s)
{
	str standing = str_c(quote_standing(s->quote->state));

	if (s->quoted && s->veil.n)
		return s->veil;
	if (!str_eq(standing, STR("accepted")) || s->quoted)
		return standing;
	return s->quote->is_gone ? STR("deleted") : STR("unauthorized");
}

static void render_quoted(struct ctx *c, struct json_out *w, const struct status *s);

/* A quotation shows the post; one in a quoted post only names it. */
static void put_quote(struct ctx *c, struct json_out *w, const struct status *s, bool shallow)
{
	if (!s->quote) {
		json_put_null(w, "quote");
		return;
	}
	json_open_object(w, "quote");
	if (shallow) {
		json_put_c(w, "state", quote_standing(s->quote->state));
		json_put_id(w, "quoted_status_id", s->quote->quoted_id);
	} else {
		json_put_str(w, "state", quote_state(s));
		render_quoted(c, w, s->quoted);
	}
	json_close_object(w);
}

static void put_words(struct json_out *w, const char *key, strs words)
{
	json_open_array(w, key);
	for (size_t i = 0; i < words.n; i++)
		if (str_eq(words.p[i], STR("other")))
			json_put_c(w, NULL, "unsupported_policy");
		else
			json_put_str(w, NULL, words.p[i]);
	json_close_array(w);
}

static void put_quote_approval(struct json_out *w, const struct status *s)
{
	json_open_object(w, "quote_approval");
	put_words(w, "automatic", s->post->quote_automatic);
	put_words(w, "manual", s->post->quote_manual);
	json_put_str(w, "current_user", s->quotable);
	json_close_object(w);
}

/* Not in Mastodon: who may answer, like and boost it, and whether it waits for consent itself. */
static void put_policy(struct json_out *w, const struct status *s)
{
	struct consent_policy policy = s->policy ? consent_policy_of_row(s->policy)
						 : consent_open();

	render_policy(w, "interaction_policy", &policy);
	json_put_bool(w, "pending_approval", s->policy && str_eq_c(s->policy->consent, "pending"));
}

static void put_counts(struct json_out *w, const struct post_row *p)
{
	json_put_i64(w, "replies_count", p->replies_count);
	json_put_i64(w, "reblogs_count", p->boosts_count);
	json_put_i64(w, "favourites_count", p->likes_count);
	json_put_i64(w, "quotes_count", p->quotes_count);
}

/* What a post and a boost of it have in common: most of it. */
static void put_frame(struct ctx *c, struct json_out *w, const struct status *s)
{
	const struct post_row *p = s->post;

	json_put_bool(w, "sensitive", p->sensitive || s->covered);
	json_put_str(w, "spoiler_text", status_warning(c->arena, s));
	json_put_str(w, "language", p->language.n ? p->language : STR_NULL);
	json_put_str(w, "uri", p->object_uri);
	json_put_str(w, "url", p->url.n ? p->url : p->object_uri);
	put_counts(w, p);
	put_viewer(c, w, s);
	put_mentions(c, w, s);
	put_tags(c, w, s);
	put_emojis(c, w, s);
	put_quote_approval(w, s);
	put_policy(w, s);
}

static void put_origin(struct json_out *w, const struct status *s)
{
	const struct post_row *p = s->post;

	json_put_id(w, "id", p->id);
	json_put_time(w, "created_at", p->published);
	json_put_time(w, "edited_at", p->edited);
	json_put_id(w, "in_reply_to_id", p->in_reply_to_id);
	json_put_id(w, "in_reply_to_account_id", s->in_reply_to ? s->in_reply_to->id : 0);
	json_put_c(w, "visibility", visibility_in_api(p->visibility));
	json_put_bool(w, "local_only", str_eq(p->visibility, STR("local")));
}

static void put_post(struct ctx *c, struct json_out *w, const struct status *s, bool shallow,
		     str text)
{
	put_origin(w, s);
	json_put_str(w, "content", s->post->content);
	if (!str_is_null(text))
		json_put_str(w, "text", text);
	put_frame(c, w, s);
	json_put_null(w, "reblog");
	put_application(w, s);
	render_account(c, w, "account", s->author);
	put_media(c, w, s);
	put_reactions(c, w, s);
	put_quote(c, w, s, shallow);
	render_card(c, w, "card", s->card, s->card_creator);
	render_poll(c, w, "poll", s);
}

static void render_quoted(struct ctx *c, struct json_out *w, const struct status *s)
{
	if (!s) {
		json_put_null(w, "quoted_status");
		return;
	}
	json_open_object(w, "quoted_status");
	put_post(c, w, s, true, STR_NULL);
	json_close_object(w);
}

/* The boost itself: its booster's, with nothing of its own but the post. */
static void put_boost(struct ctx *c, struct json_out *w, const struct status *s)
{
	json_put_id(w, "id", s->entry_id);
	json_put_time(w, "created_at", id_time(s->entry_id));
	json_put_null(w, "edited_at");
	json_put_null(w, "in_reply_to_id");
	json_put_null(w, "in_reply_to_account_id");
	json_put_c(w, "visibility", visibility_in_api(s->post->visibility));
	json_put_str(w, "content", s->post->content);
	put_frame(c, w, s);
	json_open_object(w, "reblog");
	put_post(c, w, s, false, STR_NULL);
	json_close_object(w);
	json_put_null(w, "application");
	render_account(c, w, "account", s->booster);
	put_empty_list(w, "media_attachments");
	put_empty_list(w, "reactions");
	json_put_null(w, "quote");
	json_put_null(w, "card");
	json_put_null(w, "poll");
}

void render_status(struct ctx *c, struct json_out *w, const char *key, const struct status *s)
{
	if (!s) {
		json_put_null(w, key);
		return;
	}
	json_open_object(w, key);
	if (s->booster)
		put_boost(c, w, s);
	else
		put_post(c, w, s, false, STR_NULL);
	json_close_object(w);
}

void render_status_source(struct ctx *c, struct json_out *w, const struct status *s, str text)
{
	json_open_object(w, NULL);
	put_post(c, w, s, false, text);
	json_close_object(w);
}

static int respond_list(struct ctx *c, const struct status *statuses, size_t n, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_status(c, &w, NULL, &statuses[i]);
	json_close_array(&w);
	return api_send_polled(&w, r);
}

int respond_statuses(struct ctx *c, const struct request *q, const struct status *statuses,
		     size_t n, int64_t limit, struct response *r)
{
	if (n)
		api_link(c, q, statuses[0].entry_id, statuses[n - 1].entry_id, (int64_t)n == limit,
			 r);
	return respond_list(c, statuses, n, r);
}

int respond_timeline(struct ctx *c, const struct request *q, const struct timeline *t,
		     struct response *r)
{
	api_link(c, q, t->newest, t->oldest, t->is_full, r);
	return respond_list(c, t->statuses, t->n, r);
}
