/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* inbox: does what other servers sent; what was refused keeps its reason for a while. */
#include "model/inbox.h"

#include "base/log.h"
#include "stator/handler.h"

static int received(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	int result = inbox_process(c, j->id);

	if (err_is_transient(result))
		return result;
	if (result)
		log_debug(c, "event=refused inbox=%lld reason=\"%.*s\"", (long long)j->id,
			  STR_ARG(ctx_error(c, result)));
	*ret_next = result ? "refused" : "processed";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "received", received },
	{ NULL, NULL },
};

const struct machine inbox_machine = { &inbox_graph, handlers, 128 };
