/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What readers see of a post that is told: rendered once for all who see it alike. */
#ifndef SERVER_STREAM_VIEW_H
#define SERVER_STREAM_VIEW_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/post.h"

struct view {
	int64_t viewer;
	const struct status *status; /* as it was loaded for them */
	str text; /* a Status */
};

struct views {
	const struct view *p; /* of those who may and want to see it */
	size_t n;
};

/* The post, as itself or (another entry) as the boost that brought it; viewer as in statuses_load. Who may read it is
 * not asked here. */
int view_status(struct ctx *c, int64_t post_id, int64_t entry_id, int64_t viewer,
		const struct status **ret) must_check;
/* What each of them sees of s, which was loaded for nobody in particular; one statement, and those of a status for each
 * viewer who has to do with it. */
int views_load(struct ctx *c, const struct status *s, i64s viewers, struct views *ret) must_check;
/* The null str for one who does not see it. */
str view_of(const struct views *v, int64_t viewer);
/* Whether a filter of theirs hides it there. */
bool view_is_hidden(const struct views *v, int64_t viewer, str context);
/* Stands on public timelines: no reply to somebody else. */
bool status_is_public(const struct status *s);

#endif
