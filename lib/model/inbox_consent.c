/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Incoming activities about answers, likes and boosts that need consent (GoToSocial's interaction controls). The author of
 * the post alone agrees, refuses or takes back, and an agreement counts when its host shows it.
 */
#include "ap/document.h"
#include "ap/transport.h"
#include "base/log.h"
#include "model/consent.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/inbox_handlers.h"
#include "model/interaction.h"
#include "model/post.h"
#include "model/post_remote.h"
#include "model/quote.h"
#include "sql/gen/inbox.h"

static const char *kind_of(enum ap_type type)
{
	return type == AP_REPLY_REQUEST ? "reply" : type == AP_ANNOUNCE_REQUEST ? "boost" : "like";
}

/* The answer that is asked for: embedded by its author, or fetched; *ret_id 0 when it cannot be had. */
static int keep_reply(struct ctx *c, const struct incoming *in, int64_t *ret_id)
{
	const struct ap_activity *a = in->activity;
	const struct ap_object *o;

	*ret_id = 0;
	if (!a->instrument_json || !ap_type_is_post(ap_type_of(a->instrument_json)))
		return post_fetch(c, a->instrument, in->row->domain_ids, ret_id);
	TRY(ap_object_parse(c, a->instrument_json, &o));
	if (!str_eq(o->attributed_to, in->actor->actor_uri) || !str_eq(o->in_reply_to, a->object) ||
	    o->is_vote)
		return fail(c, E_FORBIDDEN, "the instrument is not the actor's answer");
	return post_receive(c, o, in->actor, in->row->domain_ids, false, ret_id);
}

static int keep_interaction(struct ctx *c, const struct incoming *in, const struct post_row *object)
{
	const struct ap_activity *inner;
	enum interaction_kind kind = in->activity->type == AP_ANNOUNCE_REQUEST ? INTERACTION_BOOST
									       : INTERACTION_LIKE;

	if (in->activity->instrument_json) {
		TRY(ap_activity_parse(c, in->activity->instrument_json, &inner));
		if (!str_eq(inner->actor, in->actor->actor_uri) ||
		    !str_eq(inner->object, in->activity->object))
			return fail(c, E_FORBIDDEN, "the instrument is not the actor's");
	}
	return interaction_received(c, in->actor, object, kind, in->activity->instrument, 0);
}

/* The answer in words: yes at once, no at once, or neither, since its author is asked. */
static int respond(struct ctx *c, const struct incoming *in, const struct consent_row *row,
		   str verdict)
{
	static const str open[] = { { "new", 3 },      { "pending", 7 },   { "accepting", 9 },
				    { "accepted", 8 }, { "rejecting", 9 }, { "rejected", 8 },
				    { "revoked", 7 } };
	const struct identity_row *owner;
	const char *stands = quote_standing(row->state);
	bool yes = str_eq_c(STR("accepted"), stands) || str_eq_c(verdict, "automatic");
	bool no = str_eq_c(STR("rejected"), stands) || str_eq_c(STR("revoked"), stands) ||
		  (!yes && str_eq_c(verdict, "denied"));
	str state = no ? STR("rejecting") : yes ? STR("accepting") : STR("pending");

	TRY(q_identity_by_id(c, row->owner_id, &owner));
	if (!no && !yes)
		return q_consent_set_request(c, in->activity->id, row->id, NULL);
	return q_consent_move(c,
			      &(struct q_consent_move_args){
				      .id = row->id,
				      .state = state,
				      .authorization_uri = no ? STR("")
							      : str_fmt(c->arena,
									"%.*sconsents/%lld/",
									STR_ARG(owner->actor_uri),
									(long long)row->id),
				      .request_uri = in->activity->id,
				      .from = { open, ARRAY_SIZE(open) },
			      },
			      NULL);
}

int inbox_consent_request(struct ctx *c, const struct incoming *in)
{
	const struct ap_activity *a = in->activity;
	const char *kind = kind_of(a->type);
	const struct consent_verdict_row *verdict;
	const struct post_found_row *found;
	const struct consent_row *row;
	const struct post_row *object;
	int64_t reply_id = 0;

	if (str_is_null(a->instrument) || str_is_null(a->id) ||
	    !ap_same_host(a->instrument, in->actor->actor_uri))
		return fail(c, E_INVALID, "the request names nothing of the actor's");
	TRY(q_post_find(c, a->object, &found));
	if (!found->domain_id)
		return fail(c, E_NOT_FOUND, "the post is not ours");
	TRY(inbox_enter(c, in, found->domain_id));
	TRY(post_get(c, found->id, in->actor->id, &object));
	TRY(q_consent_judge(c, object->id, str_c(kind), in->actor->id, &verdict));
	if (a->type == AP_REPLY_REQUEST)
		TRY(keep_reply(c, in, &reply_id));
	else
		TRY(keep_interaction(c, in, object));
	TRY(ctx_bind(c, found->domain_id));
	TRY(q_consent_add(c,
			  &(struct q_consent_add_args){
				  .kind = str_c(kind),
				  .actor_id = in->actor->id,
				  .reply_id = reply_id,
				  .uri = a->instrument,
				  .request_uri = a->id,
				  .object_id = object->id,
			  },
			  NULL));
	TRY(q_consent_by_uri(c, a->instrument, &row));
	if (row->actor_id != in->actor->id || row->object_id != object->id ||
	    !str_eq_c(row->kind, kind))
		return fail(c, E_FORBIDDEN, "this was asked for otherwise before");
	return respond(c, in, row, verdict->verdict);
}

int inbox_consent_find(struct ctx *c, const struct incoming *in, const struct consent_row **ret)
{
	str uri = in->activity->object;

	for (size_t i = 0; i < in->row->domain_ids.n && !str_is_null(uri); i++) {
		int result;

		TRY(inbox_enter(c, in, in->row->domain_ids.p[i]));
		result = q_consent_by_request(c, uri, ret);
		if (result == 0 && (*ret)->domain_id == c->domain_id)
			return 0;
		if (result != E_NOT_FOUND && result != 0)
			return result;
	}
	return E_NOT_FOUND;
}

/* An authorization stands at an address of the author's host, and names both the thing and the post. */
static int check(struct ctx *c, const struct incoming *in, const struct consent_row *row)
{
	enum ap_type wanted = str_eq_c(row->kind, "reply")   ? AP_REPLY_AUTHORIZATION
			      : str_eq_c(row->kind, "boost") ? AP_ANNOUNCE_AUTHORIZATION
							     : AP_LIKE_AUTHORIZATION;
	str uri = in->activity->result, url;
	const struct post_row *object;
	struct ap_signer signer;
	const struct json *j;

	if (!ap_same_host(uri, in->actor->actor_uri))
		return fail(c, E_FORBIDDEN, "the authorization is on another host than the author");
	TRY(q_post_for_job(c, row->object_id, &object));
	TRY(identity_fetch_signer(c, &signer));
	TRY(ap_get(c, &signer, uri, &j, &url));
	if (ap_type_of(j) != wanted || !str_eq(json_get_str(j, "id"), uri) ||
	    !str_eq(ap_uri_of(json_get(j, "attributedTo")), in->actor->actor_uri) ||
	    !str_eq(ap_uri_of(json_get(j, "interactingObject")), row->uri) ||
	    !str_eq(ap_uri_of(json_get(j, "interactionTarget")), object->object_uri))
		return fail(c, E_FORBIDDEN, "the authorization is for something else");
	return 0;
}

static int move(struct ctx *c, const struct consent_row *row, str state, str authorization,
		strs from)
{
	return q_consent_move(c,
			      &(struct q_consent_move_args){
				      .id = row->id,
				      .state = state,
				      .authorization_uri = authorization,
				      .request_uri = STR(""),
				      .from = from,
			      },
			      NULL);
}

int inbox_consent_answered(struct ctx *c, const struct incoming *in, const struct consent_row *row,
			   bool yes)
{
	static const str waiting[] = { { "new", 3 }, { "pending", 7 } };
	static const str standing[] = { { "accepted", 8 } };

	if (row->owner_id != in->actor->id || row->owner_domain_id)
		return fail(c, E_FORBIDDEN, "only the author of the post can answer");
	if (yes) {
		TRY(check(c, in, row));
		TRY(ctx_bind(c, row->domain_id));
		return move(c, row, STR("accepted"), in->activity->result,
			    (strs){ waiting, ARRAY_SIZE(waiting) });
	}
	TRY(move(c, row, STR("rejected"), STR(""), (strs){ waiting, ARRAY_SIZE(waiting) }));
	return move(c, row, STR("revoked"), row->authorization_uri,
		    (strs){ standing, ARRAY_SIZE(standing) });
}

int inbox_revoke_consent(struct ctx *c, const struct incoming *in, bool *ret_found)
{
	static const str standing[] = { { "accepted", 8 } };
	const struct consent_row *row;

	*ret_found = false;
	for (size_t i = 0; i < in->row->domain_ids.n; i++) {
		int result;

		TRY(ctx_bind(c, in->row->domain_ids.p[i]));
		result = q_consent_by_authorization(c, in->activity->object, &row);
		if (result == E_NOT_FOUND)
			continue;
		TRY(result);
		if (row->owner_id != in->actor->id)
			continue;
		*ret_found = true;
		TRY(move(c, row, STR("revoked"), row->authorization_uri,
			 (strs){ standing, ARRAY_SIZE(standing) }));
	}
	return 0;
}
