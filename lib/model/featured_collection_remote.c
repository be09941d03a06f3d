/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Collections of remote owners. Invariant: what is kept of one came from its owner or its host, and nobody is shown
 * in it whose own host does not show the consent; who is of ours is known here and not believed of others.
 */
#include "ap/document.h"
#include "ap/transport.h"
#include "html/html.h"
#include "model/domain.h"
#include "model/featured_collection.h"
#include "model/hashtag.h"
#include "model/identity.h"
#include "model/limit.h"
#include "model/preference.h"
#include "sql/gen/hashtag.h"

#define NAME_LIMIT 200 /* bytes */
#define DESCRIPTION_LIMIT 2000 /* bytes */
#define FETCHED 25 /* unknown actors of one document that are asked for */

static str or_empty(str s)
{
	return str_is_null(s) ? STR("") : s;
}

static int make_tag(struct ctx *c, str topic, str *ret)
{
	str written = topic.n && str_starts(topic, STR("#")) ? str_from(topic, 1) : topic, name;

	*ret = STR("");
	if (!written.n || !hashtag_is_valid(c, written))
		return 0;
	name = hashtag_fold(c, written);
	TRY(q_hashtag_make(c, (strs){ &name, 1 }, (strs){ &written, 1 }, NULL));
	*ret = name;
	return 0;
}

static int fill(struct ctx *c, const struct ap_featured_collection *f,
		const struct identity_row *owner, struct q_featured_collection_store_args *ret)
{
	str text = STR("");

	if (f->summary.n)
		TRY(html_to_text(c, f->summary, &text));
	*ret = (struct q_featured_collection_store_args){
		.owner_id = owner->id,
		.uri = f->id,
		.url = or_empty(f->url),
		.name = str_clip(f->name, NAME_LIMIT),
		.description = str_clip(str_trim(text), DESCRIPTION_LIMIT),
		.language = f->language.n && language_is_valid(f->language) ? f->language : STR(""),
		.sensitive = f->sensitive,
		.discoverable = f->discoverable,
		.created = f->published,
		.most = COLLECTION_REMOTE_LIMIT,
	};
	return make_tag(c, f->topic, &ret->tag);
}

/* Items on their way into the database. */
struct batch {
	int64_t *targets;
	str *uris, *stamps;
	size_t n, fetched;
};

static struct batch batch_new(struct ctx *c, size_t n)
{
	return (struct batch){ .targets = arena_array(c->arena, n + 1, sizeof(int64_t)),
			       .uris = arena_array(c->arena, n + 1, sizeof(str)),
			       .stamps = arena_array(c->arena, n + 1, sizeof(str)) };
}

/* Who is shown: known, or asked for while it is not too many; 0: nobody. */
static int find_target(struct ctx *c, str uri, struct batch *b, int64_t *ret)
{
	const struct identity_row *target;
	int result = q_identity_by_uri(c, uri, &target);

	*ret = 0;
	if (result == E_NOT_FOUND && b->fetched < FETCHED) {
		b->fetched++;
		result = identity_resolve_uri(c, uri, &target);
	}
	if (result == 0 && !target->deleted)
		*ret = target->id;
	return result < 0 ? result : 0;
}

/* A consent at another host than who gives it is none. */
static int take(struct ctx *c, const struct ap_featured_item *item, struct batch *b)
{
	int64_t target;

	if (!ap_same_host(item->authorization, item->object))
		return 0;
	TRY(find_target(c, item->object, b, &target));
	for (size_t i = 0; i < b->n; i++)
		if (b->targets[i] == target)
			return 0;
	if (!target)
		return 0;
	b->targets[b->n] = target;
	b->uris[b->n] = or_empty(item->id);
	b->stamps[b->n++] = item->authorization;
	return 0;
}

static int keep(struct ctx *c, int64_t id, const struct batch *b, bool whole)
{
	struct q_featured_collection_store_items_args args = {
		.id = id,
		.target_ids = { b->targets, b->n },
		.uris = { b->uris, b->n },
		.authorizations = { b->stamps, b->n },
		.whole = whole,
		.most = COLLECTION_REMOTE_ITEMS_LIMIT,
	};

	return q_featured_collection_store_items(c, &args, NULL);
}

int featured_collection_receive(struct ctx *c, const struct ap_featured_collection *f,
				const struct identity_row *owner, int64_t *ret_id)
{
	struct batch b = batch_new(c, f->n_items);
	struct q_featured_collection_store_args args;
	const struct featured_collection_id_row *row;

	if (identity_is_local(owner) || !str_eq(f->owner, owner->actor_uri) ||
	    !ap_same_host(f->id, owner->actor_uri))
		return fail(c, E_FORBIDDEN, "the collection is somebody else's");
	TRY(fill(c, f, owner, &args));
	TRY(q_featured_collection_store(c, &args, &row));
	if (!row->id)
		return fail(c, E_LIMITED, "the collection is one too many, or another's");
	for (size_t i = 0; i < f->n_items && i < COLLECTION_REMOTE_ITEMS_LIMIT; i++)
		TRY(take(c, &f->items[i], &b));
	*ret_id = row->id;
	return keep(c, row->id, &b, true);
}

int featured_collection_receive_item(struct ctx *c, int64_t id, const struct ap_featured_item *item)
{
	struct batch b = batch_new(c, 1);

	TRY(take(c, item, &b));
	return keep(c, id, &b, false);
}

static int get(struct ctx *c, str uri, const struct json **ret)
{
	enum limit_severity severity;
	struct ap_signer signer;
	str url;

	TRY(limit_of_uri(c, uri, &severity));
	if (severity == LIMIT_BLOCK)
		return fail(c, E_REFUSED, "the server is blocked");
	TRY(identity_fetch_signer(c, &signer));
	return ap_get(c, &signer, uri, ret, &url);
}

int featured_collection_fetch(struct ctx *c, str uri, const struct identity_row *owner,
			      int64_t *ret_id)
{
	const struct ap_featured_collection *f;
	const struct json *j;

	TRY(get(c, uri, &j));
	TRY(ap_featured_collection_parse(c, j, &f));
	if (!str_eq(f->id, uri))
		return fail(c, E_FORBIDDEN, "the collection has another id");
	return featured_collection_receive(c, f, owner, ret_id);
}

int featured_collection_check(struct ctx *c, str collection_uri, str authorization_uri,
			      const struct identity_row *target)
{
	const struct json *j;
	str by;

	if (!ap_same_host(authorization_uri, target->actor_uri))
		return fail(c, E_FORBIDDEN,
			    "the authorization is on another host than who gives it");
	TRY(get(c, authorization_uri, &j));
	by = ap_uri_of(json_get(j, "attributedTo"));
	if (ap_type_of(j) != AP_FEATURE_AUTHORIZATION ||
	    !str_eq(json_get_str(j, "id"), authorization_uri) ||
	    (!str_is_null(by) && !str_eq(by, target->actor_uri)) ||
	    !str_eq(ap_uri_of(json_get(j, "interactingObject")), collection_uri) ||
	    !str_eq(ap_uri_of(json_get(j, "interactionTarget")), target->actor_uri))
		return fail(c, E_FORBIDDEN, "the authorization is for something else");
	return 0;
}
