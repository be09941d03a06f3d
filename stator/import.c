/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import, import_row: a file is taken in, line by line; lines of many files are done side by side. */
#include "model/import.h"

#include "stator/handler.h"

static int clearing(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	TRY(import_clear(c, j->id));
	*ret_next = "running";
	return 0;
}

static int running(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	bool is_done;

	TRY(import_is_done(c, j->id, &is_done));
	if (is_done)
		*ret_next = "done";
	return 0;
}

static int waiting(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	return import_do_row(c, j->id, ret_next);
}

static const struct state_handler handlers[] = {
	{ "clearing", clearing },
	{ "running", running },
	{ NULL, NULL },
};
static const struct state_handler row_handlers[] = {
	{ "waiting", waiting },
	{ NULL, NULL },
};

const struct machine import_machine = { &import_graph, handlers, 4 };
const struct machine import_row_machine = { &import_row_graph, row_handlers, 16 };
