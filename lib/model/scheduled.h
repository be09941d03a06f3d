/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * scheduled: posts that are to appear later. What was asked for is kept as it was, and becomes a
 * post at its time, once.
 */
#ifndef MODEL_SCHEDULED_H
#define MODEL_SCHEDULED_H

#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "model/graph.h"
#include "model/post.h"
#include "model/timeline.h"
#include "sql/gen/scheduled.h"

extern const struct graph scheduled_graph;

#define SCHEDULED_AHEAD (5 * USEC_MINUTE) /* at least, when it is stored */
#define SCHEDULED_LIMIT 300 /* of one identity */
#define SCHEDULED_DAY_LIMIT 25 /* of one identity for one day */

/* Stores a draft of the acting identity for later. E_UNPROCESSABLE when it is too soon, or too many. A key that was used
 * already gives what came of it. */
int scheduled_add(struct ctx *c, const struct post_draft *d, usec due, int64_t *ret_id) must_check;
/* The acting identity's, last first. */
int scheduled_list(struct ctx *c, const struct page *p, const struct scheduled_row **ret,
		   size_t *ret_n) must_check;
/* One that did not appear yet; else E_NOT_FOUND. */
int scheduled_get(struct ctx *c, int64_t id, const struct scheduled_row **ret) must_check;
int scheduled_move(struct ctx *c, int64_t id, usec due) must_check;
int scheduled_withdraw(struct ctx *c, int64_t id) must_check;

/* The draft that a row holds. */
int scheduled_draft(struct ctx *c, const struct scheduled_row *row,
		    struct post_draft *ret) must_check;
/* The stator's part: it appears. E_UNPROCESSABLE and E_NOT_FOUND: it cannot. */
int scheduled_publish(struct ctx *c, int64_t id) must_check;

#endif
