/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a number here is the one that the model obeys; video is not measured, and its numbers are what browsers
 * can be expected to play.
 */
#include "model/domain.h"
#include "model/featured_tag.h"
#include "model/identity.h"
#include "model/interaction.h"
#include "model/media.h"
#include "model/poll.h"
#include "model/post.h"
#include "model/push.h"
#include "server/api/instance.h"

#define URL_CHARACTERS 23 /* that programs count for an address, however long it is */
#define VIDEO_FRAME_RATE 120
#define VIDEO_PIXELS 8294400 /* 3840 x 2160 */

struct number {
	const char *name;
	int64_t value;
	enum instance_version since;
};

static const struct number accounts[] = {
	{ "max_featured_tags", FEATURED_TAG_LIMIT, INSTANCE_V1 },
	{ "max_pinned_statuses", PIN_LIMIT, INSTANCE_V2 },
	{ "max_profile_fields", IDENTITY_FIELDS, INSTANCE_V2 },
	{ "max_display_name_length", IDENTITY_NAME_LIMIT, INSTANCE_V2 },
	{ "max_note_length", IDENTITY_SUMMARY_LIMIT, INSTANCE_V2 },
	{ "max_avatar_description_length", IDENTITY_DESCRIPTION_LIMIT, INSTANCE_V2 },
	{ "max_header_description_length", IDENTITY_DESCRIPTION_LIMIT, INSTANCE_V2 },
	{ "profile_field_name_limit", IDENTITY_FIELD_LIMIT, INSTANCE_V2 },
	{ "profile_field_value_limit", IDENTITY_FIELD_LIMIT, INSTANCE_V2 },
	{ NULL, 0, INSTANCE_V1 },
};

static const struct number statuses[] = {
	{ "max_characters", POST_LIMIT, INSTANCE_V1 },
	{ "max_media_attachments", MEDIA_PER_POST, INSTANCE_V1 },
	{ "characters_reserved_per_url", URL_CHARACTERS, INSTANCE_V1 },
	{ NULL, 0, INSTANCE_V1 },
};

static const struct number media[] = {
	{ "image_size_limit", MEDIA_IMAGE_LIMIT, INSTANCE_V1 },
	{ "image_matrix_limit", MEDIA_PIXEL_LIMIT, INSTANCE_V1 },
	{ "video_size_limit", MEDIA_VIDEO_LIMIT, INSTANCE_V1 },
	{ "video_frame_rate_limit", VIDEO_FRAME_RATE, INSTANCE_V1 },
	{ "video_matrix_limit", VIDEO_PIXELS, INSTANCE_V1 },
	{ "description_limit", MEDIA_DESCRIPTION_LIMIT, INSTANCE_V2 },
	{ NULL, 0, INSTANCE_V1 },
};

static const struct number polls[] = {
	{ "max_options", POLL_OPTION_LIMIT, INSTANCE_V1 },
	{ "max_characters_per_option", POLL_OPTION_CHARACTERS, INSTANCE_V1 },
	{ "min_expiration", POLL_SHORTEST / USEC_SEC, INSTANCE_V1 },
	{ "max_expiration", POLL_LONGEST / USEC_SEC, INSTANCE_V1 },
	{ NULL, 0, INSTANCE_V1 },
};

static void put_numbers(struct json_out *w, enum instance_version version,
			const struct number *numbers)
{
	for (; numbers->name; numbers++)
		if (numbers->since <= version)
			json_put_i64(w, numbers->name, numbers->value);
}

static void put_group(struct json_out *w, const char *key, enum instance_version version,
		      const struct number *numbers)
{
	json_open_object(w, key);
	put_numbers(w, version, numbers);
	json_close_object(w);
}

static void put_media(struct json_out *w, enum instance_version version)
{
	json_open_object(w, "media_attachments");
	json_open_array(w, "supported_mime_types");
	for (const char *const *type = media_upload_types; *type; type++)
		json_put_c(w, NULL, *type);
	json_close_array(w);
	put_numbers(w, version, media);
	json_close_object(w);
}

str instance_streaming_url(struct ctx *c)
{
	/* http becomes ws, https wss. */
	return str_cat(c->arena, STR("ws"), str_from(c->domain->origin, 4));
}

static void put_page(struct ctx *c, struct json_out *w, const char *key, const char *path)
{
	json_put_str(w, key, path ? str_cat(c->arena, c->domain->origin, str_c(path)) : STR_NULL);
}

static void put_urls(struct ctx *c, struct json_out *w, const struct instance *i)
{
	str status = i->settings[INSTANCE_STATUS_URL].value;
	bool has_privacy = i->settings[INSTANCE_PRIVACY].value.n;

	json_open_object(w, "urls");
	json_put_str(w, "streaming", instance_streaming_url(c));
	json_put_str(w, "status", status.n ? status : STR_NULL);
	put_page(c, w, "about", "/about/");
	put_page(c, w, "privacy_policy", has_privacy ? "/privacy/" : NULL);
	put_page(c, w, "terms_of_service", i->terms_day.n ? "/terms/" : NULL);
	json_close_object(w);
}

/* Who may see which timelines without a token: what dispatch and the timelines do. */
static void put_access(struct json_out *w)
{
	static const char *const feeds[] = { "live_feeds", "hashtag_feeds", "trending_link_feeds" };

	json_open_object(w, "timelines_access");
	for (size_t i = 0; i < ARRAY_SIZE(feeds); i++) {
		json_open_object(w, feeds[i]);
		json_put_c(w, "local", "public");
		json_put_c(w, "remote", "public");
		json_close_object(w);
	}
	json_close_object(w);
}

static int put_newer(struct ctx *c, struct json_out *w, const struct instance *i)
{
	str key;

	TRY(push_vapid_public_key(c, &key));
	put_urls(c, w, i);
	json_open_object(w, "vapid");
	json_put_str(w, "public_key", key);
	json_close_object(w);
	json_open_object(w, "translation");
	json_put_bool(w, "enabled", false);
	json_close_object(w);
	put_access(w);
	json_put_bool(w, "limited_federation",
		      str_eq(i->settings[INSTANCE_LIMITED_FEDERATION].value, STR("true")));
	return 0;
}

int render_configuration(struct ctx *c, struct json_out *w, enum instance_version version,
			 const struct instance *i)
{
	json_open_object(w, "configuration");
	put_group(w, "accounts", version, accounts);
	put_group(w, "statuses", version, statuses);
	put_media(w, version);
	put_group(w, "polls", version, polls);
	if (version == INSTANCE_V2)
		TRY(put_newer(c, w, i));
	json_close_object(w);
	return 0;
}

void render_rules(struct json_out *w, const char *key, const struct rule_row *rules, size_t n)
{
	json_open_array(w, key);
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_id(w, "id", rules[i].id);
		json_put_str(w, "text", rules[i].text);
		json_put_str(w, "hint", rules[i].hint);
		json_put_raw(w, "translations", rules[i].translations);
		json_close_object(w);
	}
	json_close_array(w);
}
