/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: every member that Mastodon documents as present is present. */
#include "server/api/render_status.h"

#include "base/id.h"
#include "model/domain.h"
#include "model/identity.h"
#include "server/api/api.h"
#include "server/api/render_account.h"
#include "server/api/render_media.h"
#include "server/api/render_filter.h"
#include "server/api/render_emoji.h"

/* Our visibilities in the API's words; local-only is said to clients as what it resembles most. */
static const struct {
	const char *ours, *theirs;
} visibilities[] = {
	{ "public", "public" },	   { "unlisted", "unlisted" }, { "followers", "private" },
	{ "mentioned", "direct" }, { "local", "private" },
};

static const char *visibility_of(const struct post_row *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(visibilities); i++)
		if (str_eq_c(p->visibility, visibilities[i].ours))
			return visibilities[i].theirs;
	return "direct";
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
	json_put_bool(w, "muted", false);
	json_put_bool(w, "bookmarked", false);
	render_filter_results(w, "filtered", s);
}

static void put_counts(struct json_out *w, const struct post_row *p)
{
	json_put_i64(w, "replies_count", p->replies_count);
	json_put_i64(w, "reblogs_count", p->boosts_count);
	json_put_i64(w, "favourites_count", p->likes_count);
	json_put_i64(w, "quotes_count", 0);
}

static void put_post(struct ctx *c, struct json_out *w, const struct status *s)
{
	const struct post_row *p = s->post;

	json_put_id(w, "id", p->id);
	json_put_time(w, "created_at", p->published);
	json_put_time(w, "edited_at", p->edited);
	json_put_id(w, "in_reply_to_id", p->in_reply_to_id);
	json_put_id(w, "in_reply_to_account_id", s->in_reply_to ? s->in_reply_to->id : 0);
	json_put_bool(w, "sensitive", p->sensitive);
	json_put_str(w, "spoiler_text", p->summary);
	json_put_c(w, "visibility", visibility_of(p));
	json_put_str(w, "language", p->language.n ? p->language : STR_NULL);
	json_put_str(w, "uri", p->object_uri);
	json_put_str(w, "url", p->url.n ? p->url : p->object_uri);
	put_counts(w, p);
	json_put_str(w, "content", p->content);
	json_put_null(w, "reblog");
	json_put_null(w, "quote");
	json_put_null(w, "application");
	render_account(c, w, "account", s->author);
	put_media(c, w, s);
	put_mentions(c, w, s);
	put_tags(c, w, s);
	put_emojis(c, w, s);
	json_put_null(w, "card");
	json_put_null(w, "poll");
	put_viewer(c, w, s);
}

/* The boost itself: its booster's, with nothing of its own but the post. */
static void put_boost(struct ctx *c, struct json_out *w, const struct status *s)
{
	const struct post_row *p = s->post;

	json_put_id(w, "id", s->entry_id);
	json_put_time(w, "created_at", id_time(s->entry_id));
	json_put_null(w, "edited_at");
	json_put_null(w, "in_reply_to_id");
	json_put_null(w, "in_reply_to_account_id");
	json_put_bool(w, "sensitive", p->sensitive);
	json_put_str(w, "spoiler_text", p->summary);
	json_put_c(w, "visibility", visibility_of(p));
	json_put_str(w, "language", p->language.n ? p->language : STR_NULL);
	json_put_str(w, "uri", p->object_uri);
	json_put_str(w, "url", p->url.n ? p->url : p->object_uri);
	put_counts(w, p);
	json_put_str(w, "content", p->content);
	json_open_object(w, "reblog");
	put_post(c, w, s);
	json_close_object(w);
	json_put_null(w, "quote");
	json_put_null(w, "application");
	render_account(c, w, "account", s->booster);
	put_empty_list(w, "media_attachments");
	put_mentions(c, w, s);
	put_tags(c, w, s);
	put_emojis(c, w, s);
	json_put_null(w, "card");
	json_put_null(w, "poll");
	put_viewer(c, w, s);
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
		put_post(c, w, s);
	json_close_object(w);
}

int respond_statuses(struct ctx *c, const struct request *q, const struct status *statuses,
		     size_t n, int64_t limit, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_status(c, &w, NULL, &statuses[i]);
	json_close_array(&w);
	if (n)
		api_link(c, q, statuses[0].entry_id, statuses[n - 1].entry_id, (int64_t)n == limit,
			 r);
	return api_send_polled(&w, r);
}
