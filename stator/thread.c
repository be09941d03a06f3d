/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* thread: asks the servers of a thread for replies that are not here. */
#include "model/thread.h"

#include "stator/handler.h"

static int running(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	TRY(thread_fetch(c, j->id));
	*ret_next = "finished";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "running", running },
	{ NULL, NULL },
};

const struct machine thread_machine = { &thread_graph, handlers, 16 };
