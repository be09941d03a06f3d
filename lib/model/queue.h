/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* queue: what an operator does with the work of stators, for the host role. Each act is written to the audit log. */
#ifndef MODEL_QUEUE_H
#define MODEL_QUEUE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/operator.h"
#include "sql/gen/stator.h"

struct graph;

/* The graph of a type; E_INVALID names those that there are. */
int queue_graph(struct ctx *c, str type, const struct graph **ret) must_check;
/* The work of a type in one of its automatic states (empty: all of them), of one tenant (by name; empty: of all). */
struct queue_part {
	str type, state, tenant;
};

/* Stators leave it alone until it is resumed. What is paused as a whole and in part is resumed in as many steps. */
int queue_pause(struct ctx *c, const struct queue_part *part) must_check;
int queue_resume(struct ctx *c, const struct queue_part *part) must_check;
int queue_pauses(struct ctx *c, const struct pause_row **ret, size_t *ret_n) must_check;
bool queue_is_paused(const struct pause_row *rows, size_t n, const struct queue_part *part);
/* "delivery waiting of kea.example". */
str queue_subject(struct ctx *c, const struct queue_part *part);
/* "rookery stator resume delivery waiting --tenant=kea.example". */
str queue_resume_command(struct ctx *c, const struct queue_part *part);
/* The rows, those first that are due first. */
struct queue_view {
	struct queue_part part;
	bool failing; /* those alone that were tried before */
	int64_t limit;
};
int queue_list(struct ctx *c, const struct queue_view *view, const struct stator_listed_row **ret,
	       size_t *ret_n) must_check;
/* Makes one due at once. E_CONFLICT. */
int queue_retry_one(struct ctx *c, str type, int64_t id) must_check;
/* All that were tried before. */
int queue_retry(struct ctx *c, const struct queue_part *part, int64_t *ret_n) must_check;
/*
 * All that stand in the part's state and that nobody works on give up, as they would by themselves in the end: into the
 * state that follows a time-out. E_CONFLICT when none does. Many are moved in steps; progress (NULL: nobody) hears how
 * many it were so far.
 */
int queue_drop(struct ctx *c, const struct queue_part *part, void (*progress)(int64_t n),
	       int64_t *ret_n) must_check;
/* The same with one, as long as it still stands there. E_CONFLICT. */
int queue_drop_one(struct ctx *c, str type, str state, int64_t id) must_check;
/* Where one stands; E_NOT_FOUND. */
int queue_explain(struct ctx *c, str type, int64_t id,
		  const struct stator_standing_row **ret) must_check;
/* What comes next for it, or why nothing does and how it goes on, in a sentence. */
int queue_next(struct ctx *c, str type, const struct stator_standing_row *s, str *ret) must_check;

#endif
