/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* archive: packs what people take with them. Each waits for disks rather than for others, so few are packed at once. */
#include "model/archive.h"

#include "stator/handler.h"

static int packing(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	return archive_pack(c, j->id, ret_next);
}

static const struct state_handler handlers[] = {
	{ "packing", packing },
	{ NULL, NULL },
};

const struct machine archive_machine = { &archive_graph, handlers, 2 };
