/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Incoming activities about collections of accounts (FEP-7aa9). The owner alone changes a collection and asks; who is
 * asked alone answers and takes back.
 */
#include "ap/document.h"
#include "model/domain.h"
#include "model/featured_collection.h"
#include "model/follow.h"
#include "model/identity.h"
#include "model/inbox_handlers.h"
#include "sql/gen/follow.h"
#include "sql/gen/inbox.h"

/* A collection of the actor's that is kept here; E_NOT_FOUND when there is none. */
static int find_known(struct ctx *c, const struct incoming *in, str uri, int64_t *ret)
{
	const struct featured_collection_owner_row *row;

	if (str_is_null(uri))
		return E_NOT_FOUND;
	TRY(q_featured_collection_by_uri(c, uri, &row));
	if (row->identity_id != in->actor->id)
		return fail(c, E_FORBIDDEN, "the collection is somebody else's");
	*ret = row->id;
	return 0;
}

/* Requests */

/* Whoever blocks the owner is not asked. */
static int decide(struct ctx *c, const struct incoming *in, const struct identity_row *target,
		  str *ret)
{
	struct relation r = { 0 };
	int result;

	c->identity_id = target->id;
	result = relation_get(c, in->actor->id, &r);
	c->identity_id = 0;
	*ret = target->discoverable ? STR("accepting") : STR("pending");
	if (r.blocking || r.domain_blocking || r.suspended || target->is_system)
		*ret = STR("rejecting");
	return result;
}

int inbox_feature_request(struct ctx *c, const struct incoming *in)
{
	const struct ap_activity *a = in->activity;
	struct q_featured_collection_ask_args args = { .owner_id = in->actor->id,
						       .request_uri = a->id };
	const struct featured_collection_id_row *row;
	const struct identity_row *target;
	int result;

	if (str_is_null(a->id) || !ap_same_host(a->instrument, in->actor->actor_uri))
		return fail(c, E_INVALID, "the request names no collection of the actor's");
	TRY(inbox_enter_of(c, in, a->object, &target));
	result = find_known(c, in, a->instrument, &args.collection_id);
	if (result == E_NOT_FOUND)
		result =
			featured_collection_fetch(c, a->instrument, in->actor, &args.collection_id);
	TRY(result);
	TRY(ctx_bind(c, target->domain_id));
	TRY(decide(c, in, target, &args.state));
	args.target_id = target->id;
	args.target_domain_id = target->domain_id;
	return q_featured_collection_ask(c, &args, &row);
}

/* Answers */

static int move(struct ctx *c, int64_t id, str state, str stamp, strs from)
{
	return q_featured_collection_answered(c, state, stamp, id, from, NULL);
}

int inbox_feature_find(struct ctx *c, const struct incoming *in, int64_t *ret_id)
{
	const struct featuring_id_row *row;

	for (size_t i = 0; i < in->row->domain_ids.n && !str_is_null(in->activity->object); i++) {
		int result;

		TRY(inbox_enter(c, in, in->row->domain_ids.p[i]));
		result = q_featured_collection_by_request(c, in->activity->object, &row);
		if (result == 0)
			*ret_id = row->id;
		if (result != E_NOT_FOUND)
			return result;
	}
	return E_NOT_FOUND;
}

int inbox_feature_answered(struct ctx *c, const struct incoming *in, int64_t id, bool yes)
{
	static const str waiting[] = { { "new", 3 }, { "pending", 7 } };
	static const str standing[] = { { "accepting", 9 }, { "accepted", 8 } };
	const struct featuring_row *f;

	TRY(q_featured_collection_item(c, id, &f));
	if (f->target_id != in->actor->id)
		return fail(c, E_FORBIDDEN, "only who is asked can answer");
	if (yes) {
		TRY(featured_collection_check(c, f->collection_uri, in->activity->result,
					      in->actor));
		TRY(ctx_bind(c, f->domain_id));
		return move(c, id, STR("accepting"), in->activity->result,
			    (strs){ waiting, ARRAY_SIZE(waiting) });
	}
	TRY(move(c, id, STR("rejected"), STR(""), (strs){ waiting, ARRAY_SIZE(waiting) }));
	return move(c, id, STR("revoking"), f->authorization_uri,
		    (strs){ standing, ARRAY_SIZE(standing) });
}

/* What owners say */

/* Kept is what somebody here may look at: of owners with followers here, or what is here already. */
static int is_wanted(struct ctx *c, const struct incoming *in, str uri, bool *ret)
{
	const struct domain_number_row *domains;
	int64_t id;
	size_t n;
	int result = find_known(c, in, uri, &id);

	*ret = result == 0;
	if (result != E_NOT_FOUND)
		return result;
	TRY(q_follower_domains(c, in->actor->id, &domains, &n));
	*ret = n > 0;
	return 0;
}

static int keep_collection(struct ctx *c, const struct incoming *in)
{
	const struct ap_featured_collection *f;
	bool wanted;
	int64_t id;

	TRY(ap_featured_collection_parse(c, in->activity->object_json, &f));
	TRY(is_wanted(c, in, f->id, &wanted));
	return wanted ? featured_collection_receive(c, f, in->actor, &id) : 0;
}

static int keep_item(struct ctx *c, const struct incoming *in)
{
	struct ap_featured_item item;
	int64_t id;
	int result = find_known(c, in, in->activity->target, &id);

	if (result)
		return result == E_NOT_FOUND ? 0 : result;
	TRY(ap_featured_item_parse(c, in->activity->object_json, &item));
	return featured_collection_receive_item(c, id, &item);
}

int inbox_feature_changed(struct ctx *c, const struct incoming *in, bool *ret_found)
{
	const struct json *j = in->activity->object_json;

	*ret_found = true;
	if (j && ap_is_featured_collection(j))
		return keep_collection(c, in);
	if (j && ap_type_of(j) == AP_FEATURED_ITEM)
		return keep_item(c, in);
	*ret_found = false;
	return 0;
}

int inbox_feature_gone(struct ctx *c, const struct incoming *in, bool *ret_found)
{
	const struct featured_found_row *row;
	str uri = in->activity->object;

	TRY(q_featured_collection_forget(c, in->actor->id, uri, false, &row));
	if (!row->is_found)
		TRY(q_featured_collection_forget(c, in->actor->id, uri, true, &row));
	if (!row->is_found)
		TRY(q_featured_collection_withdraw(c, in->actor->id, uri, &row));
	*ret_found = row->is_found;
	return 0;
}
