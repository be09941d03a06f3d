/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One's own profile and how one's posts are to be. What a program does not say stays as it is. */
#include "json/json.h"
#include "model/featured_tag.h"
#include "model/media.h"
#include "model/preference.h"
#include "server/api/accounts.h"
#include "server/api/api.h"
#include "server/api/featured_tag.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_account.h"
#include "server/api/render_status.h"

static void read_texts(const struct params *p, struct identity_profile *profile)
{
	const struct {
		const char *name;
		str *value;
	} texts[] = {
		{ "display_name", &profile->name },
		{ "note", &profile->summary },
		{ "avatar_description", &profile->icon_description },
		{ "header_description", &profile->image_description },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (param_is_there(p, texts[i].name))
			*texts[i].value = param(p, texts[i].name);
}

static void read_flags(const struct params *p, struct identity_profile *profile)
{
	const struct {
		const char *name;
		bool *value;
	} flags[] = {
		{ "bot", &profile->bot },
		{ "locked", &profile->locked },
		{ "discoverable", &profile->discoverable },
		{ "indexable", &profile->indexable },
		{ "show_media", &profile->show_media },
		{ "show_media_replies", &profile->show_media_replies },
		{ "show_featured", &profile->show_featured },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		*flags[i].value = param_bool(p, flags[i].name, *flags[i].value);
	profile->show_follows = !param_bool(p, "hide_collections", !profile->show_follows);
}

/* All fields or none: a program sends the whole list, as a list or as an object by places. */
static void read_fields(struct ctx *c, const struct params *p, struct identity_profile *profile)
{
	strs places = param_places(c, p, "fields_attributes");
	struct identity_field *fields = arena_array(c->arena, places.n + 1, sizeof(*fields));
	size_t n = 0;

	if (places.n == 0)
		return;
	for (size_t i = 0; i < places.n; i++) {
		fields[n].name = param_at(p, "fields_attributes[%.*s][name]", STR_ARG(places.p[i]));
		fields[n].value =
			param_at(p, "fields_attributes[%.*s][value]", STR_ARG(places.p[i]));
		n += !str_is_empty(str_trim(fields[n].name));
	}
	profile->fields = fields;
	profile->n_fields = n;
}

static void read_attributions(struct ctx *c, const struct params *p,
			      struct identity_profile *profile)
{
	strs domains = param_list(c, p, "attribution_domains");

	if (domains.n)
		profile->attribution_domains = domains;
}

/* An empty part is what a form sends where nothing was chosen. */
static int set_picture(struct ctx *c, const struct request *q, const char *name, enum media_use use)
{
	const struct request_file *file = request_file(q, name);

	return file && file->data.n ? media_set_picture(c, c->identity_id, use, file->data) : 0;
}

static int edit_profile(struct ctx *c, const struct request *q, const struct params *p)
{
	struct identity_profile profile;
	const struct identity_row *i = NULL;

	TRY(api_find_account(c, c->identity_id, &i));
	TRY(identity_profile_of(c, i, &profile));
	read_texts(p, &profile);
	read_flags(p, &profile);
	read_fields(c, p, &profile);
	read_attributions(c, p, &profile);
	TRY(set_picture(c, q, "avatar", MEDIA_AVATAR));
	TRY(set_picture(c, q, "header", MEDIA_HEADER));
	return identity_edit(c, &profile);
}

static int read_preferences(struct ctx *c, const struct params *p, struct preference_row *row)
{
	str privacy = param(p, "source[privacy]");
	enum post_visibility visibility;

	if (!str_is_null(privacy) && !visibility_from_api(privacy, &visibility))
		return api_unprocessable(c, "Privacy is not included in the list");
	if (!str_is_null(privacy))
		row->visibility = str_c(name_of_value(post_visibilities, (int)visibility));
	if (param_is_there(p, "source[language]"))
		row->language = param(p, "source[language]");
	if (param_is_there(p, "source[quote_policy]"))
		row->quote_policy = param(p, "source[quote_policy]");
	row->sensitive = param_bool(p, "source[sensitive]", row->sensitive);
	return 0;
}

static int edit_preferences(struct ctx *c, const struct params *p)
{
	const struct preference_row *found;
	struct preference_row row;

	if (param_places(c, p, "source").n == 0)
		return 0;
	TRY(preferences_get(c, &found));
	row = *found;
	TRY(read_preferences(c, p, &row));
	return preferences_set(c, &row);
}

int api_update_credentials(struct ctx *c, struct request *q, struct response *r)
{
	struct params *p;

	TRY(params_read(c, q, &p));
	TRY(edit_preferences(c, p));
	TRY(edit_profile(c, q, p));
	return api_send_own_account(c, r);
}

static str or_null(str s)
{
	return s.n ? s : STR_NULL;
}

static void put_pictures(struct ctx *c, struct json_out *w, const struct identity_row *i)
{
	struct media_portrait p = media_portrait_of(c, i);

	json_put_str(w, "avatar", or_null(p.avatar));
	json_put_str(w, "avatar_static", or_null(p.avatar_static));
	json_put_str(w, "avatar_description", i->icon_description);
	json_put_str(w, "header", or_null(p.header));
	json_put_str(w, "header_static", or_null(p.header_static));
	json_put_str(w, "header_description", i->image_description);
}

static void put_fields(struct json_out *w, const struct identity_row *i, const struct json *fields)
{
	json_open_array(w, "fields");
	for (size_t n = 0; n < json_count(fields); n++) {
		json_open_object(w, NULL);
		json_put_str(w, "name", json_get_str(json_at(fields, n), "name"));
		json_put_str(w, "value", json_get_str(json_at(fields, n), "text"));
		json_put_str(w, "verified_at", json_get_str(json_at(fields, n), "verified"));
		json_close_object(w);
	}
	json_close_array(w);
	json_open_array(w, "attribution_domains");
	for (size_t n = 0; n < i->attribution_domains.n; n++)
		json_put_str(w, NULL, i->attribution_domains.p[n]);
	json_close_array(w);
}

static void put_flags(struct json_out *w, const struct identity_profile *p)
{
	json_put_bool(w, "locked", p->locked);
	json_put_bool(w, "bot", p->bot);
	json_put_bool(w, "hide_collections", !p->show_follows);
	json_put_bool(w, "discoverable", p->discoverable);
	json_put_bool(w, "indexable", p->indexable);
	json_put_bool(w, "show_media", p->show_media);
	json_put_bool(w, "show_media_replies", p->show_media_replies);
	json_put_bool(w, "show_featured", p->show_featured);
}

/* A Profile (https://docs.joinmastodon.org/entities/Profile/): all as its owner typed it. */
int api_profile(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct featured_tag_row *tags;
	const struct identity_row *i = NULL;
	struct identity_profile p;
	const struct json *fields;
	struct json_out w;
	size_t n;

	TRY(api_find_account(c, c->identity_id, &i));
	TRY(identity_profile_of(c, i, &p));
	TRY(json_parse(c, i->fields, &fields));
	TRY(featured_tags_get(c, i->id, &tags, &n));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_id(&w, "id", i->id);
	json_put_str(&w, "display_name", p.name);
	json_put_str(&w, "note", p.summary);
	put_pictures(c, &w, i);
	put_flags(&w, &p);
	put_fields(&w, i, fields);
	json_open_array(&w, "featured_tags");
	for (size_t k = 0; k < n; k++)
		render_featured_tag(c, &w, &tags[k]);
	json_close_array(&w);
	json_close_object(&w);
	return api_send(&w, r);
}

int api_profile_edit(struct ctx *c, struct request *q, struct response *r)
{
	struct params *p;

	TRY(params_read(c, q, &p));
	TRY(edit_profile(c, q, p));
	return api_profile(c, q, r);
}

/* The picture and what was said of it; followers are told as of any other change. */
static int delete_picture(struct ctx *c, enum media_use use, struct response *r)
{
	struct identity_profile profile;
	const struct identity_row *i = NULL;

	TRY(api_find_account(c, c->identity_id, &i));
	TRY(identity_profile_of(c, i, &profile));
	if (use == MEDIA_AVATAR)
		profile.icon_description = STR("");
	else
		profile.image_description = STR("");
	TRY(media_set_picture(c, c->identity_id, use, STR_NULL));
	TRY(identity_edit(c, &profile));
	return api_send_own_account(c, r);
}

int api_profile_avatar_delete(struct ctx *c, unused struct request *q, struct response *r)
{
	return delete_picture(c, MEDIA_AVATAR, r);
}

int api_profile_header_delete(struct ctx *c, unused struct request *q, struct response *r)
{
	return delete_picture(c, MEDIA_HEADER, r);
}
