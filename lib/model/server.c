/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: one row a host; only exchanges with the host open and close its breaker. */
#include "model/server.h"

#include "ap/nodeinfo.h"
#include "fetch/url.h"
#include "model/settings.h"

static const char *const after_outdated[] = { "updated", NULL };
static const char *const after_updated[] = { "outdated", NULL };

static const struct graph_state server_states[] = {
	{
		.name = "outdated",
		.initial = true,
		.next = after_outdated,
		.first = 30 * USEC_MINUTE,
		.growth = 2,
		.ceiling = 6 * USEC_HOUR,
		.timeout = USEC_DAY,
		.timeout_to = "unreachable",
	},
	{
		.name = "updated",
		.next = after_updated,
		.first = USEC_DAY,
		.growth = 1,
		.ceiling = USEC_DAY,
		.wait = 3 * USEC_DAY,
	},
	{
		.name = "unreachable",
		.next = after_updated,
		.first = 7 * USEC_DAY,
		.growth = 1,
		.ceiling = 7 * USEC_DAY,
		.wait = 7 * USEC_DAY,
	},
};

const struct graph server_graph = { "server", server_states, ARRAY_SIZE(server_states) };

int server_of_host(struct ctx *c, str host, int64_t *ret_id)
{
	const struct server_id_row *row;
	int result = q_server_of_host(c, host, &row);

	/* Made by somebody else just now: that statement could not see it, the next one can. */
	if (result == E_NOT_FOUND)
		result = q_server_of_host(c, host, &row);
	TRY(result);
	*ret_id = row->id;
	return 0;
}

int server_of_uri(struct ctx *c, str uri, int64_t *ret_id)
{
	struct url url;

	if (!url_parse(c->arena, uri, &url))
		return fail(c, E_INVALID, "%.*s is no http(s) URL", STR_ARG(str_clip(uri, 200)));
	return server_of_host(c, url.authority, ret_id);
}

int server_worked(struct ctx *c, int64_t id)
{
	return q_server_worked(c, id, NULL);
}

int server_failed(struct ctx *c, int64_t id, bool hard, usec retry_after)
{
	return q_server_failed(c, hard, retry_after, id, NULL);
}

int server_prefers(struct ctx *c, int64_t id, const char *form)
{
	return q_server_prefers(c, str_c(form), id, NULL);
}

int server_refresh(struct ctx *c, int64_t id)
{
	const struct server_row *row;
	struct nodeinfo info;
	bool plain = c->settings && c->settings->development;

	TRY(q_server_by_id(c, id, &row));
	TRY(nodeinfo_find(c, row->host, plain, &info));
	return q_server_told(c, info.software, info.version, info.json, id, NULL);
}
