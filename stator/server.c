/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* server: asks other servers from time to time what they are. */
#include "model/server.h"

#include "model/limit.h"
#include "stator/handler.h"

/* A server that the host's floor blocks is not contacted. */
static int outdated(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	const struct server_row *row;
	enum limit_severity severity;

	TRY(q_server_by_id(c, j->id, &row));
	TRY(limit_of_host(c, row->host, &severity));
	if (severity != LIMIT_BLOCK) {
		int result = server_refresh(c, j->id);

		/* A server without NodeInfo is no worse for it. */
		if (result && result != E_NOT_FOUND)
			return result;
	}
	*ret_next = "updated";
	return 0;
}

static int again(unused struct ctx *c, unused const struct job *j, const char **ret_next,
		 unused usec *ret_at)
{
	*ret_next = "outdated";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "outdated", outdated },
	{ "updated", again },
	{ "unreachable", again },
	{ NULL, NULL },
};

const struct machine server_machine = { &server_graph, handlers, 16 };
