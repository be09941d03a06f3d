/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * timeline: lists of posts, newest first, paged by entry ids. All return statuses that the viewer
 * may read, without those of identities that the viewer blocks or mutes.
 */
#ifndef MODEL_TIMELINE_H
#define MODEL_TIMELINE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/post.h"

struct page {
	int64_t max_id; /* only entries below; 0: from the newest */
	int64_t since_id; /* only entries above, of these the newest; 0: no bound */
	int64_t min_id; /* only entries above, of these the oldest, so that no gap is left; 0: no bound */
	int limit; /* at most most; 0: 20 */
	int most; /* 0: 40 */
};

/* The limit that applies: 1 to most, 20 when none is given. */
static inline int64_t page_limit(const struct page *p)
{
	int most = p->most ? p->most : 40;

	if (p->limit <= 0)
		return 20;
	return p->limit < most ? p->limit : most;
}

/* Home of the acting identity. */
int timeline_home(struct ctx *c, const struct page *p, struct status **ret,
		  size_t *ret_n) must_check;
/* Public and local posts of the tenant's identities, without replies. */
int timeline_local(struct ctx *c, const struct page *p, int64_t viewer, struct status **ret,
		   size_t *ret_n) must_check;
/* Posts of one author that the viewer may read; with or without replies; boosts included. */
int timeline_author(struct ctx *c, int64_t author_id, bool replies, const struct page *p,
		    int64_t viewer, struct status **ret, size_t *ret_n) must_check;
/* Pinned public posts of an author. */
int timeline_pinned(struct ctx *c, int64_t author_id, int64_t viewer, struct status **ret,
		    size_t *ret_n) must_check;
/* Public posts with a hashtag (case-folded, without #). */
int timeline_hashtag(struct ctx *c, str tag, const struct page *p, int64_t viewer,
		     struct status **ret, size_t *ret_n) must_check;

/* Puts the newest posts of somebody just followed on a home page; takes all of somebody's off. The ctx
 * is bound to the owner's tenant. */
int timeline_fill(struct ctx *c, int64_t identity_id, int64_t author_id) must_check;
int timeline_clear(struct ctx *c, int64_t identity_id, int64_t author_id) must_check;

#endif
