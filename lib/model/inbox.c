/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: nothing is stored before the signature of this very request was verified with a key
 * that the actor's own document names; the actor that acts is the one that signed.
 */
#include "model/inbox.h"

#include "ap/document.h"
#include "base/log.h"
#include "crypt/hash.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/inbox_handlers.h"
#include "model/limit.h"
#include "model/throttle.h"
#include "sql/gen/inbox.h"

#define REFETCH_LIMIT 6 /* of one actor ... */
#define REFETCH_WINDOW \
	(10 * USEC_MINUTE) /* ... in this time, because of signatures that do not fit */

static const char *const after_received[] = { "processed", "refused", NULL };
static const char *const after_processed[] = { "received", NULL };

static const struct graph_state inbox_states[] = {
	{
		.name = "received",
		.initial = true,
		.next = after_received,
		.first = USEC_MINUTE,
		.growth = 2,
		.ceiling = 6 * USEC_HOUR,
		.timeout = 3 * USEC_DAY,
		.timeout_to = "refused",
	},
	{ .name = "processed",
	  .next = after_processed,
	  .external = true,
	  .delete_after = USEC_DAY },
	{ .name = "refused",
	  .next = after_processed,
	  .external = true,
	  .delete_after = 3 * USEC_DAY },
};

const struct graph inbox_graph = { "inbox", inbox_states, ARRAY_SIZE(inbox_states) };

/* Who a key belongs to, with the key. */
struct holder {
	const struct identity_row *identity;
	const struct public_key_row *key;
};

static int unauthorised(struct ctx *c, const char *reason)
{
	return fail(c, E_UNAUTHORIZED, "%s", reason);
}

static int find_holder(struct ctx *c, str key_uri, struct holder *ret)
{
	TRY(q_public_key(c, key_uri, &ret->key));
	return q_identity_by_id(c, ret->key->identity_id, &ret->identity);
}

/* Asks the actor's server for its present keys: when a key is unknown, or once when it does not fit. */
static int fetch_holder(struct ctx *c, str actor_uri)
{
	const struct identity_row *known;
	int result = q_identity_by_uri(c, actor_uri, &known);

	if (result == E_NOT_FOUND)
		return identity_resolve_uri(c, actor_uri, &known);
	TRY(result);
	TRY(throttle_hit(c, "refetch", actor_uri, REFETCH_LIMIT, REFETCH_WINDOW));
	return identity_refresh(c, known);
}

/* What a failed fetch means for who waits for our answer. */
static int fetch_failed(struct ctx *c, int err)
{
	if (err == E_GONE || err == E_NOT_FOUND || err == E_FORBIDDEN)
		return unauthorised(c, "the actor's document cannot be had, so the key is unknown");
	if (err == E_LIMITED)
		return unauthorised(c, "the signature does not fit the actor's key");
	if (err == E_INVALID || err == E_REMOTE || err == E_UNSUPPORTED || err == E_TOO_LARGE ||
	    err == E_REFUSED)
		return fail(c, E_UNAUTHORIZED, "the actor's document is of no use: %.*s",
			    STR_ARG(ctx_error(c, err)));
	return err;
}

static int verify_with(struct ctx *c, const struct http_message *m, const struct signature *sig,
		       const struct holder *h)
{
	cleanup(key_freep) struct key *key = NULL;

	TRY(key_load_public(h->key->public_der, &key));
	return signature_verify(c, m, sig, key);
}

/* The key of the signature, which has to be the actor's; found, fetched, or fetched anew when it rotated. */
static int verify(struct ctx *c, const struct http_message *m, const struct signature *sig,
		  str actor_uri, struct holder *ret)
{
	int result = find_holder(c, sig->key_id, ret);
	bool fetched = false;

	if (result == E_NOT_FOUND) {
		fetched = true;
		result = fetch_holder(c, actor_uri);
		if (result)
			return fetch_failed(c, result);
		result = find_holder(c, sig->key_id, ret);
		if (result == E_NOT_FOUND)
			return unauthorised(c, "the actor's document does not name this key");
	}
	TRY(result);
	if (!str_eq(ret->identity->actor_uri, actor_uri))
		return unauthorised(c, "the key belongs to another actor");
	result = verify_with(c, m, sig, ret);
	if (result != E_UNAUTHORIZED || fetched || identity_is_local(ret->identity))
		return result;
	result = fetch_holder(c, actor_uri);
	if (result)
		return fetch_failed(c, result);
	result = find_holder(c, sig->key_id, ret);
	if (result)
		return result == E_NOT_FOUND ? unauthorised(c, "the actor withdrew this key")
					     : result;
	return verify_with(c, m, sig, ret);
}

static int read_signature(struct ctx *c, const struct http_message *m, struct signature *ret)
{
	int result = signature_parse(c, m, ret);

	if (result == E_NOT_FOUND)
		return unauthorised(c, "the request is not signed");
	TRY(result);
	return signature_policy(c, m, ret, c->now);
}

/* An actor that says of itself that it is gone, and that nobody here ever heard of. */
static int is_news_of_nobody(struct ctx *c, const struct ap_activity *a, bool *ret)
{
	const struct identity_row *known;
	int result;

	*ret = false;
	if (a->type != AP_DELETE || !str_eq(a->object, a->actor))
		return 0;
	result = q_identity_by_uri(c, a->actor, &known);
	*ret = result == E_NOT_FOUND || (result == 0 && known->deleted);
	return result == E_NOT_FOUND ? 0 : result;
}

static int store(struct ctx *c, const struct http_message *m, const struct signature *sig,
		 const struct ap_activity *a, const struct holder *h)
{
	/* Joined as bytes: a signature may hold a NUL, where a format would end it. */
	str seen =
		str_cat(c->arena, str_fmt(c->arena, "%lld:", (long long)c->domain_id), sig->bytes);
	struct q_inbox_store_args args = {
		.fingerprint = hash_sha256(c->arena, seen),
		.digest = hash_sha256(c->arena, m->body),
		.actor_uri = a->actor,
		.signer_id = h->identity->id,
		.type = a->type_name,
		.domain_id = c->domain_id,
		.body = m->body,
		.lane = h->identity->server_id,
	};
	const struct inbox_stored_row *row;

	TRY(q_inbox_store(c, &args, &row));
	log_debug(c, "event=inbox type=%.*s actor=%.*s new=%d", STR_ARG(a->type_name),
		  STR_ARG(a->actor), row->is_new);
	return 0;
}

int inbox_accept(struct ctx *c, const struct http_message *m)
{
	enum limit_severity severity;
	const struct ap_activity *a;
	const struct json *document;
	struct signature sig;
	struct holder h;
	bool dropped;

	if (m->body.n > INBOX_BODY_LIMIT)
		return fail(c, E_TOO_LARGE, "an activity has at most %d bytes", INBOX_BODY_LIMIT);
	TRY(read_signature(c, m, &sig));
	TRY(json_parse(c, m->body, &document));
	TRY(ap_activity_parse(c, document, &a));
	if (!signature_key_matches_actor(sig.key_id, a->actor))
		return unauthorised(c, "the key is on another host than the actor");
	TRY(limit_of_uri(c, a->actor, &severity));
	TRY(is_news_of_nobody(c, a, &dropped));
	if (severity == LIMIT_BLOCK || dropped)
		return 0;
	TRY(verify(c, m, &sig, a->actor, &h));
	if (identity_is_local(h.identity))
		return unauthorised(c, "local actors do not come from outside");
	if (h.identity->deleted)
		return unauthorised(c, "the actor is gone");
	return store(c, m, &sig, a, &h);
}

int inbox_signer(struct ctx *c, const struct http_message *m, const struct identity_row **ret)
{
	struct signature sig;
	struct holder h;
	str actor_uri;

	TRY(signature_parse(c, m, &sig));
	TRY(signature_policy(c, m, &sig, c->now));
	/* Without an activity nothing but the key says who it is: its document does, at the fragment's base. */
	actor_uri = str_slice(sig.key_id, 0, str_find_char(sig.key_id, '#', 0));
	if (find_holder(c, sig.key_id, &h) == 0)
		actor_uri = h.identity->actor_uri;
	TRY(verify(c, m, &sig, actor_uri, &h));
	if (h.identity->deleted)
		return unauthorised(c, "the actor is gone");
	*ret = h.identity;
	return 0;
}

/* What is not listed is dropped quietly: the vocabulary is open. */
static const struct {
	enum ap_type type;
	int (*fn)(struct ctx *c, const struct incoming *in);
} handlers[] = {
	{ AP_FOLLOW, inbox_follow },
	{ AP_ACCEPT, inbox_accept_any },
	{ AP_REJECT, inbox_reject_any },
	{ AP_UNDO, inbox_undo },
	{ AP_CREATE, inbox_create },
	{ AP_UPDATE, inbox_update },
	{ AP_DELETE, inbox_delete },
	{ AP_LIKE, inbox_like },
	{ AP_EMOJI_REACT, inbox_like },
	{ AP_QUOTE_REQUEST, inbox_quote_request },
	{ AP_REPLY_REQUEST, inbox_consent_request },
	{ AP_LIKE_REQUEST, inbox_consent_request },
	{ AP_ANNOUNCE_REQUEST, inbox_consent_request },
	{ AP_FEATURE_REQUEST, inbox_feature_request },
	{ AP_ANNOUNCE, inbox_announce },
	{ AP_ADD, inbox_add },
	{ AP_REMOVE, inbox_remove },
	{ AP_BLOCK, inbox_block },
	{ AP_FLAG, inbox_flag },
	{ AP_MOVE, inbox_move },
};

/* What these are about is read from the object itself; all others name something by its id. */
static bool carries_its_object(enum ap_type type)
{
	return type == AP_CREATE || type == AP_UPDATE || type == AP_ACCEPT || type == AP_REJECT ||
	       type == AP_UNDO || type == AP_UNKNOWN;
}

int inbox_process(struct ctx *c, int64_t message_id)
{
	struct incoming in;
	const struct json *document;

	TRY(q_inbox_by_id(c, message_id, &in.row));
	TRY(q_identity_by_id(c, in.row->signer_id, &in.actor));
	TRY(json_parse(c, in.row->body, &document));
	TRY(ap_activity_parse(c, document, &in.activity));
	if (!str_eq(in.activity->actor, in.actor->actor_uri))
		return fail(c, E_FORBIDDEN, "the actor did not sign this");
	if (str_is_null(in.activity->object) && !carries_its_object(in.activity->type))
		return fail(c, E_INVALID, "the object has no id");
	for (size_t i = 0; i < ARRAY_SIZE(handlers); i++)
		if (handlers[i].type == in.activity->type)
			return handlers[i].fn(c, &in);
	return 0;
}
