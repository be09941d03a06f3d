/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: every member that Mastodon documents as present is present, whoever is shown. */
#include "server/api/render_account.h"

#include "html/html.h"
#include "json/json.h"
#include "model/domain.h"
#include "model/media.h"
#include "model/preference.h"
#include "server/api/render_status.h"
#include "server/web/view.h"
#include "server/api/render_emoji.h"

str account_acct(struct ctx *c, const struct identity_row *i)
{
	if (i->domain_id && i->domain_id == c->domain_id)
		return i->username;
	return str_from(identity_handle(c->arena, i), 1);
}

static usec midnight(usec t)
{
	return t - t % USEC_DAY;
}

void render_day(struct ctx *c, struct json_out *w, const char *key, usec t)
{
	json_put_str(w, key, t ? str_slice(clock_iso(c->arena, t), 0, 10) : STR_NULL);
}

/* member: "value" as it is shown, "text" as its owner typed it. */
static void put_fields(struct ctx *c, struct json_out *w, const struct identity_row *i,
		       const char *member)
{
	const struct json *fields;

	json_open_array(w, "fields");
	if (json_parse(c, i->fields, &fields) == 0)
		for (size_t n = 0; n < json_count(fields); n++) {
			json_open_object(w, NULL);
			json_put_str(w, "name", json_get_str(json_at(fields, n), "name"));
			json_put_str(w, "value", json_get_str(json_at(fields, n), member));
			json_put_str(w, "verified_at",
				     json_get_str(json_at(fields, n), "verified"));
			json_close_object(w);
		}
	json_close_array(w);
}

static void put_counts(struct ctx *c, struct json_out *w, const struct identity_row *i)
{
	json_put_i64(w, "followers_count", i->followers_count);
	json_put_i64(w, "following_count", i->following_count);
	json_put_i64(w, "statuses_count", i->posts_count);
	render_day(c, w, "last_status_at", i->last_posted);
}

/* Programs want an address even where there is no picture. */
static str or_asset(struct ctx *c, str uri, const char *asset)
{
	return uri.n ? uri : str_cat(c->arena, c->domain->origin, asset_url(asset));
}

static void put_pictures(struct ctx *c, struct json_out *w, const struct identity_row *i)
{
	struct media_portrait p = media_portrait_of(c, i);

	json_put_str(w, "avatar", or_asset(c, p.avatar, "avatar.png"));
	json_put_str(w, "avatar_static", or_asset(c, p.avatar_static, "avatar.png"));
	json_put_str(w, "avatar_description", i->icon_description);
	json_put_str(w, "header", or_asset(c, p.header, "header.png"));
	json_put_str(w, "header_static", or_asset(c, p.header_static, "header.png"));
	json_put_str(w, "header_description", i->image_description);
}

static void put_tabs(struct json_out *w, const struct identity_row *i)
{
	json_put_bool(w, "show_media", i->show_media);
	json_put_bool(w, "show_media_replies", i->show_media_replies);
	json_put_bool(w, "show_featured", i->show_featured);
}

static bool is_bot(const struct identity_row *i)
{
	return str_eq(i->actor_type, STR("Service")) || str_eq(i->actor_type, STR("Application"));
}

static void put_flags(struct json_out *w, const struct identity_row *i)
{
	json_put_bool(w, "locked", i->locked);
	json_put_bool(w, "bot", is_bot(i));
	json_put_bool(w, "group", str_eq(i->actor_type, STR("Group")));
	json_put_bool(w, "discoverable", i->discoverable);
	json_put_bool(w, "indexable", i->indexable);
	json_put_bool(w, "noindex", !i->indexable);
	json_put_bool(w, "hide_collections", !i->show_follows);
	put_tabs(w, i);
	if (i->deleted)
		json_put_bool(w, "suspended", true);
}

/* Who wants to be found may be put into collections, others here are asked; remote ones cannot be. */
static void put_feature_approval(struct json_out *w, const struct identity_row *i)
{
	bool is_here = identity_is_local(i);

	json_open_object(w, "feature_approval");
	json_open_array(w, "automatic");
	if (is_here && i->discoverable)
		json_put_c(w, NULL, "public");
	json_close_array(w);
	json_open_array(w, "manual");
	if (is_here && !i->discoverable)
		json_put_c(w, NULL, "public");
	json_close_array(w);
	json_put_c(w, "current_user",
		   !is_here	     ? "missing"
		   : i->discoverable ? "automatic"
				     : "manual");
	json_close_object(w);
}

static void put_account(struct ctx *c, struct json_out *w, const struct identity_row *i)
{
	json_put_id(w, "id", i->id);
	json_put_str(w, "username", i->username);
	json_put_str(w, "acct", account_acct(c, i));
	json_put_str(w, "display_name", i->name);
	put_flags(w, i);
	json_put_time(w, "created_at", midnight(i->published ? i->published : i->created));
	json_put_str(w, "note", i->summary);
	json_put_str(w, "url", i->url.n ? i->url : i->actor_uri);
	json_put_str(w, "uri", i->actor_uri);
	put_pictures(c, w, i);
	put_counts(c, w, i);
	put_feature_approval(w, i);
	render_emojis(c, w, "emojis", emoji_origin_of(i), (str[]){ i->name, i->summary, i->fields },
		      3);
	put_fields(c, w, i, "value");
}

static void put_no_roles(struct json_out *w)
{
	json_open_array(w, "roles");
	json_close_array(w);
}

void render_account(struct ctx *c, struct json_out *w, const char *key,
		    const struct identity_row *i)
{
	if (!i) {
		json_put_null(w, key);
		return;
	}
	json_open_object(w, key);
	put_account(c, w, i);
	put_no_roles(w);
	json_close_object(w);
}

/* Roles of a tenant's staff as Mastodon numbers its own, with its bits of what they may do. */
static const struct {
	const char *role, *id, *name, *permissions;
	bool highlighted;
} roles[] = {
	{ "owner", "3", "Owner", "1048575", true },
	{ "admin", "2", "Admin", "1048575", true },
	{ "moderator", "1", "Moderator", "1308", true },
	{ "", "-99", "", "0", false },
};

static size_t role_at(str role)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(roles) && !str_eq_c(role, roles[i].role))
		i++;
	return i;
}

static void put_roles(struct json_out *w, str role)
{
	size_t at = role_at(role);

	json_open_array(w, "roles");
	if (roles[at].highlighted) {
		json_open_object(w, NULL);
		json_put_c(w, "id", roles[at].id);
		json_put_c(w, "name", roles[at].name);
		json_put_c(w, "color", "");
		json_close_object(w);
	}
	json_close_array(w);
}

/* Of whom the tenant suspended nothing is shown but who it is. */
static struct identity_row bare(const struct identity_row *i)
{
	struct identity_row shown = *i;

	shown.name = shown.summary = STR("");
	shown.icon_uri = shown.icon_description = STR("");
	shown.image_uri = shown.image_description = STR("");
	shown.fields = STR("[]");
	return shown;
}

static void put_whole(struct ctx *c, struct json_out *w, const struct account *a)
{
	struct identity_row shown = a->suspended ? bare(a->identity) : *a->identity;

	put_account(c, w, &shown);
	put_roles(w, a->role);
	if (a->limited)
		json_put_bool(w, "limited", true);
	if (a->suspended && !a->identity->deleted)
		json_put_bool(w, "suspended", true);
	if (a->moved)
		render_account(c, w, "moved", a->moved);
}

void render_whole_account(struct ctx *c, struct json_out *w, const char *key,
			  const struct account *a)
{
	json_open_object(w, key);
	put_whole(c, w, a);
	if (a->is_mute)
		json_put_time(w, "mute_expires_at", a->mute_expires);
	json_close_object(w);
}

/* What its owner typed, and how new posts of theirs are to be. */
static void put_source(struct ctx *c, struct json_out *w, const struct own_account *a)
{
	const struct identity_row *i = a->account.identity;
	str note = i->summary_text;

	if (str_is_empty(note) && html_to_text(c, i->summary, &note))
		note = STR("");
	json_open_object(w, "source");
	json_put_c(w, "privacy", visibility_in_api(a->preferences->visibility));
	json_put_bool(w, "sensitive", a->preferences->sensitive);
	json_put_str(w, "language",
		     a->preferences->language.n ? a->preferences->language : STR_NULL);
	/* Programs know no "ask". */
	json_put_str(w, "quote_policy",
		     str_eq_c(a->preferences->quote_policy, "ask") ? STR("nobody")
								   : a->preferences->quote_policy);
	json_put_str(w, "note", note);
	json_put_i64(w, "follow_requests_count", a->requests_count);
	json_put_bool(w, "hide_collections", !i->show_follows);
	json_put_bool(w, "discoverable", i->discoverable);
	json_put_bool(w, "indexable", i->indexable);
	json_open_array(w, "attribution_domains");
	for (size_t n = 0; n < i->attribution_domains.n; n++)
		json_put_str(w, NULL, i->attribution_domains.p[n]);
	json_close_array(w);
	put_fields(c, w, i, "text");
	json_close_object(w);
}

void render_role(struct json_out *w, const char *key, str role)
{
	size_t at = role_at(role);

	json_open_object(w, key);
	json_put_c(w, "id", roles[at].id);
	json_put_c(w, "name", roles[at].name);
	json_put_c(w, "permissions", roles[at].permissions);
	json_put_c(w, "color", "");
	json_put_bool(w, "highlighted", roles[at].highlighted);
	json_close_object(w);
}

void render_credential_account(struct ctx *c, struct json_out *w, const struct own_account *a)
{
	json_open_object(w, NULL);
	put_whole(c, w, &a->account);
	put_source(c, w, a);
	render_role(w, "role", a->account.role);
	json_close_object(w);
}

void render_partial_account(struct ctx *c, struct json_out *w, const struct identity_row *i)
{
	struct media_portrait p = media_portrait_of(c, i);

	json_open_object(w, NULL);
	json_put_id(w, "id", i->id);
	json_put_str(w, "acct", account_acct(c, i));
	json_put_bool(w, "locked", i->locked);
	json_put_bool(w, "bot", is_bot(i));
	json_put_str(w, "url", i->url.n ? i->url : i->actor_uri);
	json_put_str(w, "avatar", or_asset(c, p.avatar, "avatar.png"));
	json_put_str(w, "avatar_static", or_asset(c, p.avatar_static, "avatar.png"));
	json_put_str(w, "avatar_description", i->icon_description);
	json_close_object(w);
}

void render_accounts(struct ctx *c, struct json_out *w, const struct identity_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		emoji_expect_identity(c, &rows[i]);
	json_open_array(w, NULL);
	for (size_t i = 0; i < n; i++)
		render_account(c, w, NULL, &rows[i]);
	json_close_array(w);
}
