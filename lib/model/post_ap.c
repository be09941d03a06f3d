/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * post to ActivityPub. Lists are always written as lists, Public as its full URI, and nothing is
 * written of a post for local eyes only.
 */
#include <assert.h>

#include "model/activity.h"
#include "model/consent.h"
#include "model/domain.h"
#include "model/emoji.h"
#include "model/identity.h"
#include "model/poll.h"
#include "model/post.h"
#include "model/quote.h"
#include "sql/gen/hashtag.h"

/* What a document needs beside the row. */
struct parts {
	const struct identity_row *author;
	const struct identity_row *people; /* mentioned or answered */
	const struct post_hashtag_row *hashtags;
	const struct attachment_row *attachments;
	const struct poll_row *poll; /* NULL: none */
	const struct quote_shown_row *quote; /* NULL: none */
	struct consent_policy policy;
	str authorization; /* of an answer that needed one */
	size_t n_people, n_hashtags, n_attachments;
	bool is_archived; /* for its author's archive */
};

static int load_poll(struct ctx *c, const struct post_row *p, struct parts *parts)
{
	size_t n;

	if (!str_eq(p->type, STR("Question")))
		return 0;
	TRY(q_poll_by_ids(c, (i64s){ &p->id, 1 }, &parts->poll, &n));
	if (n == 0)
		parts->poll = NULL;
	return 0;
}

static int load_quote(struct ctx *c, const struct post_row *p, struct parts *parts)
{
	size_t n;

	if (str_is_empty(p->quote_uri))
		return 0;
	TRY(q_quote_of_posts(c, (i64s){ &p->id, 1 }, &parts->quote, &n));
	if (n == 0)
		parts->quote = NULL;
	return 0;
}

static int load(struct ctx *c, const struct post_row *p, struct parts *ret)
{
	i64s id = { &p->id, 1 };
	const struct post_mention_row *mentions;
	struct parts parts = { 0 };
	int64_t *ids;
	size_t n;

	TRY(q_identity_by_id(c, p->author_id, &parts.author));
	TRY(q_post_mentions(c, id, &mentions, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = mentions[i].identity_id;
	TRY(q_identity_by_ids(c, (i64s){ ids, n }, &parts.people, &parts.n_people));
	TRY(q_hashtag_of_posts(c, id, &parts.hashtags, &parts.n_hashtags));
	TRY(q_post_attachments(c, id, &parts.attachments, &parts.n_attachments));
	TRY(load_poll(c, p, &parts));
	TRY(load_quote(c, p, &parts));
	TRY(consent_policy_of(c, p->id, &parts.policy));
	if (p->in_reply_to_uri.n)
		TRY(consent_authorization(c, p->object_uri, &parts.authorization));
	*ret = parts;
	return 0;
}

int post_recipients(struct ctx *c, const struct post_row *p, i64s *ret)
{
	const struct post_mention_row *mentions;
	int64_t *ids;
	size_t n;

	TRY(q_post_mentions(c, (i64s){ &p->id, 1 }, &mentions, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = mentions[i].identity_id;
	*ret = (i64s){ ids, n };
	return 0;
}

static bool is_visibility(const struct post_row *p, const char *name)
{
	return str_eq_c(p->visibility, name);
}

/* Who is addressed: a mention alone is addressed directly, in wider posts it is in copy. */
static void write_audience(struct json_out *w, const struct post_row *p, const struct parts *parts)
{
	str followers = parts->author->followers_uri;
	bool mentioned_only = is_visibility(p, "mentioned");

	json_open_array(w, "to");
	if (is_visibility(p, "public"))
		json_put_c(w, NULL, AS_PUBLIC);
	if (is_visibility(p, "unlisted") || is_visibility(p, "followers"))
		json_put_str(w, NULL, followers);
	for (size_t i = 0; mentioned_only && i < parts->n_people; i++)
		json_put_str(w, NULL, parts->people[i].actor_uri);
	json_close_array(w);
	json_open_array(w, "cc");
	if (is_visibility(p, "public"))
		json_put_str(w, NULL, followers);
	if (is_visibility(p, "unlisted"))
		json_put_c(w, NULL, AS_PUBLIC);
	for (size_t i = 0; !mentioned_only && i < parts->n_people; i++)
		json_put_str(w, NULL, parts->people[i].actor_uri);
	json_close_array(w);
}

/* Emoji of the text, the warning and the options of a poll. */
static int write_emoji(struct ctx *c, const struct post_row *p, const struct parts *parts,
		       struct json_out *w)
{
	size_t n_options = parts->poll ? parts->poll->options.n : 0, n = 0;
	str *texts = arena_array(c->arena, n_options + 2, sizeof(*texts));

	texts[n++] = p->content;
	texts[n++] = p->summary;
	for (size_t i = 0; i < n_options; i++)
		texts[n++] = parts->poll->options.p[i];
	return emoji_write_ap(c, parts->author, texts, n, w);
}

static int write_tags(struct ctx *c, const struct post_row *p, struct json_out *w,
		      const struct parts *parts)
{
	json_open_array(w, "tag");
	for (size_t i = 0; i < parts->n_people; i++) {
		json_open_object(w, NULL);
		json_put_c(w, "type", "Mention");
		json_put_str(w, "href", parts->people[i].actor_uri);
		json_put_str(w, "name", identity_handle(c->arena, &parts->people[i]));
		json_close_object(w);
	}
	for (size_t i = 0; i < parts->n_hashtags; i++) {
		str name = parts->hashtags[i].name;

		json_open_object(w, NULL);
		json_put_c(w, "type", "Hashtag");
		json_put_str(w, "href",
			     str_fmt(c->arena, "%.*s/tags/%.*s/", STR_ARG(c->domain->origin),
				     STR_ARG(name)));
		json_put_str(w, "name", str_cat(c->arena, STR("#"), name));
		json_close_object(w);
	}
	TRY(write_emoji(c, p, parts, w));
	json_close_array(w);
	return 0;
}

/* The point that stays in sight when the picture is cut, as Mastodon writes it. */
static void write_focus(struct json_out *w, const struct attachment_row *a)
{
	json_open_array(w, "focalPoint");
	json_put_f64(w, NULL, a->focus_x);
	json_put_f64(w, NULL, a->focus_y);
	json_close_array(w);
}

/* In an archive, where it lies there. */
static str address_of(struct ctx *c, const struct parts *parts, const struct attachment_row *a)
{
	if (str_is_empty(a->file))
		return a->remote_url;
	return parts->is_archived ? str_cat(c->arena, STR(POST_ARCHIVED_MEDIA), a->file)
				  : media_url(c, a->domain_id, a->file);
}

static void write_attachment(struct ctx *c, struct json_out *w, const struct parts *parts,
			     const struct attachment_row *a)
{
	json_open_object(w, NULL);
	json_put_c(w, "type", "Document");
	json_put_str(w, "mediaType", a->media_type);
	json_put_str(w, "url", address_of(c, parts, a));
	json_put_str_opt(w, "name", a->description);
	json_put_str_opt(w, "blurhash", a->blurhash);
	if (a->width && a->height) {
		json_put_i64(w, "width", a->width);
		json_put_i64(w, "height", a->height);
	}
	if (media_kind_of_type(a->media_type) == MEDIA_KIND_IMAGE)
		write_focus(w, a);
	json_close_object(w);
}

static void write_attachments(struct ctx *c, struct json_out *w, const struct parts *parts)
{
	json_open_array(w, "attachment");
	for (size_t i = 0; i < parts->n_attachments; i++)
		write_attachment(c, w, parts, &parts->attachments[i]);
	json_close_array(w);
}

static void write_text(struct json_out *w, const struct post_row *p)
{
	json_put_str(w, "content", p->content);
	if (p->language.n) {
		json_open_object(w, "contentMap");
		/* A language tag is short and was checked, so it can be a key as it is. */
		char key[36] = { 0 };

		for (size_t i = 0; i < p->language.n && i < sizeof(key) - 1; i++)
			key[i] = p->language.p[i];
		json_put_str(w, key, p->content);
		json_close_object(w);
	}
	json_put_str_opt(w, "summary", p->summary);
	json_put_bool(w, "sensitive", p->sensitive || p->summary.n);
}

static void write_replies(struct ctx *c, struct json_out *w, const struct post_row *p)
{
	str uri = str_cat(c->arena, p->object_uri, STR("replies/"));

	json_open_object(w, "replies");
	json_put_str(w, "id", uri);
	json_put_c(w, "type", "Collection");
	json_put_str(w, "first", str_cat(c->arena, uri, STR("?page=1")));
	json_close_object(w);
}

/* Counts that its author hides are not said while it is open. */
static void write_poll(struct ctx *c, struct json_out *w, const struct poll_row *poll)
{
	bool over = poll_is_over(c, poll), shown = over || !poll->hide_totals;

	json_open_array(w, poll->multiple ? "anyOf" : "oneOf");
	for (size_t i = 0; i < poll->options.n; i++) {
		json_open_object(w, NULL);
		json_put_c(w, "type", "Note");
		json_put_str(w, "name", poll->options.p[i]);
		json_open_object(w, "replies");
		json_put_c(w, "type", "Collection");
		json_put_i64(w, "totalItems", shown ? poll->votes.p[i] : 0);
		json_close_object(w);
		json_close_object(w);
	}
	json_close_array(w);
	json_put_i64(w, "votersCount", poll->voters_count);
	json_put_time(w, "endTime", poll->expires);
	if (over)
		json_put_time(w, "closed", poll->expires);
}

/* In the words of FEP-044f, and of those that came before. */
static void write_quote(struct json_out *w, const struct post_row *p, const struct parts *parts)
{
	bool accepted = parts->quote &&
			str_eq_c(STR("accepted"), quote_standing(parts->quote->state));

	json_put_str(w, "quote", p->quote_uri);
	json_put_str(w, "_misskey_quote", p->quote_uri);
	json_put_str(w, "quoteUrl", p->quote_uri);
	if (accepted)
		json_put_str_opt(w, "quoteAuthorization", parts->quote->authorization_uri);
}

static void write_words(struct json_out *w, const char *key, strs words, const struct parts *parts,
			bool with_author)
{
	json_open_array(w, key);
	for (size_t i = 0; i < words.n; i++) {
		if (str_eq(words.p[i], STR("public")))
			json_put_c(w, NULL, AS_PUBLIC);
		if (str_eq(words.p[i], STR("followers")))
			json_put_str(w, NULL, parts->author->followers_uri);
		if (str_eq(words.p[i], STR("following")))
			json_put_str(w, NULL, parts->author->following_uri);
	}
	if (with_author)
		json_put_str(w, NULL, parts->author->actor_uri);
	json_close_array(w);
}

/* Who may quote it; nobody is said as the author alone. */
static void write_policy(struct json_out *w, const struct post_row *p, const struct parts *parts)
{
	json_open_object(w, "interactionPolicy");
	json_open_object(w, "canQuote");
	write_words(w, "automaticApproval", p->quote_automatic, parts, p->quote_automatic.n == 0);
	write_words(w, "manualApproval", p->quote_manual, parts, false);
	json_close_object(w);
	consent_write_ap(w, &parts->policy, parts->author, parts->people, parts->n_people);
	json_close_object(w);
}

static int write_object(struct ctx *c, const struct post_row *p, const struct parts *parts,
			const char *key, struct json_out *w)
{
	json_open_object(w, key);
	if (!key)
		json_put_raw(w, "@context", ap_context);
	json_put_str(w, "id", p->object_uri);
	json_put_str(w, "type", p->type);
	json_put_str(w, "attributedTo", parts->author->actor_uri);
	write_audience(w, p, parts);
	write_text(w, p);
	json_put_str_opt(w, "inReplyTo", p->in_reply_to_uri);
	json_put_str_opt(w, "replyAuthorization", parts->authorization);
	json_put_time(w, "published", p->published);
	if (p->edited)
		json_put_time(w, "updated", p->edited);
	json_put_str(w, "url", p->url);
	TRY(write_tags(c, p, w, parts));
	write_attachments(c, w, parts);
	if (parts->poll)
		write_poll(c, w, parts->poll);
	if (p->quote_uri.n)
		write_quote(w, p, parts);
	write_policy(w, p, parts);
	write_replies(c, w, p);
	json_close_object(w);
	return 0;
}

int post_write_ap(struct ctx *c, const struct post_row *p, const char *key, struct json_out *w)
{
	struct parts parts;

	if (is_visibility(p, "local"))
		return fail(c, E_NOT_FOUND, "there is no such post");
	TRY(load(c, p, &parts));
	return write_object(c, p, &parts, key, w);
}

static void write_tombstone_body(struct json_out *w, str object_uri, usec deleted)
{
	json_put_str(w, "id", object_uri);
	json_put_c(w, "type", "Tombstone");
	json_put_c(w, "formerType", "Note");
	json_put_time(w, "deleted", deleted);
}

int post_write_tombstone(unused struct ctx *c, str object_uri, usec deleted, struct json_out *w)
{
	json_open_object(w, NULL);
	json_put_raw(w, "@context", ap_context);
	write_tombstone_body(w, object_uri, deleted);
	json_close_object(w);
	return 0;
}

/* One id for each version of a post, the same for every attempt to publish it. */
static str activity_uri(struct ctx *c, const struct post_row *p, const char *type)
{
	if (str_eq(STR("Create"), str_c(type)))
		return str_cat(c->arena, p->object_uri, STR("#create"));
	if (str_eq(STR("Delete"), str_c(type)))
		return str_cat(c->arena, p->object_uri, STR("#delete"));
	return str_fmt(c->arena, "%.*s#update/%lld", STR_ARG(p->object_uri),
		       (long long)p->state_changed);
}

int post_activity(struct ctx *c, const struct post_row *p, const char *type, str *ret_uri,
		  str *ret_body)
{
	struct json_out w;
	struct parts parts;
	str uri = activity_uri(c, p, type);

	assert(!is_visibility(p, "local"));
	TRY(load(c, p, &parts));
	json_out_init(&w, c->arena, ACTIVITY_LIMIT);
	json_open_object(&w, NULL);
	activity_open(&w, uri, type, parts.author->actor_uri);
	json_put_time(&w, "published",
		      p->deleted  ? p->deleted
		      : p->edited ? p->edited
				  : p->published);
	write_audience(&w, p, &parts);
	if (p->deleted) {
		json_open_object(&w, "object");
		write_tombstone_body(&w, p->object_uri, p->deleted);
		json_close_object(&w);
	} else {
		TRY(write_object(c, p, &parts, "object", &w));
	}
	json_close_object(&w);
	TRY(json_out_done(&w, ret_body));
	*ret_uri = uri;
	return 0;
}

int post_write_archived(struct ctx *c, const struct post_row *p, struct json_out *w)
{
	struct parts parts;

	TRY(load(c, p, &parts));
	parts.is_archived = true;
	json_open_object(w, NULL);
	json_put_str(w, "id", activity_uri(c, p, "Create"));
	json_put_c(w, "type", "Create");
	json_put_str(w, "actor", parts.author->actor_uri);
	json_put_time(w, "published", p->published);
	write_audience(w, p, &parts);
	TRY(write_object(c, p, &parts, "object", w));
	json_close_object(w);
	return 0;
}
