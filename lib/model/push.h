/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * push: notifications sent to programs that do not run, by Web Push (RFC 8030, 8291, 8292). The
 * database makes a push of a notification for each subscription that wants it; the stator sends it.
 */
#ifndef MODEL_PUSH_H
#define MODEL_PUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "fetch/fetch.h"
#include "model/graph.h"
#include "sql/gen/push.h"

extern const struct graph push_graph;

#define PUSH_TTL (2 * USEC_DAY) /* a push that cannot be delivered for so long is of no use */

/* Types of notifications that can be wanted, NULL-ended, and whose doings. */
extern const char *const push_alerts[];
extern const char *const push_policies[];

/* The installation's public key in base64url, for instance documents and subscriptions; the pair is made at first need. */
int push_vapid_public_key(struct ctx *c, str *ret) must_check;
/* A secret of 32 bytes for another purpose that follows from its private half. */
int push_derive_key(struct ctx *c, str purpose, str *ret) must_check;

struct push_draft {
	int64_t token_id;
	str token; /* as the program sent it */
	str endpoint; /* https, or what the guard of lib/fetch opens */
	str point, auth; /* base64url or base64, as browsers and apps write them */
	bool standard; /* RFC 8291; else the draft's encoding */
	strs alerts;
	str policy; /* empty: all */
};
/* For the acting identity, in place of the token's former one. E_INVALID says what is wrong. */
int push_subscribe(struct ctx *c, const struct push_draft *d,
		   const struct push_subscription_row **ret) must_check;
/* E_NOT_FOUND when the token has none. */
int push_subscription_get(struct ctx *c, int64_t token_id,
			  const struct push_subscription_row **ret) must_check;
int push_subscription_change(struct ctx *c, int64_t token_id, strs alerts, str policy,
			     const struct push_subscription_row **ret) must_check;
/* Again is no error. */
int push_unsubscribe(struct ctx *c, int64_t token_id) must_check;

/* The request that brings a push to its service: encrypted, with our token. E_GONE when there is nothing left to tell. */
int push_request(struct ctx *c, const struct push_row *p, struct fetch_request *ret) must_check;

#endif
