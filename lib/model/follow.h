/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * follow: who follows whom. unrequested -> (Follow sent) pending_approval -> accepting -> accepted;
 * rejecting and undone end it. Only accepting and accepted ones read followers' posts.
 */
#ifndef MODEL_FOLLOW_H
#define MODEL_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/graph.h"
#include "sql/gen/follow.h"

struct identity_row;

extern const struct graph follow_graph;

#define FOLLOW_LIMIT 7500 /* whom one identity follows */
#define FOLLOW_LANGUAGES 20 /* of one follow */

/* How posts of somebody followed are wanted. */
struct follow_wish {
	bool boosts; /* as well */
	bool notify; /* of each new post */
	strs languages; /* only posts in these (BCP 47); none: all */
};
/* The acting identity follows target. Again is no error. E_INVALID for oneself; E_FORBIDDEN when one of the two
 * blocks the other; E_UNPROCESSABLE over FOLLOW_LIMIT. */
int follow_request(struct ctx *c, int64_t target_id) must_check;
/* The same, wanted so; one that is there already is changed. E_UNPROCESSABLE for what is no language. */
int follow_request_as(struct ctx *c, int64_t target_id, const struct follow_wish *w) must_check;
/* ... no longer. Not following is no error. */
int follow_undo(struct ctx *c, int64_t target_id) must_check;
/* The acting identity decides on who asked to follow it. E_NOT_FOUND when nobody asks. */
int follow_accept(struct ctx *c, int64_t source_id) must_check;
int follow_reject(struct ctx *c, int64_t source_id) must_check;

/* Inbound, called with a checked actor: a Follow came (again), was answered, or undone. */
int follow_received(struct ctx *c, const struct identity_row *source,
		    const struct identity_row *target, str uri) must_check;
int follow_answered(struct ctx *c, int64_t source_id, int64_t target_id, bool accepted) must_check;
int follow_withdrawn(struct ctx *c, int64_t source_id, int64_t target_id) must_check;

enum follow_status { FOLLOW_NONE, FOLLOW_REQUESTED, FOLLOW_ACTIVE };
struct relation {
	enum follow_status following, followed_by;
	struct follow_wish wish; /* of following */
	bool blocking, blocked_by, muting, muting_notifications, domain_blocking, endorsed;
	bool suspended; /* the other, by the ctx's tenant */
	usec mute_expires; /* 0: never */
	str note; /* empty: none */
};
/* Between the acting identity and other. */
int relation_get(struct ctx *c, int64_t other_id, struct relation *ret) must_check;
/* The same for many others by one statement: ret has room for as many, in their order. */
int relations_get(struct ctx *c, i64s others, struct relation *ret) must_check;

#endif
