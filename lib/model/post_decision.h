/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * post_decision: what a tenant decides about posts of others, elsewhere or on a neighbouring tenant. It holds on that tenant alone,
 * and is undone without a trace but in the audit log. Functions run as the acting staff, whose grant the caller has judged.
 */
#ifndef MODEL_POST_DECISION_H
#define MODEL_POST_DECISION_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "model/timeline.h"
#include "sql/gen/post_decision.h"

enum post_decision {
	DECISION_REMOVED, /* nobody of the tenant sees it */
	DECISION_HELD, /* nor this, until staff lets it appear */
	DECISION_COVERED, /* shown behind the tenant's words, its media as sensitive */
	DECISION_UNLISTED, /* in no public timeline of the tenant */
};
extern const struct name post_decisions[]; /* "removed" "held" "covered" "unlisted" */

#define DECISION_TEXT_LIMIT 500 /* characters of words and of a reason */

struct post_decision_draft {
	int64_t post_id;
	enum post_decision kind;
	str words; /* of one that is covered; empty: its media alone are */
	str reason; /* for staff */
	int64_t report_id; /* in whose case; 0: none */
};
/*
 * Staff decides about a post that is before it. E_NOT_FOUND; E_UNPROCESSABLE for one of the tenant's own people, who are told why
 * (moderation_act()), and for texts that are too long.
 */
int post_decide(struct ctx *c, const struct post_decision_draft *d) must_check;
/* Takes one decision back: what was removed or held appears, as if it came now. E_NOT_FOUND when there is none. */
int post_undecide(struct ctx *c, int64_t post_id, enum post_decision kind) must_check;
/* What was decided about a post. */
int post_decisions_of(struct ctx *c, int64_t post_id, const struct post_decision_row **ret,
		      size_t *ret_n) must_check;
/* Posts in no order that are before the acting identity as staff: also what was reported, held or removed. */
int posts_get_as_staff(struct ctx *c, i64s ids, const struct post_row **ret,
		       size_t *ret_n) must_check;
int post_get_as_staff(struct ctx *c, int64_t id, const struct post_row **ret) must_check;

/* The same decision about posts of one author, in the transaction that does it and writes it down. */
int posts_decide_within(struct ctx *c, i64s ids, enum post_decision kind, str reason) must_check;
/* Those of some that a decision can be about: of the author, and not of the tenant's own people. */
int posts_decidable(struct ctx *c, i64s ids, int64_t author_id, i64s *ret) must_check;
/* Lets go of the tenants that removed or hold a post. */
int post_decision_drop(struct ctx *c, int64_t post_id, i64s *domains) must_check;

/* What waits for staff, of its own people and of others, newest first. */
int held_queue(struct ctx *c, const struct page *p, const struct held_queue_row **ret,
	       size_t *ret_n) must_check;

#endif
