/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* featuring: who is in a collection of accounts: asks, checks what others say, answers, and takes back. */
#include "model/featured_collection.h"
#include "stator/handler.h"

static int new (struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	return featuring_work_new(c, j->id, ret_next);
}

static int accepting(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	return featuring_work_answer(c, j->id, true, ret_next);
}

static int rejecting(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	return featuring_work_answer(c, j->id, false, ret_next);
}

static int revoking(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	return featuring_work_revoke(c, j->id, ret_next);
}

static const struct state_handler handlers[] = {
	{ "new", new },
	{ "accepting", accepting },
	{ "rejecting", rejecting },
	{ "revoking", revoking },
	{ NULL, NULL },
};

const struct machine featuring_machine = { &featuring_graph, handlers, 32 };
