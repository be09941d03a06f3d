/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import, import_row: a file is taken in, line by line; lines of many files are done side by side. */
#include "model/import.h"

#include "stator/handler.h"

static int preparing(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	return import_prepare(c, j->id, ret_next);
}

static int running(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	return import_run(c, j->id, ret_next);
}

static int waiting(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	return import_do_row(c, j->id, ret_next);
}

static const struct state_handler handlers[] = {
	{ "preparing", preparing },
	{ "running", running },
	{ NULL, NULL },
};
static const struct state_handler row_handlers[] = {
	{ "waiting", waiting },
	{ NULL, NULL },
};

const struct machine import_machine = { &import_graph, handlers, 4 };
const struct machine import_row_machine = { &import_row_graph, row_handlers, 16 };
