/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a version counts the writes of a marker, so that what a program saw can be told from what is. */
#include "model/marker.h"

#include "db/db.h"

const char *const marker_timelines[MARKER_TIMELINES] = { "home", "notifications" };

int markers_get(struct ctx *c, strs timelines, const struct marker_row **ret, size_t *ret_n)
{
	return q_marker_get(c, c->identity_id, c->domain_id, timelines, ret, ret_n);
}

struct change {
	const struct marker_change *changes;
	size_t n;
	struct marker_row *ret;
};

static int set(struct ctx *c, void *arg)
{
	const struct change *change = arg;

	for (size_t i = 0; i < change->n; i++) {
		struct q_marker_set_args args = {
			.identity_id = c->identity_id,
			.timeline = change->changes[i].timeline,
			.domain_id = c->domain_id,
			.last_read_id = change->changes[i].last_read_id,
			.version = change->changes[i].version,
		};
		const struct marker_row *row;
		size_t n;

		TRY(q_marker_set(c, &args, &row, &n));
		if (n == 0)
			return fail(c, E_CONFLICT, "Conflict during update, please try again");
		change->ret[i] = *row;
	}
	return 0;
}

int markers_set(struct ctx *c, const struct marker_change *changes, size_t n,
		struct marker_row *ret)
{
	struct change change = { changes, n, ret };

	return n ? db_transaction(c, set, &change) : 0;
}
