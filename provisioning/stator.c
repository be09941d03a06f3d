/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery stator: how the work stands. */
#include <string.h>

#include "model/graph.h"
#include "model/identity.h"
#include "provisioning/command.h"
#include "provisioning/lookup.h"
#include "sql/gen/stator.h"

static int put_workers(struct call *call)
{
	const struct stator_worker_row *rows;
	size_t n;

	TRY(q_stator_worker_list(call->c, &rows, &n));
	json_open_array(call->answer, "workers");
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		json_put_str(call->answer, "name", rows[i].name);
		json_put_time(call->answer, "started", rows[i].started);
		json_put_time(call->answer, "seen", rows[i].seen);
		json_put_i64(call->answer, "handled", rows[i].handled);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	return 0;
}

static int put_tallies(struct call *call, const struct graph *g)
{
	const struct stator_tally_row *rows;
	size_t n;

	TRY(q_stator_count(call->c, str_c(g->type), &rows, &n));
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		json_put_c(call->answer, "type", g->type);
		json_put_str(call->answer, "state", rows[i].state);
		json_put_i64(call->answer, "ready", rows[i].ready);
		json_put_i64(call->answer, "waiting", rows[i].waiting);
		json_put_i64(call->answer, "locked", rows[i].locked);
		json_put_i64(call->answer, "tried_before", rows[i].failing);
		json_put_time(call->answer, "oldest_due", rows[i].oldest);
		json_close_object(call->answer);
	}
	return 0;
}

static int put_last_hour(struct call *call)
{
	const struct stator_stat_row *rows;
	size_t n;

	TRY(q_stator_stats_hour(call->c, &rows, &n));
	json_open_array(call->answer, "last_hour");
	for (size_t i = 0; i < n; i++) {
		int64_t handled = rows[i].handled ? rows[i].handled : 1;

		json_open_object(call->answer, NULL);
		json_put_str(call->answer, "type", rows[i].type);
		json_put_str(call->answer, "state", rows[i].state);
		json_put_i64(call->answer, "handled", rows[i].handled);
		json_put_i64(call->answer, "failed", rows[i].failed);
		json_put_i64(call->answer, "mean_ms", rows[i].busy / handled / USEC_MSEC);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	return 0;
}

static int status(struct call *call)
{
	TRY(put_workers(call));
	json_open_array(call->answer, "states");
	for (const struct graph *const *g = graphs; *g; g++)
		TRY(put_tallies(call, *g));
	json_close_array(call->answer);
	return put_last_hour(call);
}

static int find_graph(struct call *call, const struct graph **ret)
{
	struct out o;

	*ret = graph_of_type(call->args[0]);
	if (*ret)
		return 0;
	out_init(&o, call->arena, JSON_TEXT_LIMIT);
	for (const struct graph *const *g = graphs; *g; g++)
		out_fmt(&o, "%s%s", g == graphs ? "" : ", ", (*g)->type);
	return fail(call->c, E_INVALID, "TYPE is one of %.*s", STR_ARG(out_view(&o)));
}

/* Domains and identities may be named as people name them. */
static int find_id(struct call *call, const struct graph *g, int64_t *ret)
{
	const struct identity_row *i;
	const struct domain_row *d;

	if (str_to_i64(call->args[1], ret) && *ret > 0)
		return 0;
	if (strcmp(g->type, "domain") == 0) {
		TRY(lookup_domain(call->c, call->args[1], &d));
		*ret = d->id;
		return 0;
	}
	if (strcmp(g->type, "identity") == 0) {
		TRY(identity_find(call->c, call->args[1], &i));
		*ret = i->id;
		return 0;
	}
	return fail(call->c, E_INVALID, "ID is a number");
}

static int retry(struct call *call)
{
	const struct stator_number_row *row;
	const struct graph *g;
	int64_t id = 0;

	TRY(find_graph(call, &g));
	if (!str_is_null(call->args[1]))
		TRY(find_id(call, g, &id));
	TRY(q_stator_retry(call->c, str_c(g->type), id, &row));
	if (id && !row->n)
		return fail(call->c, E_CONFLICT,
			    "%s %lld is not there, at rest, or being worked on", g->type,
			    (long long)id);
	json_put_c(call->answer, "type", g->type);
	json_put_i64(call->answer, "made_due", row->n);
	return 0;
}

static const char *what_next(const struct call *call, const struct stator_standing_row *s)
{
	if (!s->automatic)
		return "nothing: it rests in this state until something else moves it";
	if (s->locked_by.n)
		return "a stator is working on it; next_attempt is the end of its lease";
	if (s->next_attempt <= call->c->now)
		return "it is due: the next stator that has room works on it";
	return "a stator works on it at next_attempt";
}

static void put_edges(struct call *call, const struct graph *g, str state)
{
	const struct graph_state *s = graph_state_of(g, state);

	json_open_array(call->answer, "may_become");
	for (const char *const *next = s ? s->next : NULL; next && *next; next++)
		json_put_c(call->answer, NULL, *next);
	if (s && s->timeout_to)
		json_put_c(call->answer, NULL, s->timeout_to);
	json_close_array(call->answer);
}

static int explain(struct call *call)
{
	const struct stator_standing_row *s;
	struct json_out *w = call->answer;
	const struct graph *g;
	int64_t id;
	int result;

	TRY(find_graph(call, &g));
	TRY(find_id(call, g, &id));
	result = q_stator_explain(call->c, str_c(g->type), id, &s);
	if (result == E_NOT_FOUND)
		return fail(call->c, result, "there is no %s %lld", g->type, (long long)id);
	TRY(result);
	json_put_c(w, "type", g->type);
	json_put_id(w, "id", id);
	json_put_str(w, "state", s->state);
	json_put_time(w, "since", s->state_changed);
	json_put_c(w, "next", what_next(call, s));
	json_put_time(w, "next_attempt", s->automatic ? s->next_attempt : 0);
	json_put_i64(w, "attempts", s->attempts);
	json_put_str(w, "last_error", s->error);
	json_put_str(w, "locked_by", s->locked_by);
	json_put_i64(w, "lane", s->lane);
	put_edges(call, g, s->state);
	return 0;
}

const struct command cli_stator[] = {
	{ "stator",
	  "status",
	  { NULL },
	  "Shows the stators, and how much stands in which state.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  status,
	  NULL },
	{ "stator",
	  "retry",
	  { "TYPE", "[ID]" },
	  "Makes one due at once, or all that were tried before.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  retry,
	  NULL },
	{ "stator",
	  "explain",
	  { "TYPE", "ID" },
	  "Says where one stands and what is tried next.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  explain,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
