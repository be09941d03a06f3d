/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The view of collections of accounts and of what stands in them (FEP-7aa9). */
#include "ap/document.h"
#include "ap/document_part.h"
#include "ap/shape.h"

int ap_featured_item_parse(struct ctx *c, const struct json *j, struct ap_featured_item *ret)
{
	if (!shape_is_a(j, "FeaturedItem"))
		return fail(c, E_INVALID, "this is no item of a collection of accounts");
	*ret = (struct ap_featured_item){
		.id = shape_url_of(json_get_str(j, "id")),
		.object = ap_uri_of(shape_get(j, "featuredObject")),
		.authorization = ap_uri_of(shape_get(j, "featureAuthorization")),
	};
	if (str_is_null(ret->object))
		return fail(c, E_INVALID, "the item shows nobody");
	return 0;
}

/* Items that cannot be read are left out. */
static void read_items(struct ctx *c, const struct json *list, struct ap_featured_collection *f)
{
	size_t n = json_list_count(list);
	struct ap_featured_item *items = arena_array(c->arena, AP_ITEM_LIMIT, sizeof(*items));

	for (size_t i = 0; i < n && f->n_items < AP_ITEM_LIMIT; i++)
		if (ap_featured_item_parse(c, json_list_at(list, i), &items[f->n_items]) == 0)
			f->n_items++;
	f->items = items;
}

bool ap_is_featured_collection(const struct json *j)
{
	return shape_is_a(j, "FeaturedCollection");
}

int ap_featured_collection_parse(struct ctx *c, const struct json *j,
				 const struct ap_featured_collection **ret)
{
	struct ap_featured_collection *f = arena_new_of(c->arena, struct ap_featured_collection);
	const struct json *discoverable = shape_get(j, "discoverable");
	const struct json *items = json_get(j, "orderedItems");
	struct shape_text summary = shape_text(j, "summary");

	if (!ap_is_featured_collection(j))
		return fail(c, E_INVALID, "the document is no collection of accounts");
	TRY(part_id(c, j, &f->id));
	f->owner = ap_uri_of(json_get(j, "attributedTo"));
	f->url = shape_page(json_get(j, "url"));
	f->name = shape_text_clipped(j, "name", AP_NAME_LIMIT);
	f->summary = str_clip(summary.text, AP_DESCRIPTION_LIMIT);
	f->language = summary.language;
	f->topic = shape_text_clipped(shape_get(j, "topic"), "name", AP_NAME_LIMIT);
	f->sensitive = shape_true(shape_get(j, "sensitive"));
	f->discoverable = !json_is(discoverable, JSON_BOOL) || shape_true(discoverable);
	f->published = shape_time(json_get(j, "published"));
	read_items(c, items ? items : json_get(j, "items"), f);
	if (str_is_null(f->owner) || str_is_empty(f->name))
		return fail(c, E_INVALID, "the collection has no owner or no name");
	*ret = f;
	return 0;
}
