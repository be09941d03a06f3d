/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: every member that Mastodon documents as present is present, whoever is shown. */
#include "server/api/render_account.h"

#include "html/html.h"
#include "json/json.h"
#include "model/domain.h"
#include "model/media.h"

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

static void put_fields(struct ctx *c, struct json_out *w, const struct identity_row *i)
{
	const struct json *fields;

	json_open_array(w, "fields");
	if (json_parse(c, i->fields, &fields) == 0)
		for (size_t n = 0; n < json_count(fields); n++) {
			json_open_object(w, NULL);
			json_put_str(w, "name", json_get_str(json_at(fields, n), "name"));
			json_put_str(w, "value", json_get_str(json_at(fields, n), "value"));
			json_put_null(w, "verified_at");
			json_close_object(w);
		}
	json_close_array(w);
}

static void put_counts(struct json_out *w, const struct identity_row *i)
{
	json_put_i64(w, "followers_count", i->followers_count);
	json_put_i64(w, "following_count", i->following_count);
	json_put_i64(w, "statuses_count", i->posts_count);
	json_put_null(w, "last_status_at");
}

static void put_pictures(struct ctx *c, struct json_out *w, const struct identity_row *i)
{
	struct media_portrait p = media_portrait_of(c, i);

	json_put_str(w, "avatar", p.avatar);
	json_put_str(w, "avatar_static", p.avatar_static);
	json_put_str(w, "header", p.header);
	json_put_str(w, "header_static", p.header_static);
}

static void put_flags(struct json_out *w, const struct identity_row *i)
{
	json_put_bool(w, "locked", i->locked);
	json_put_bool(w, "bot",
		      str_eq(i->actor_type, STR("Service")) ||
			      str_eq(i->actor_type, STR("Application")));
	json_put_bool(w, "group", str_eq(i->actor_type, STR("Group")));
	json_put_bool(w, "discoverable", i->discoverable);
	json_put_bool(w, "indexable", i->indexable);
	json_put_bool(w, "noindex", !i->indexable);
	json_put_bool(w, "hide_collections", !i->show_follows);
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
	put_counts(w, i);
	json_open_array(w, "emojis");
	json_close_array(w);
	json_open_array(w, "roles");
	json_close_array(w);
	put_fields(c, w, i);
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
	json_close_object(w);
}

/* What its owner typed, and how new posts of theirs are to be. */
static void put_source(struct ctx *c, struct json_out *w, const struct identity_row *i)
{
	str note;

	if (html_to_text(c, i->summary, &note))
		note = STR("");
	json_open_object(w, "source");
	json_put_c(w, "privacy", "public");
	json_put_bool(w, "sensitive", false);
	json_put_null(w, "language");
	json_put_str(w, "note", note);
	json_put_i64(w, "follow_requests_count", 0);
	json_put_bool(w, "hide_collections", !i->show_follows);
	json_put_bool(w, "discoverable", i->discoverable);
	json_put_bool(w, "indexable", i->indexable);
	put_fields(c, w, i);
	json_close_object(w);
}

static void put_role(struct json_out *w)
{
	json_open_object(w, "role");
	json_put_c(w, "id", "-99");
	json_put_c(w, "name", "");
	json_put_c(w, "permissions", "0");
	json_put_c(w, "color", "");
	json_put_bool(w, "highlighted", false);
	json_close_object(w);
}

void render_credential_account(struct ctx *c, struct json_out *w, const struct identity_row *i)
{
	json_open_object(w, NULL);
	put_account(c, w, i);
	put_source(c, w, i);
	put_role(w);
	json_close_object(w);
}

void render_accounts(struct ctx *c, struct json_out *w, const struct identity_row *rows, size_t n)
{
	json_open_array(w, NULL);
	for (size_t i = 0; i < n; i++)
		render_account(c, w, NULL, &rows[i]);
	json_close_array(w);
}
