/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery stator: how the work stands, and what an operator does with it. */
#include <stdio.h>
#include <string.h>

#include "model/graph.h"
#include "model/identity.h"
#include "model/queue.h"
#include "provisioning/command.h"
#include "provisioning/lookup.h"
#include "provisioning/stator.h"
#include "sql/gen/stator.h"

#define SILENCE (2 * USEC_MINUTE) /* of a stator that is gone */
#define LIST_USUAL 100 /* rows of a list when nobody says how many */

bool stator_is_alive(const struct ctx *c, const struct stator_worker_row *worker)
{
	return c->now - worker->seen < SILENCE;
}

int stators_alive(struct ctx *c, size_t *ret)
{
	const struct stator_worker_row *rows;
	size_t n;

	TRY(q_stator_worker_list(c, &rows, &n));
	*ret = 0;
	for (size_t i = 0; i < n; i++)
		*ret += stator_is_alive(c, &rows[i]);
	return 0;
}

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

static str given(str word)
{
	if (str_is_null(word))
		word = STR("");
	return word;
}

/* TYPE [STATE] [--tenant=DOMAIN] */
static struct queue_part part_of(const struct call *call)
{
	return (struct queue_part){ call->args[0], given(call->args[1]),
				    given(cli_option(call, "tenant")) };
}

static int retry_one(struct call *call, const struct graph *g)
{
	int64_t id;

	if (cli_is_set(call, "state") || cli_is_set(call, "tenant"))
		return fail(call->c, E_INVALID, "ID names one: leave out --state and --tenant");
	TRY(find_id(call, g, &id));
	return queue_retry_one(call->c, call->args[0], id);
}

static int retry(struct call *call)
{
	const struct queue_part part = { call->args[0], given(cli_option(call, "state")),
					 given(cli_option(call, "tenant")) };
	const struct graph *g;
	int64_t n = 1;

	TRY(queue_graph(call->c, part.type, &g));
	if (str_is_null(call->args[1]))
		TRY(queue_retry(call->c, &part, &n));
	else
		TRY(retry_one(call, g));
	json_put_c(call->answer, "type", g->type);
	json_put_i64(call->answer, "made_due", n);
	return 0;
}

static int list(struct call *call)
{
	struct queue_view view = { .part = part_of(call), .failing = cli_is_set(call, "failing") };
	const struct stator_listed_row *rows;
	struct json_out *w = call->answer;
	size_t n;

	TRY(cli_number(call, "limit", LIST_USUAL, &view.limit));
	if (view.limit < 1 || view.limit > LIST_LIMIT)
		return fail(call->c, E_INVALID, "--limit is from 1 to %d", LIST_LIMIT);
	TRY(queue_list(call->c, &view, &rows, &n));
	json_open_array(w, "rows");
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_id(w, "id", rows[i].id);
		json_put_str(w, "tenant", rows[i].domain);
		json_put_str(w, "state", rows[i].state);
		json_put_i64(w, "attempts", rows[i].attempts);
		json_put_time(w, "next_attempt", rows[i].next_attempt);
		json_put_str(w, "locked_by", rows[i].locked_by);
		json_put_str(w, "last_error", rows[i].error);
		json_close_object(w);
	}
	json_close_array(w);
	return 0;
}

int stator_put_pauses(struct call *call)
{
	const struct pause_row *rows;
	size_t n;

	TRY(queue_pauses(call->c, &rows, &n));
	json_open_array(call->answer, "paused");
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		json_put_str(call->answer, "type", rows[i].type);
		json_put_str(call->answer, "state", rows[i].state);
		json_put_str(call->answer, "tenant", rows[i].domain);
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
	TRY(stator_put_pauses(call));
	return put_last_hour(call);
}

static int pause_work(struct call *call)
{
	struct queue_part part = part_of(call);

	TRY(queue_pause(call->c, &part));
	return stator_put_pauses(call);
}

static int resume(struct call *call)
{
	struct queue_part part = part_of(call);

	TRY(queue_resume(call->c, &part));
	return stator_put_pauses(call);
}

static void say_given_up(int64_t n)
{
	fprintf(stderr, "rookery: %lld given up so far\n", (long long)n);
}

static int drop_one(struct call *call)
{
	int64_t id;

	if (!str_to_i64(call->args[2], &id))
		return fail(call->c, E_INVALID, "ID is a number");
	if (cli_is_set(call, "tenant"))
		return fail(call->c, E_INVALID, "ID names one: leave out --tenant");
	return queue_drop_one(call->c, call->args[0], call->args[1], id);
}

static int drop(struct call *call)
{
	struct queue_part part = part_of(call);
	int64_t n = 1;

	if (str_is_null(call->args[2]))
		TRY(queue_drop(call->c, &part, say_given_up, &n));
	else
		TRY(drop_one(call));
	json_put_str(call->answer, "type", part.type);
	json_put_str(call->answer, "state", part.state);
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
	str next;

	TRY(queue_graph(call->c, call->args[0], &g));
	TRY(find_id(call, g, &id));
	TRY(queue_explain(call->c, call->args[0], id, &s));
	TRY(queue_next(call->c, call->args[0], s, &next));
	json_put_c(w, "type", g->type);
	json_put_id(w, "id", id);
	json_put_str(w, "state", s->state);
	json_put_time(w, "since", s->state_changed);
	json_put_str(w, "next", next);
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

#define TENANT_OPTION                                         \
	{                                                     \
		"tenant", "DOMAIN", "of this community alone" \
	}

static const struct option tenant_options[] = {
	TENANT_OPTION,
	{ NULL, NULL, NULL },
};

static const struct option retry_options[] = {
	TENANT_OPTION,
	{ "state", "STATE", "in this state alone" },
	{ NULL, NULL, NULL },
};

static const struct option list_options[] = {
	TENANT_OPTION,
	{ "failing", NULL, "those alone that were tried before" },
	{ "limit", "NUMBER", "so many at most; 100 when not given" },
	{ NULL, NULL, NULL },
};

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
	  "list",
	  { "TYPE", "[STATE]" },
	  "Lists what stators work on, that first which is due first.",
	  list_options,
	  NEED_DATABASE,
	  NULL,
	  list,
	  NULL },
	{ "stator",
	  "retry",
	  { "TYPE", "[ID]" },
	  "Makes one due at once, or all that were tried before.",
	  retry_options,
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
	  tenant_options,
	  NEED_DATABASE,
	  NULL,
	  pause_work,
	  NULL },
	{ "stator",
	  "resume",
	  { "TYPE", "[STATE]" },
	  "Goes on with what was paused.",
	  tenant_options,
	  NEED_DATABASE,
	  NULL,
	  resume,
	  NULL },
	{ "stator",
	  "drop",
	  { "TYPE", "STATE", "[ID]" },
	  "Gives up all that stand in a state, or one of them, as time would.",
	  tenant_options,
	  NEED_DATABASE,
	  NULL,
	  drop,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
