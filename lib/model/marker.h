/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* marker: how far an identity has read, kept for all its programs. */
#ifndef MODEL_MARKER_H
#define MODEL_MARKER_H

#include "base/attr.h"
#include "base/ctx.h"
#include "sql/gen/marker.h"

#define MARKER_TIMELINES 2
extern const char *const marker_timelines[MARKER_TIMELINES]; /* "home", "notifications" */

/* Of the acting identity; names that are none are passed over. */
int markers_get(struct ctx *c, strs timelines, const struct marker_row **ret,
		size_t *ret_n) must_check;

struct marker_change {
	str timeline;
	int64_t last_read_id;
	int64_t version; /* the one that the program knows; 0: whichever there is */
};
/* All or none: E_CONFLICT when one has another version by now. ret has room for n rows. */
int markers_set(struct ctx *c, const struct marker_change *changes, size_t n,
		struct marker_row *ret) must_check;

#endif
