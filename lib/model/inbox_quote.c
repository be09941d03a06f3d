/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Incoming activities about quotations (FEP-044f). The quoted author alone agrees, refuses or takes
 * back; who quotes alone asks.
 */
#include "ap/document.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/inbox_handlers.h"
#include "model/notification.h"
#include "model/post.h"
#include "model/post_remote.h"
#include "model/quote.h"
#include "sql/gen/inbox.h"
#include "sql/gen/interaction.h"

/* The post that quotes, kept when it came along or can be had: what is shown needs it, the answer does not. */
static int keep_instrument(struct ctx *c, const struct incoming *in)
{
	const struct ap_activity *a = in->activity;
	const struct ap_object *o;
	int result;

	if (!a->instrument_json || !ap_type_is_post(ap_type_of(a->instrument_json))) {
		result = post_fetch(c, a->instrument, in->row->domain_ids, NULL);
		return result < 0 ? result : 0;
	}
	TRY(ap_object_parse(c, a->instrument_json, &o));
	if (!str_eq(o->attributed_to, in->actor->actor_uri) ||
	    !str_eq(o->quote_uri, in->activity->object))
		return fail(c, E_FORBIDDEN, "the instrument is not the actor's quotation");
	return post_receive(c, o, in->actor, in->row->domain_ids, false, NULL);
}

static int note_request(struct ctx *c, const struct incoming *in, const struct post_row *quoted,
			const struct quote_row **ret)
{
	const struct quote_id_row *id;
	struct q_quote_add_args args = {
		.post_uri = in->activity->instrument,
		.author_id = in->actor->id,
		.quoted_id = quoted->id,
		.quoted_uri = quoted->object_uri,
		.quoted_author_id = quoted->author_id,
		.quoted_domain_id = quoted->domain_id,
		.request_uri = STR(""),
		.authorization_uri = STR(""),
		.state = STR("pending"),
	};

	TRY(q_quote_mint(c, &id));
	args.id = id->id;
	TRY(q_quote_add(c, &args, NULL));
	TRY(q_quote_by_uri(c, in->activity->instrument, ret));
	if ((*ret)->author_id != in->actor->id || (*ret)->quoted_id != quoted->id)
		return fail(c, E_FORBIDDEN, "this quotation is another one");
	return 0;
}

/* Its author decides; the request waits. */
static int ask_author(struct ctx *c, const struct incoming *in, const struct quote_row *q)
{
	static const str open[] = { { "new", 3 }, { "pending", 7 } };

	TRY(q_quote_move(c,
			 &(struct q_quote_move_args){
				 .id = q->id,
				 .state = STR("pending"),
				 .authorization_uri = STR(""),
				 .request_uri = in->activity->id,
				 .from = { open, ARRAY_SIZE(open) },
			 },
			 NULL));
	return notification_add(c, q->quoted_author_id, "pending_quote", in->actor->id,
				q->post_id ? q->post_id : q->quoted_id);
}

/* The author's policy answers. What was revoked stays refused. */
static int answer(struct ctx *c, const struct incoming *in, const struct post_row *quoted,
		  const struct quote_row *q)
{
	static const str open[] = { { "new", 3 },      { "pending", 7 },   { "accepting", 9 },
				    { "accepted", 8 }, { "rejecting", 9 }, { "rejected", 8 },
				    { "revoked", 7 } };
	const struct post_quotable_row *allowed;
	const struct identity_row *author;
	bool yes, ask;
	size_t n;

	TRY(q_identity_by_id(c, quoted->author_id, &author));
	TRY(q_post_quotable(c, in->actor->id, (i64s){ &quoted->id, 1 }, &allowed, &n));
	yes = n && str_eq(allowed[0].allowed, STR("automatic")) &&
	      !str_eq(q->state, STR("revoked"));
	ask = n && str_eq(allowed[0].allowed, STR("manual"));
	if (ask && str_eq_c(STR("pending"), quote_standing(q->state)))
		return ask_author(c, in, q);
	if (ask && str_eq_c(STR("accepted"), quote_standing(q->state)))
		yes = true;
	return q_quote_move(c,
			    &(struct q_quote_move_args){
				    .id = q->id,
				    .state = yes ? STR("accepting") : STR("rejecting"),
				    .authorization_uri = yes ? str_fmt(c->arena, "%.*squotes/%lld/",
								       STR_ARG(author->actor_uri),
								       (long long)q->id)
							     : STR(""),
				    .request_uri = in->activity->id,
				    .from = { open, ARRAY_SIZE(open) },
			    },
			    NULL);
}

int inbox_quote_request(struct ctx *c, const struct incoming *in)
{
	const struct ap_activity *a = in->activity;
	const struct post_found_row *found;
	const struct post_row *quoted;
	const struct quote_row *q;

	if (str_is_null(a->instrument) || str_is_null(a->id) ||
	    !ap_same_host(a->instrument, in->actor->actor_uri))
		return fail(c, E_INVALID, "the request names no post of the actor's");
	TRY(q_post_find(c, a->object, &found));
	if (!found->domain_id)
		return fail(c, E_NOT_FOUND, "the quoted post is not ours");
	TRY(inbox_enter(c, in, found->domain_id));
	TRY(post_get(c, found->id, in->actor->id, &quoted));
	TRY(keep_instrument(c, in));
	TRY(ctx_bind(c, found->domain_id));
	TRY(note_request(c, in, quoted, &q));
	return answer(c, in, quoted, q);
}

/* Our request that an answer is about; E_NOT_FOUND when it is about something else. */
static int asked(struct ctx *c, const struct incoming *in, const struct quote_row **ret)
{
	const struct json *j = in->activity->object_json;
	str uri = in->activity->object;

	if (str_is_null(uri) || (j && ap_type_of(j) != AP_QUOTE_REQUEST))
		return E_NOT_FOUND;
	for (size_t i = 0; i < in->row->domain_ids.n; i++) {
		int result;

		TRY(inbox_enter(c, in, in->row->domain_ids.p[i]));
		result = q_quote_by_request(c, uri, ret);
		if (result == 0 && (*ret)->domain_id == c->domain_id)
			return 0;
		if (result != E_NOT_FOUND && result != 0)
			return result;
	}
	return E_NOT_FOUND;
}

static int answered(struct ctx *c, const struct incoming *in, const struct quote_row *q, bool yes)
{
	static const str open[] = {
		{ "new", 3 }, { "pending", 7 }, { "rejected", 8 }, { "accepted", 8 }
	};
	str stamp = in->activity->result;
	size_t n;

	if (q->quoted_author_id != in->actor->id)
		return fail(c, E_FORBIDDEN, "only who is quoted can answer");
	if (yes && !ap_same_host(stamp, in->actor->actor_uri))
		return fail(c, E_INVALID, "the answer has no authorization of the actor's");
	TRY(q_quote_move(c,
			 &(struct q_quote_move_args){
				 .id = q->id,
				 .state = yes ? STR("accepted") : STR("rejected"),
				 .authorization_uri = yes ? stamp : STR(""),
				 .request_uri = STR(""),
				 .from = { open, ARRAY_SIZE(open) },
			 },
			 &n));
	if (q->quoted_id)
		TRY(q_post_recount(c, q->quoted_id, NULL));
	/* Others hear of the consent with the post. */
	return n && yes ? q_post_republish(c, q->post_id, NULL) : 0;
}

/* Of a quotation, of something else that needs consent, or of a follow. */
static int answered_any(struct ctx *c, const struct incoming *in, bool yes)
{
	const struct consent_row *row;
	const struct quote_row *q;
	int64_t item;
	int result = asked(c, in, &q);

	if (result == 0)
		return answered(c, in, q, yes);
	if (result != E_NOT_FOUND)
		return result;
	result = inbox_feature_find(c, in, &item);
	if (result == 0)
		return inbox_feature_answered(c, in, item, yes);
	if (result != E_NOT_FOUND)
		return result;
	result = inbox_consent_find(c, in, &row);
	if (result == 0)
		return inbox_consent_answered(c, in, row, yes);
	if (result != E_NOT_FOUND)
		return result;
	return yes ? inbox_accept_follow(c, in) : inbox_reject_follow(c, in);
}

int inbox_accept_any(struct ctx *c, const struct incoming *in)
{
	return answered_any(c, in, true);
}

int inbox_reject_any(struct ctx *c, const struct incoming *in)
{
	return answered_any(c, in, false);
}

static int revoke_here(struct ctx *c, const struct incoming *in, bool *ret_found)
{
	static const str standing[] = { { "accepted", 8 }, { "new", 3 }, { "pending", 7 } };
	const struct quote_row *rows;
	size_t n;

	TRY(q_quote_by_authorization(c, in->activity->object, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		if (rows[i].quoted_author_id != in->actor->id)
			continue;
		*ret_found = true;
		TRY(q_quote_move(c,
				 &(struct q_quote_move_args){
					 .id = rows[i].id,
					 .state = STR("revoked"),
					 .authorization_uri = rows[i].authorization_uri,
					 .request_uri = STR(""),
					 .from = { standing, ARRAY_SIZE(standing) },
				 },
				 NULL));
		if (rows[i].quoted_id)
			TRY(q_post_recount(c, rows[i].quoted_id, NULL));
	}
	return 0;
}

int inbox_revoke_quote(struct ctx *c, const struct incoming *in, bool *ret_found)
{
	*ret_found = false;
	TRY(revoke_here(c, in, ret_found));
	for (size_t i = 0; i < in->row->domain_ids.n; i++) {
		TRY(ctx_bind(c, in->row->domain_ids.p[i]));
		TRY(revoke_here(c, in, ret_found));
	}
	return 0;
}
