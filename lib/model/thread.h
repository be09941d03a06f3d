/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * thread: replies to remote posts that nobody sent here, asked for at their servers when somebody
 * looks at the thread.
 */
#ifndef MODEL_THREAD_H
#define MODEL_THREAD_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/graph.h"
#include "model/post.h"
#include "sql/gen/thread.h"

extern const struct graph thread_graph;

#define THREAD_FETCH_LIMIT 60 /* replies that are asked for in one go */
#define THREAD_DEPTH_LIMIT 3 /* levels of replies */
#define THREAD_PAGE_LIMIT 4 /* pages of one collection */

/*
 * Has the stator ask for the replies to a remote public post, once in a quarter of an hour. *ret is
 * NULL when nothing is asked behind what the caller shows.
 */
int thread_refresh(struct ctx *c, const struct post_row *p,
		   const struct thread_row **ret) must_check;
/* How far that is; E_NOT_FOUND. */
int thread_progress(struct ctx *c, int64_t post_id, const struct thread_row **ret) must_check;

/* The stator's part: asks. What cannot be had is left out. */
int thread_fetch(struct ctx *c, int64_t post_id) must_check;

#endif
