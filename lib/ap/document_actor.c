/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The view of an actor and of its keys. A key is in the view only when the document may speak for
 * it: its id is on the actor's host, the actor is its owner, and it can be loaded.
 */
#include "ap/document.h"
#include "ap/document_part.h"
#include "ap/multikey.h"
#include "ap/shape.h"
#include "crypt/key.h"

static const struct ap_field *fields_of(struct ctx *c, const struct json *attached, size_t *ret_n)
{
	size_t n = json_list_count(attached), used = 0;
	struct ap_field *p =
		arena_array(c->arena, n < AP_FIELD_LIMIT ? n : AP_FIELD_LIMIT, sizeof(*p));

	for (size_t i = 0; i < n && used < AP_FIELD_LIMIT; i++) {
		const struct json *one = json_list_at(attached, i);
		str name = shape_text_clipped(one, "name", AP_NAME_LIMIT);

		if (!shape_is_a(one, "PropertyValue") || str_is_null(name))
			continue;
		p[used].name = name;
		p[used++].value =
			str_clip(shape_string(shape_get(one, "value")), AP_DESCRIPTION_LIMIT);
	}
	*ret_n = used;
	return p;
}

/* Keys */

/* The public key of one entry of publicKey or assertionMethod. */
static bool der_of(struct ctx *c, const struct json *j, str *ret)
{
	str pem = shape_string(shape_get(j, "publicKeyPem"));

	if (!str_is_null(pem))
		return key_public_from_pem(c->arena, pem, ret) == 0;
	return multikey_decode(c->arena, shape_string(json_get(j, "publicKeyMultibase")), ret);
}

static str owner_of(const struct json *j)
{
	str owner = ap_uri_of(json_get(j, "owner"));

	return str_is_null(owner) ? ap_uri_of(json_get(j, "controller")) : owner;
}

/* The key of an entry in the document of owner. */
static bool read_key(struct ctx *c, const struct json *j, str owner, struct ap_key *ret)
{
	struct ap_key k = { .id = shape_url_of(json_get_str(j, "id")), .owner = owner_of(j) };

	if (str_is_null(k.owner))
		k.owner = owner;
	if (!str_eq(k.owner, owner) || !ap_same_host(k.id, owner) || !der_of(c, j, &k.der))
		return false;
	*ret = k;
	return true;
}

struct keys {
	struct ap_key p[AP_KEY_LIMIT];
	size_t n;
};

static bool has_key(const struct keys *keys, str id)
{
	for (size_t i = 0; i < keys->n; i++) {
		if (str_eq(keys->p[i].id, id))
			return true;
	}
	return false;
}

static void add_keys(struct ctx *c, const struct json *entries, str owner, struct keys *keys)
{
	size_t n = json_list_count(entries);

	for (size_t i = 0; i < n && i < AP_ITEM_LIMIT && keys->n < AP_KEY_LIMIT; i++) {
		struct ap_key key;

		if (read_key(c, json_list_at(entries, i), owner, &key) && !has_key(keys, key.id))
			keys->p[keys->n++] = key;
	}
}

static const struct ap_key *keys_of(struct ctx *c, const struct json *j, str owner, size_t *ret_n)
{
	struct keys *keys = arena_new_of(c->arena, struct keys);

	add_keys(c, shape_get(j, "publicKey"), owner, keys);
	add_keys(c, json_get(j, "assertionMethod"), owner, keys);
	*ret_n = keys->n;
	return keys->p;
}

int ap_key_parse(struct ctx *c, const struct json *j, str key_uri, struct ap_key *ret)
{
	str id, owner = owner_of(j);
	size_t n;
	const struct ap_key *keys;
	struct ap_key key;

	TRY(part_id(c, j, &id));
	if (str_eq(id, key_uri) && !str_is_null(owner) && read_key(c, j, owner, &key)) {
		*ret = key;
		return 0;
	}
	keys = keys_of(c, j, id, &n);
	for (size_t i = 0; i < n; i++) {
		if (str_eq(keys[i].id, key_uri)) {
			*ret = keys[i];
			return 0;
		}
	}
	return fail(c, E_NOT_FOUND, "the document has no usable key of that id");
}

/* The actor */

/* Members that are URIs, by the place in the view where they go. */
static const struct {
	const char *key;
	size_t offset;
} actor_uris[] = {
	{ "inbox", offsetof(struct ap_actor, inbox) },
	{ "outbox", offsetof(struct ap_actor, outbox) },
	{ "followers", offsetof(struct ap_actor, followers) },
	{ "following", offsetof(struct ap_actor, following) },
	{ "featured", offsetof(struct ap_actor, featured) },
	{ "movedTo", offsetof(struct ap_actor, moved_to) },
};

static void read_uris(const struct json *j, struct ap_actor *a)
{
	const struct json *shared = json_get(json_get(j, "endpoints"), "sharedInbox");

	for (size_t i = 0; i < ARRAY_SIZE(actor_uris); i++)
		*(str *)((char *)a + actor_uris[i].offset) =
			ap_uri_of(shape_get(j, actor_uris[i].key));
	a->shared_inbox = ap_uri_of(shared);
	if (str_is_null(a->shared_inbox))
		a->shared_inbox = ap_uri_of(json_get(j, "sharedInbox"));
	a->url = shape_page(json_get(j, "url"));
	if (str_is_null(a->url))
		a->url = a->id;
	a->icon = shape_picture(json_get(j, "icon"));
	a->image = shape_picture(json_get(j, "image"));
}

static strs texts_of(struct ctx *c, const struct json *list)
{
	size_t n = json_list_count(list);
	strs texts = { .p = arena_array(c->arena, AP_ALIAS_LIMIT, sizeof(str)) };

	for (size_t i = 0; i < n && texts.n < AP_ALIAS_LIMIT; i++) {
		str text = json_str(json_list_at(list, i));

		if (text.n && text.n <= AP_NAME_LIMIT)
			((str *)(uintptr_t)texts.p)[texts.n++] = str_lower(c->arena, text);
	}
	return texts;
}

/* Its policy names somebody else than itself. */
static bool is_featurable(struct ctx *c, const struct json *j, str id)
{
	const struct json *rule = shape_get(shape_get(j, "interactionPolicy"), "canFeature");
	const strs lists[] = { part_recipients(c, shape_get(rule, "automaticApproval")),
			       part_recipients(c, shape_get(rule, "manualApproval")) };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (size_t k = 0; k < lists[i].n; k++)
			if (!str_eq(lists[i].p[k], id))
				return true;
	return false;
}

static void read_person(struct ctx *c, const struct json *j, struct ap_actor *a)
{
	a->preferred_username = shape_text_clipped(j, "preferredUsername", AP_NAME_LIMIT);
	a->name = shape_text_clipped(j, "name", AP_NAME_LIMIT);
	a->summary = shape_text_clipped(j, "summary", AP_SUMMARY_LIMIT);
	a->fields = fields_of(c, json_get(j, "attachment"), &a->n_fields);
	a->emojis = part_emojis(c, json_get(j, "tag"), &a->n_emojis);
	a->also_known_as = part_uris(c, shape_get(j, "alsoKnownAs"), AP_ALIAS_LIMIT);
	a->attribution_domains = texts_of(c, json_get(j, "attributionDomains"));
	a->locked = shape_true(shape_get(j, "manuallyApprovesFollowers"));
	a->discoverable = shape_true(shape_get(j, "discoverable"));
	a->indexable = shape_true(shape_get(j, "indexable"));
	a->featurable = is_featurable(c, j, a->id);
	a->suspended = shape_true(shape_get(j, "suspended"));
	a->published = shape_time(json_get(j, "published"));
}

int ap_actor_parse(struct ctx *c, const struct json *j, const struct ap_actor **ret)
{
	struct ap_actor *a = arena_new_of(c->arena, struct ap_actor);
	str type_name;

	TRY(part_id(c, j, &a->id));
	a->type = part_type(j, &type_name);
	if (!ap_type_is_actor(a->type))
		return fail(c, E_INVALID, "\"" STR_FMT "\" is no type of an actor",
			    STR_ARG(str_clip(type_name, AP_NAME_LIMIT)));
	read_uris(j, a);
	if (str_is_null(a->inbox))
		return fail(c, E_INVALID, "the actor has no inbox that is an http(s) URI");
	read_person(c, j, a);
	a->keys = keys_of(c, j, a->id, &a->n_keys);
	*ret = a;
	return 0;
}
