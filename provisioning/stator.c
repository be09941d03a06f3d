/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery stator: how the work stands. */
#include <string.h>

#include "model/graph.h"
#include "model/identity.h"
#include "model/queue.h"
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
	const struct graph *g;
	int64_t id = 0, n;

	TRY(queue_graph(call->c, call->args[0], &g));
	if (!str_is_null(call->args[1]))
		TRY(find_id(call, g, &id));
	TRY(queue_retry(call->c, call->args[0], id, &n));
	json_put_c(call->answer, "type", g->type);
	json_put_i64(call->answer, "made_due", n);
	return 0;
}

static str state_of(const struct call *call)
{
	return str_is_null(call->args[1]) ? STR("") : call->args[1];
}

/* What rests, after each change. */
static int put_pauses(struct call *call)
{
	const struct pause_row *rows;
	size_t n;

	TRY(queue_pauses(call->c, &rows, &n));
	json_open_array(call->answer, "paused");
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		json_put_str(call->answer, "type", rows[i].type);
		json_put_str(call->answer, "state", rows[i].state);
		json_put_time(call->answer, "since", rows[i].since);
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
	TRY(put_pauses(call));
	return put_last_hour(call);
}

static int pause_work(struct call *call)
{
	TRY(queue_pause(call->c, call->args[0], state_of(call)));
	return put_pauses(call);
}

static int resume(struct call *call)
{
	TRY(queue_resume(call->c, call->args[0], state_of(call)));
	return put_pauses(call);
}

static int drop(struct call *call)
{
	int64_t n = 1, id;

	if (str_is_null(call->args[2]))
		TRY(queue_drop(call->c, call->args[0], call->args[1], &n));
	else if (!str_to_i64(call->args[2], &id))
		return fail(call->c, E_INVALID, "ID is a number");
	else
		TRY(queue_drop_one(call->c, call->args[0], call->args[1], id));
	json_put_str(call->answer, "type", call->args[0]);
	json_put_str(call->answer, "state", call->args[1]);
	json_put_i64(call->answer, "given_up", n);
	return 0;
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

	TRY(queue_graph(call->c, call->args[0], &g));
	TRY(find_id(call, g, &id));
	TRY(queue_explain(call->c, call->args[0], id, &s));
	json_put_c(w, "type", g->type);
	json_put_id(w, "id", id);
	json_put_str(w, "state", s->state);
	json_put_time(w, "since", s->state_changed);
	json_put_c(w, "next", queue_next(call->c, s));
	json_put_time(w, "next_attempt", s->automatic ? s->next_attempt : 0);
	json_put_i64(w, "attempts", s->attempts);
	json_put_str(w, "last_error", s->error);
	json_put_str(w, "locked_by", s->locked_by);
	json_put_str_opt(w, "request", trace_text(call->arena, s->trace));
	json_put_i64(w, "lane", s->lane);
	put_edges(call, g, s->state);
	return 0;
}

static bool parse_trace(str text, int64_t *ret)
{
	uint64_t id = 0;

	for (size_t i = 0; i < text.n; i++) {
		size_t digit = str_find_char(STR("0123456789abcdef"), text.p[i], 0);

		if (digit == SIZE_MAX)
			return false;
		id = id << 4 | digit;
	}
	*ret = (int64_t)id;
	return text.n == 16;
}

static int trace(struct call *call)
{
	const struct stator_traced_row *rows;
	struct json_out *w = call->answer;
	int64_t id;
	size_t n;

	if (!parse_trace(call->args[0], &id))
		return fail(
			call->c, E_INVALID,
			"REQUEST is the id of X-Request-Id and of logs: 16 digits, 0 to 9 and a to f");
	TRY(q_stator_trace(call->c, id, &rows, &n));
	json_open_array(w, "work");
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "type", rows[i].type);
		json_put_id(w, "id", rows[i].id);
		json_put_str(w, "state", rows[i].state);
		json_put_time(w, "since", rows[i].changed);
		json_put_i64(w, "attempts", rows[i].attempts);
		json_put_str(w, "last_error", rows[i].error);
		json_close_object(w);
	}
	json_close_array(w);
	return 0;
}

const struct command cli_stator[] = {
	{ "stator",
	  "trace",
	  { "REQUEST" },
	  "Shows what followed from a request, by the id in its answer and in logs.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  trace,
	  NULL },
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
	{ "stator",
	  "pause",
	  { "TYPE", "[STATE]" },
	  "Lets a type rest, or one state of it.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  pause_work,
	  NULL },
	{ "stator",
	  "resume",
	  { "TYPE", "[STATE]" },
	  "Goes on with what was paused.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  resume,
	  NULL },
	{ "stator",
	  "drop",
	  { "TYPE", "STATE", "[ID]" },
	  "Gives up all that stand in a state, or one of them, as time would.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  drop,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
