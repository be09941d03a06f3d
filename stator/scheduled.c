/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* scheduled: posts appear at their time. */
#include "model/scheduled.h"

#include "stator/handler.h"

/* What cannot appear (its parent is gone, say) never will. */
static int waiting(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	int result = scheduled_publish(c, j->id);

	if (result < 0 || err_is_transient(result))
		return result;
	*ret_next = result ? "failed" : "published";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "waiting", waiting },
	{ NULL, NULL },
};

const struct machine scheduled_machine = { &scheduled_graph, handlers, 16 };
