/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Collections of accounts in ActivityPub (FEP-7aa9): documents of ours. Who did not consent is in none. */
#include "ap/document.h"
#include "model/activity.h"
#include "model/featured_collection.h"
#include "model/identity.h"

#define LISTED 100

str featured_collections_uri(struct ctx *c, const struct identity_row *i)
{
	return str_cat(c->arena, i->actor_uri, STR("collections/"));
}

/* Who wants to be found may be put in by everybody; whoever else asks is heard. */
void featured_collection_write_policy(const struct identity_row *i, struct json_out *w)
{
	json_open_object(w, "interactionPolicy");
	json_open_object(w, "canFeature");
	json_open_array(w, "automaticApproval");
	json_put_str(w, NULL, i->discoverable ? STR(AS_PUBLIC) : i->actor_uri);
	json_close_array(w);
	if (!i->discoverable && !i->is_system) {
		json_open_array(w, "manualApproval");
		json_put_c(w, NULL, AS_PUBLIC);
		json_close_array(w);
	}
	json_close_object(w);
	json_close_object(w);
}

void featured_collection_write_item(struct ctx *c, str collection_uri,
				    const struct featured_member_row *m, const char *key,
				    struct json_out *w)
{
	json_open_object(w, key);
	json_put_str(w, "id",
		     str_fmt(c->arena, "%.*sitems/%lld/", STR_ARG(collection_uri),
			     (long long)m->id));
	json_put_c(w, "type", "FeaturedItem");
	json_put_str(w, "featuredObject", m->actor_uri);
	json_put_str(w, "featuredObjectType", m->actor_type);
	json_put_str(w, "featureAuthorization", m->authorization_uri);
	json_put_time(w, "published", m->created);
	json_close_object(w);
}

static void write_about(struct ctx *c, const struct featured_collection_row *row,
			struct json_out *w)
{
	json_put_str(w, "id", row->uri);
	json_put_c(w, "type", "FeaturedCollection");
	json_put_str(w, "attributedTo", row->owner_uri);
	json_put_str(w, "url", row->uri);
	json_put_str(w, "name", row->name);
	json_put_str_opt(w, "summary", row->description);
	if (row->language.n && row->description.n) {
		json_open_object(w, "summaryMap");
		json_put_str(w, str_z(c->arena, row->language), row->description);
		json_close_object(w);
	}
	if (row->tag.n) {
		json_open_object(w, "topic");
		json_put_c(w, "type", "Hashtag");
		json_put_str(w, "name", str_cat(c->arena, STR("#"), row->tag));
		json_close_object(w);
	}
	json_put_bool(w, "sensitive", row->sensitive);
	json_put_bool(w, "discoverable", row->discoverable);
	json_put_time(w, "published", row->created);
	json_put_time(w, "updated", row->updated);
}

int featured_collection_write_ap(struct ctx *c, int64_t id, const char *key, struct json_out *w)
{
	const struct featured_collection_row *row;
	const struct featured_member_row *members;
	size_t n;

	TRY(q_featured_collection_get(c, id, &row));
	TRY(q_featured_collection_published(c, id, &members, &n));
	json_open_object(w, key);
	if (!key)
		json_put_raw(w, "@context", ap_context);
	write_about(c, row, w);
	json_put_i64(w, "totalItems", (int64_t)n);
	json_open_array(w, "orderedItems");
	for (size_t i = 0; i < n; i++)
		featured_collection_write_item(c, row->uri, &members[i], NULL, w);
	json_close_array(w);
	json_close_object(w);
	return 0;
}

int featured_collections_write_ap(struct ctx *c, const struct identity_row *owner,
				  struct json_out *w)
{
	const struct featured_collection_row *rows;
	size_t n;

	TRY(q_featured_collection_list(c, owner->id, 0, LISTED, 0, &rows, &n));
	json_open_object(w, NULL);
	json_put_raw(w, "@context", ap_context);
	json_put_str(w, "id", featured_collections_uri(c, owner));
	json_put_c(w, "type", "OrderedCollection");
	json_put_i64(w, "totalItems", (int64_t)n);
	json_open_array(w, "orderedItems");
	for (size_t i = 0; i < n; i++)
		json_put_str(w, NULL, rows[i].uri);
	json_close_array(w);
	json_close_object(w);
	return 0;
}

int featured_collection_write_authorization(struct ctx *c, const struct identity_row *target,
					    int64_t item_id, struct json_out *w)
{
	const struct featuring_row *f;

	TRY(q_featured_collection_item(c, item_id, &f));
	if (f->target_id != target->id || !str_eq(f->status, STR("accepted")))
		return fail(c, E_NOT_FOUND, "there is no such authorization");
	json_open_object(w, NULL);
	json_put_raw(w, "@context", ap_context);
	json_put_str(w, "id",
		     str_fmt(c->arena, "%.*sfeatures/%lld/", STR_ARG(target->actor_uri),
			     (long long)item_id));
	json_put_c(w, "type", "FeatureAuthorization");
	json_put_str(w, "attributedTo", target->actor_uri);
	json_put_str(w, "interactingObject", f->collection_uri);
	json_put_str(w, "interactionTarget", target->actor_uri);
	json_close_object(w);
	return 0;
}
