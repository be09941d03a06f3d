/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What each type of incoming activity does. The actor was checked; what it says about its object
 * was not. A handler is run again after a crash, so it is idempotent. 0: done or of no interest;
 * E_LATER: again; any other condition: refused. Only inbox.c and these files include this.
 */
#ifndef MODEL_INBOX_HANDLERS_H
#define MODEL_INBOX_HANDLERS_H

#include "ap/document.h"
#include "base/attr.h"
#include "base/ctx.h"

struct inbox_row;
struct identity_row;

struct incoming {
	const struct inbox_row *row;
	const struct identity_row *actor; /* who signed */
	const struct ap_activity *activity;
};

/* inbox_relation.c */
int inbox_follow(struct ctx *c, const struct incoming *in) must_check;
int inbox_accept_follow(struct ctx *c, const struct incoming *in) must_check;
int inbox_reject_follow(struct ctx *c, const struct incoming *in) must_check;
int inbox_block(struct ctx *c, const struct incoming *in) must_check;
int inbox_undo(struct ctx *c, const struct incoming *in) must_check;
int inbox_flag(struct ctx *c, const struct incoming *in) must_check;
int inbox_move(struct ctx *c, const struct incoming *in) must_check;
/* inbox_post.c */
int inbox_create(struct ctx *c, const struct incoming *in) must_check;
int inbox_update(struct ctx *c, const struct incoming *in) must_check;
int inbox_delete(struct ctx *c, const struct incoming *in) must_check;
int inbox_like(struct ctx *c, const struct incoming *in) must_check;
int inbox_announce(struct ctx *c, const struct incoming *in) must_check;
int inbox_add(struct ctx *c, const struct incoming *in) must_check;
int inbox_remove(struct ctx *c, const struct incoming *in) must_check;
/* inbox_quote.c; answers to follows go on from there */
int inbox_quote_request(struct ctx *c, const struct incoming *in) must_check;
int inbox_accept_any(struct ctx *c, const struct incoming *in) must_check;
int inbox_reject_any(struct ctx *c, const struct incoming *in) must_check;
/* Whether the object is an authorization of the actor's, which is gone with it. */
int inbox_revoke_quote(struct ctx *c, const struct incoming *in, bool *ret_found) must_check;

/* inbox_consent.c */
struct consent_row;
int inbox_consent_request(struct ctx *c, const struct incoming *in) must_check;
/* Our request that an answer is about, bound to its tenant; E_NOT_FOUND when it is about something else. */
int inbox_consent_find(struct ctx *c, const struct incoming *in,
		       const struct consent_row **ret) must_check;
int inbox_consent_answered(struct ctx *c, const struct incoming *in, const struct consent_row *row,
			   bool yes) must_check;
int inbox_revoke_consent(struct ctx *c, const struct incoming *in, bool *ret_found) must_check;

/* inbox_feature.c */
int inbox_feature_request(struct ctx *c, const struct incoming *in) must_check;
/* Our request that an answer is about, bound to its tenant; E_NOT_FOUND when it is about something else. */
int inbox_feature_find(struct ctx *c, const struct incoming *in, int64_t *ret_id) must_check;
int inbox_feature_answered(struct ctx *c, const struct incoming *in, int64_t id,
			   bool yes) must_check;
/* Whether the object is a collection of the actor's or an item of one, which is kept; or was one, or a consent. */
int inbox_feature_changed(struct ctx *c, const struct incoming *in, bool *ret_found) must_check;
int inbox_feature_gone(struct ctx *c, const struct incoming *in, bool *ret_found) must_check;

/*
 * Binds to a tenant (0: none) for what the actor wants there, wherever it was delivered. E_REFUSED
 * when the tenant blocks the actor's server.
 */
int inbox_enter(struct ctx *c, const struct incoming *in, int64_t domain_id) must_check;
/* Enters the tenant of a local identity named by a URI; E_NOT_FOUND when it names nobody here. */
int inbox_enter_of(struct ctx *c, const struct incoming *in, str actor_uri,
		   const struct identity_row **ret) must_check;

#endif
