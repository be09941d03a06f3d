/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* move: followers hear that somebody moved, and follow. */
#include "model/move.h"

#include "stator/handler.h"

static int moving(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	TRY(move_do(c, j->id));
	*ret_next = "moved";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "moving", moving },
	{ NULL, NULL },
};

const struct machine move_machine = { &move_graph, handlers, 4 };
