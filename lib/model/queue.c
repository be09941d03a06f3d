/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what an operator does moves rows along declared edges only. */
#include "model/queue.h"

#include "base/out.h"
#include "model/audit.h"
#include "model/graph.h"

#define DROP_LIMIT 100000 /* rows at once */
#define NAMES_LIMIT 4096

int queue_graph(struct ctx *c, str type, const struct graph **ret)
{
	struct out o;

	*ret = graph_of_type(type);
	if (*ret)
		return 0;
	out_init(&o, c->arena, NAMES_LIMIT);
	for (const struct graph *const *g = graphs; *g; g++)
		out_fmt(&o, "%s%s", g == graphs ? "" : ", ", (*g)->type);
	return fail(c, E_INVALID, "TYPE is one of %.*s", STR_ARG(out_view(&o)));
}

static str subject_of(struct ctx *c, str type, str state)
{
	return state.n ? str_fmt(c->arena, "%.*s %.*s", STR_ARG(type), STR_ARG(state)) : type;
}

/* A state that stators work on. */
static int check_state(struct ctx *c, const struct graph *g, str state)
{
	const struct graph_state *s = graph_state_of(g, state);

	return s && !s->external && s->first
		       ? 0
		       : fail(c, E_INVALID, "stators work on no state \"%.*s\" of the type %s",
			      STR_ARG(state), g->type);
}

int queue_pause(struct ctx *c, str type, str state)
{
	const struct graph *g;
	size_t n;

	TRY(queue_graph(c, type, &g));
	if (state.n)
		TRY(check_state(c, g, state));
	TRY(q_pause_add(c, type, state, c->user_id, &n));
	return n ? audit_add(c, "stator.pause", subject_of(c, type, state), STR("")) : 0;
}

int queue_resume(struct ctx *c, str type, str state)
{
	const struct graph *g;
	size_t n;

	TRY(queue_graph(c, type, &g));
	TRY(q_pause_remove(c, type, state, &n));
	if (!n)
		return fail(c, E_CONFLICT, "%.*s is not paused",
			    STR_ARG(subject_of(c, type, state)));
	return audit_add(c, "stator.resume", subject_of(c, type, state), STR(""));
}

int queue_pauses(struct ctx *c, const struct pause_row **ret, size_t *ret_n)
{
	return q_pause_list(c, ret, ret_n);
}

bool queue_is_paused(const struct pause_row *rows, size_t n, const char *type, str state)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(rows[i].type, type) && str_eq(rows[i].state, state))
			return true;
	return false;
}

int queue_retry(struct ctx *c, str type, int64_t id, int64_t *ret_n)
{
	const struct stator_number_row *row;
	const struct graph *g;

	TRY(queue_graph(c, type, &g));
	TRY(q_stator_retry(c, type, id, &row));
	if (id && !row->n)
		return fail(c, E_CONFLICT, "%s %lld is not there, at rest, or being worked on",
			    g->type, (long long)id);
	*ret_n = row->n;
	return audit_add(c, "stator.retry", type,
			 str_fmt(c->arena, "{\"id\":%lld,\"n\":%lld}", (long long)id,
				 (long long)row->n));
}

/* The state that what stands in one comes to when it is given up. */
static int after_timeout(struct ctx *c, str type, str state, const char **ret)
{
	const struct graph_state *s;
	const struct graph *g;

	TRY(queue_graph(c, type, &g));
	TRY(check_state(c, g, state));
	s = graph_state_of(g, state);
	if (!s->timeout_to)
		return fail(c, E_CONFLICT,
			    "what is %.*s is never given up: nothing follows but its work",
			    STR_ARG(state));
	*ret = s->timeout_to;
	return 0;
}

int queue_drop(struct ctx *c, str type, str state, int64_t *ret_n)
{
	struct q_stator_timeout_args args = { .type = type, .state = state, .limit = DROP_LIMIT };
	const struct stator_number_row *row;
	const char *to;

	TRY(after_timeout(c, type, state, &to));
	args.to = str_c(to);
	TRY(q_stator_timeout(c, &args, &row));
	*ret_n = row->n;
	return audit_add(c, "stator.drop", subject_of(c, type, state),
			 str_fmt(c->arena, "{\"to\":\"%s\",\"n\":%lld}", to, (long long)row->n));
}

int queue_drop_one(struct ctx *c, str type, str state, int64_t id)
{
	const struct stator_dropped_row *row;
	const char *to;

	TRY(after_timeout(c, type, state, &to));
	TRY(q_stator_drop_one(c, type, id, state, str_c(to), &row));
	if (!row->n)
		return fail(c, E_CONFLICT,
			    "%.*s %lld is not there, has moved, or is being worked on",
			    STR_ARG(type), (long long)id);
	return audit_add(c, "stator.drop", subject_of(c, type, state),
			 str_fmt(c->arena, "{\"to\":\"%s\",\"id\":%lld}", to, (long long)id));
}

int queue_explain(struct ctx *c, str type, int64_t id, const struct stator_standing_row **ret)
{
	const struct graph *g;
	int result;

	TRY(queue_graph(c, type, &g));
	result = q_stator_explain(c, type, id, ret);
	return result == E_NOT_FOUND
		       ? fail(c, result, "there is no %s %lld", g->type, (long long)id)
		       : result;
}

const char *queue_next(const struct ctx *c, const struct stator_standing_row *s)
{
	if (!s->automatic)
		return "nothing: it rests in this state until something else moves it";
	if (s->locked_by.n)
		return "a stator is working on it; next_attempt is the end of its lease";
	if (s->next_attempt <= c->now)
		return "it is due: the next stator that has room works on it";
	return "a stator works on it at next_attempt";
}
