/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* identity to ActivityPub: the actor document (ActivityPub 4.1, with the fediverse's usual terms). */
#include "crypt/key.h"
#include "json/json.h"
#include "media/format.h"
#include "model/activity.h"
#include "model/domain.h"
#include "model/emoji.h"
#include "model/featured_collection.h"
#include "model/identity.h"
#include "model/limit.h"

static int write_key(struct ctx *c, const struct identity_row *i, struct json_out *w)
{
	const struct public_key_row *keys;
	size_t n;

	TRY(q_public_keys_of(c, i->id, &keys, &n));
	if (n == 0)
		return 0;
	json_open_object(w, "publicKey");
	json_put_str(w, "id", keys[0].key_uri);
	json_put_str(w, "owner", i->actor_uri);
	json_put_str(w, "publicKeyPem", key_public_to_pem(c->arena, keys[0].public_der));
	json_close_object(w);
	return 0;
}

static void write_image(struct json_out *w, const char *key, str uri)
{
	enum format_id id = format_of_name(uri);

	if (str_is_empty(uri))
		return;
	json_open_object(w, key);
	json_put_c(w, "type", "Image");
	if (id != FORMAT_NONE)
		json_put_c(w, "mediaType", format_of(id)->type);
	json_put_str(w, "url", uri);
	json_close_object(w);
}

static int write_fields(struct ctx *c, const struct identity_row *i, struct json_out *w)
{
	const struct json *fields;

	TRY(json_parse(c, i->fields, &fields));
	json_open_array(w, "attachment");
	for (size_t n = 0; n < json_count(fields); n++) {
		json_open_object(w, NULL);
		json_put_c(w, "type", "PropertyValue");
		json_put_str(w, "name", json_get_str(json_at(fields, n), "name"));
		json_put_str(w, "value", json_get_str(json_at(fields, n), "value"));
		json_close_object(w);
	}
	json_close_array(w);
	return 0;
}

static void write_collections(struct ctx *c, struct json_out *w, const struct identity_row *i)
{
	json_put_str(w, "inbox", i->inbox_uri);
	json_put_str(w, "outbox", i->outbox_uri);
	json_put_str(w, "followers", i->followers_uri);
	json_put_str(w, "following", i->following_uri);
	json_put_str(w, "featured", i->featured_uri);
	if (!i->is_system)
		json_put_str(w, "featuredCollections", featured_collections_uri(c, i));
	json_open_object(w, "endpoints");
	json_put_str(w, "sharedInbox", i->shared_inbox_uri);
	json_close_object(w);
}

/* Sites that may name it as an author, as Mastodon reads them. */
static void write_attributions(struct json_out *w, const struct identity_row *i)
{
	if (i->attribution_domains.n == 0)
		return;
	json_open_array(w, "attributionDomains");
	for (size_t n = 0; n < i->attribution_domains.n; n++)
		json_put_str(w, NULL, i->attribution_domains.p[n]);
	json_close_array(w);
}

static void write_about(struct json_out *w, const struct identity_row *i)
{
	json_put_str(w, "preferredUsername", i->username);
	json_put_str(w, "name", identity_name(i));
	json_put_str(w, "summary", i->summary);
	json_put_str(w, "url", i->url);
	json_put_bool(w, "manuallyApprovesFollowers", i->locked);
	json_put_bool(w, "discoverable", i->discoverable);
	json_put_bool(w, "indexable", i->indexable);
	json_put_time(w, "published", i->published ? i->published : i->created);
	if (i->edited)
		json_put_time(w, "updated", i->edited);
	write_image(w, "icon", i->icon_uri);
	write_image(w, "image", i->image_uri);
	json_put_str_opt(w, "movedTo", i->moved_to_uri);
	write_attributions(w, i);
	json_open_array(w, "alsoKnownAs");
	for (size_t n = 0; n < i->also_known_as.n; n++)
		json_put_str(w, NULL, i->also_known_as.p[n]);
	json_close_array(w);
}

static int write_tags(struct ctx *c, const struct identity_row *i, struct json_out *w)
{
	json_open_array(w, "tag");
	TRY(emoji_write_ap(c, i, (str[]){ i->name, i->summary, i->fields }, 3, w));
	json_close_array(w);
	return 0;
}

/* Of one that staff suspended nothing is shown but that it is so, as Mastodon says it. */
static struct identity_row without_looks(const struct identity_row *i)
{
	struct identity_row bare = *i;

	bare.name = bare.summary = bare.icon_uri = bare.image_uri = STR("");
	bare.fields = STR("[]");
	bare.attribution_domains = (strs){ NULL, 0 };
	bare.discoverable = bare.indexable = false;
	return bare;
}

int identity_write_ap(struct ctx *c, const struct identity_row *i, struct json_out *w)
{
	struct identity_limits_row limits;
	struct identity_row bare = without_looks(i);

	TRY(identity_limits_get(c, i->id, &limits));
	if (limits.suspended)
		i = &bare;
	json_open_object(w, NULL);
	json_put_raw(w, "@context", ap_context);
	json_put_str(w, "id", i->actor_uri);
	json_put_str(w, "type", i->actor_type);
	write_about(w, i);
	write_collections(c, w, i);
	featured_collection_write_policy(i, w);
	TRY(write_fields(c, i, w));
	TRY(write_tags(c, i, w));
	TRY(write_key(c, i, w));
	if (limits.suspended)
		json_put_bool(w, "suspended", true);
	json_close_object(w);
	return 0;
}
