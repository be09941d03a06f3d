/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The views of activities and of collections: envelopes, which say what happens to which object
 * and leave the object itself to its own view.
 */
#include "ap/document.h"
#include "ap/document_part.h"
#include "ap/shape.h"

/* The id, if it is a URI; then on the actor's host, so that nobody uses up ids of others. */
static int read_id(struct ctx *c, const struct json *j, struct ap_activity *a)
{
	a->id = shape_url_of(json_get_str(j, "id"));
	if (!str_is_null(a->id) && !ap_same_host(a->id, a->actor))
		return fail(c, E_INVALID, "the activity's id is not on its actor's host");
	return 0;
}

static int read_object(struct ctx *c, const struct json *j, struct ap_activity *a)
{
	const struct json *object = json_get(j, "object"), *first = json_list_at(object, 0);

	a->objects = part_uris(c, object, AP_OBJECT_LIMIT);
	a->object = ap_uri_of(first);
	if (json_is(first, JSON_OBJECT))
		a->object_json = first;
	if (a->type != AP_UNKNOWN && str_is_null(a->object) && !a->object_json)
		return fail(c, E_INVALID, "the activity has no object");
	return 0;
}

/* What a request is made with, and what an answer gives. */
static void read_means(const struct json *j, struct ap_activity *a)
{
	const struct json *instrument = json_list_at(json_get(j, "instrument"), 0);

	a->instrument = ap_uri_of(instrument);
	if (json_is(instrument, JSON_OBJECT))
		a->instrument_json = instrument;
	a->result = ap_uri_of(json_get(j, "result"));
}

static void read_reaction(struct ctx *c, const struct json *j, struct ap_activity *a)
{
	size_t n;
	const struct ap_emoji *emojis = part_emojis(c, json_get(j, "tag"), &n);

	a->content = shape_text_clipped(j, "content", AP_SUMMARY_LIMIT);
	if (str_is_null(a->content))
		a->content = shape_text_clipped(j, "_misskey_reaction", AP_NAME_LIMIT);
	a->emoji = n ? emojis : NULL;
}

int ap_activity_parse(struct ctx *c, const struct json *j, const struct ap_activity **ret)
{
	struct ap_activity *a = arena_new_of(c->arena, struct ap_activity);

	if (!json_is(j, JSON_OBJECT))
		return fail(c, E_INVALID, "the activity is no object");
	a->actor = ap_uri_of(json_get(j, "actor"));
	if (str_is_null(a->actor))
		return fail(c, E_INVALID, "the activity has no actor that is an http(s) URI");
	TRY(read_id(c, j, a));
	a->type = part_type(j, &a->type_name);
	if (str_is_null(a->type_name))
		return fail(c, E_INVALID, "the activity has no type");
	TRY(read_object(c, j, a));
	a->target = ap_uri_of(json_get(j, "target"));
	read_means(j, a);
	a->to = part_recipients(c, json_get(j, "to"));
	a->cc = part_recipients(c, json_get(j, "cc"));
	read_reaction(c, j, a);
	a->published = shape_time(json_get(j, "published"));
	*ret = a;
	return 0;
}

/* Collections */

/* What an entry is about: some servers list the activities that made their objects. */
static const struct json *unwrapped(const struct json *j)
{
	enum ap_type type = ap_type_of(j);
	const struct json *object = json_list_at(json_get(j, "object"), 0);

	return (type == AP_CREATE || type == AP_UPDATE) && object ? object : j;
}

static const struct ap_item *items_of(struct ctx *c, const struct json *list, size_t *ret_n)
{
	size_t n = json_list_count(list), used = 0;
	struct ap_item *p =
		arena_array(c->arena, n < AP_ITEM_LIMIT ? n : AP_ITEM_LIMIT, sizeof(*p));

	for (size_t i = 0; i < n && used < AP_ITEM_LIMIT; i++) {
		const struct json *one = unwrapped(json_list_at(list, i));
		struct ap_item item = { .uri = ap_uri_of(one) };

		if (json_is(one, JSON_OBJECT) && !shape_is_a(one, "Link"))
			item.json = one;
		if (item.json || !str_is_null(item.uri))
			p[used++] = item;
	}
	*ret_n = used;
	return p;
}

int ap_collection_parse(struct ctx *c, const struct json *j, const struct ap_collection **ret)
{
	struct ap_collection *l = arena_new_of(c->arena, struct ap_collection);
	const struct json *first = json_get(j, "first"), *items = json_get(j, "orderedItems");

	if (ap_type_of(j) != AP_COLLECTION)
		return fail(c, E_INVALID, "the document is no collection");
	l->id = shape_url_of(json_get_str(j, "id"));
	l->total = shape_count(json_get(j, "totalItems"));
	l->first = ap_uri_of(first);
	if (ap_type_of(first) == AP_COLLECTION)
		l->first_json = first;
	l->next = ap_uri_of(json_get(j, "next"));
	l->is_page = shape_is_a(j, "CollectionPage") || shape_is_a(j, "OrderedCollectionPage");
	l->items = items_of(c, items ? items : json_get(j, "items"), &l->n_items);
	*ret = l;
	return 0;
}
