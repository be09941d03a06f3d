/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what an operator does moves rows along declared edges only. */
#include "model/queue.h"

#include "base/out.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/graph.h"
#include "sql/gen/domain.h"

#define DROP_LIMIT 10000 /* rows at once, so that nobody waits long for them */
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

str queue_subject(struct ctx *c, const struct queue_part *part)
{
	return str_fmt(c->arena, "%.*s%s%.*s%s%.*s", STR_ARG(part->type), part->state.n ? " " : "",
		       STR_ARG(part->state), part->tenant.n ? " of " : "", STR_ARG(part->tenant));
}

str queue_resume_command(struct ctx *c, const struct queue_part *part)
{
	return str_fmt(c->arena, "rookery stator resume %.*s%s%.*s%s%.*s", STR_ARG(part->type),
		       part->state.n ? " " : "", STR_ARG(part->state),
		       part->tenant.n ? " --tenant=" : "", STR_ARG(part->tenant));
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

/* What a part names is there; the number of its tenant, 0: of all. */
static int check_part(struct ctx *c, const struct queue_part *part, int64_t *ret_domain)
{
	const struct domain_row *d;
	const struct graph *g;
	str name;
	int result;

	*ret_domain = 0;
	TRY(queue_graph(c, part->type, &g));
	if (part->state.n)
		TRY(check_state(c, g, part->state));
	if (!part->tenant.n)
		return 0;
	TRY(domain_name_normalise(c, part->tenant, &name));
	result = q_domain_by_name(c, name, &d);
	if (result == E_NOT_FOUND)
		return fail(c, result, "there is no domain %.*s", STR_ARG(name));
	*ret_domain = result ? 0 : d->id;
	return result;
}

int queue_pause(struct ctx *c, const struct queue_part *part)
{
	int64_t domain_id;
	size_t n;

	TRY(check_part(c, part, &domain_id));
	TRY(q_pause_add(c, part->type, part->state, c->user_id, domain_id, &n));
	return n ? audit_add(c, "stator.pause", queue_subject(c, part), STR("")) : 0;
}

int queue_resume(struct ctx *c, const struct queue_part *part)
{
	int64_t domain_id;
	size_t n;

	TRY(check_part(c, part, &domain_id));
	TRY(q_pause_remove(c, part->type, part->state, domain_id, &n));
	if (!n)
		return fail(c, E_CONFLICT, "%.*s is not paused", STR_ARG(queue_subject(c, part)));
	return audit_add(c, "stator.resume", queue_subject(c, part), STR(""));
}

int queue_pauses(struct ctx *c, const struct pause_row **ret, size_t *ret_n)
{
	return q_pause_list(c, ret, ret_n);
}

bool queue_is_paused(const struct pause_row *rows, size_t n, const struct queue_part *part)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].type, part->type) && str_eq(rows[i].state, part->state) &&
		    str_eq(rows[i].domain, part->tenant))
			return true;
	return false;
}

int queue_list(struct ctx *c, const struct queue_view *view, const struct stator_listed_row **ret,
	       size_t *ret_n)
{
	struct q_stator_list_args args = {
		.type = view->part.type,
		.state = view->part.state,
		.failing = view->failing,
		.limit = view->limit,
	};

	TRY(check_part(c, &view->part, &args.domain_id));
	return q_stator_list(c, &args, ret, ret_n);
}

int queue_retry_one(struct ctx *c, str type, int64_t id)
{
	const struct stator_number_row *row;
	const struct graph *g;

	TRY(queue_graph(c, type, &g));
	TRY(q_stator_retry_one(c, type, id, &row));
	if (!row->n)
		return fail(c, E_CONFLICT, "%s %lld is not there, at rest, or being worked on",
			    g->type, (long long)id);
	return audit_add(c, "stator.retry", type,
			 str_fmt(c->arena, "{\"id\":%lld}", (long long)id));
}

int queue_retry(struct ctx *c, const struct queue_part *part, int64_t *ret_n)
{
	const struct stator_touched_row *row;
	int64_t domain_id;

	TRY(check_part(c, part, &domain_id));
	TRY(q_stator_retry_part(c, part->type, part->state, domain_id, &row));
	*ret_n = row->n;
	return audit_add(c, "stator.retry", queue_subject(c, part),
			 str_fmt(c->arena, "{\"n\":%lld}", (long long)row->n));
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

static int drop_all(struct ctx *c, const struct q_stator_drop_part_args *args,
		    void (*progress)(int64_t n), int64_t *n)
{
	const struct stator_touched_row *row;

	for (;;) {
		TRY(q_stator_drop_part(c, args, &row));
		*n += row->n;
		if (row->n < args->limit)
			return 0;
		if (progress)
			progress(*n);
	}
}

int queue_drop(struct ctx *c, const struct queue_part *part, void (*progress)(int64_t n),
	       int64_t *ret_n)
{
	struct q_stator_drop_part_args args = { .type = part->type,
						.state = part->state,
						.limit = DROP_LIMIT };
	const char *to;
	int64_t n = 0;
	int result;

	TRY(check_part(c, part, &args.domain_id));
	TRY(after_timeout(c, part->type, part->state, &to));
	args.to = str_c(to);
	result = drop_all(c, &args, progress, &n);
	/* Steps that were made are written down, whatever became of the next. */
	if (n || !result)
		TRY(audit_add(c, "stator.drop", queue_subject(c, part),
			      str_fmt(c->arena, "{\"to\":\"%s\",\"n\":%lld}", to, (long long)n)));
	*ret_n = n;
	return result;
}

int queue_drop_one(struct ctx *c, str type, str state, int64_t id)
{
	const struct stator_touched_row *row;
	const char *to;

	TRY(after_timeout(c, type, state, &to));
	TRY(q_stator_drop_one(c, type, id, state, str_c(to), &row));
	if (!row->n)
		return fail(c, E_CONFLICT,
			    "%.*s %lld is not there, has moved, or is being worked on",
			    STR_ARG(type), (long long)id);
	return audit_add(c, "stator.drop",
			 queue_subject(c, &(struct queue_part){ type, state, STR("") }),
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

static str pause_sentence(struct ctx *c, const struct queue_part *part, str since, str who)
{
	str what = queue_subject(c, part), command = queue_resume_command(c, part);

	if (who.n)
		return str_fmt(c->arena,
			       "%.*s is paused since %.*s, by %.*s; it goes on after: %.*s",
			       STR_ARG(what), STR_ARG(since), STR_ARG(who), STR_ARG(command));
	return str_fmt(c->arena,
		       "%.*s is paused since %.*s, on the command line; it goes on after: %.*s",
		       STR_ARG(what), STR_ARG(since), STR_ARG(command));
}

/* Of a tenant that is not served. */
static str absence_sentence(struct ctx *c, const struct stator_rest_row *r, str since)
{
	str name = r->domain;

	if (!str_eq_c(r->tenant_state, "suspended"))
		return str_fmt(
			c->arena,
			"its community %.*s is %.*s since %.*s: it waits until that is served",
			STR_ARG(name), STR_ARG(r->tenant_state), STR_ARG(since));
	if (r->who.n)
		return str_fmt(
			c->arena,
			"its community %.*s is suspended since %.*s, by %.*s; it goes on after: "
			"rookery domain resume %.*s",
			STR_ARG(name), STR_ARG(since), STR_ARG(r->who), STR_ARG(name));
	return str_fmt(
		c->arena,
		"its community %.*s is suspended since %.*s, on the command line; it goes on after: "
		"rookery domain resume %.*s",
		STR_ARG(name), STR_ARG(since), STR_ARG(name));
}

static str rest_sentence(struct ctx *c, str type, const struct stator_rest_row *r)
{
	const struct queue_part part = { type, r->state, r->domain };
	str since = clock_iso(c->arena, r->since);

	return r->tenant_state.n ? absence_sentence(c, r, since)
				 : pause_sentence(c, &part, since, r->who);
}

static const char *next_of(const struct ctx *c, const struct stator_standing_row *s)
{
	if (!s->automatic)
		return "nothing: it rests in this state until something else moves it";
	if (s->locked_by.n)
		return "a stator is working on it; next_attempt is the end of its lease";
	if (s->next_attempt <= c->now)
		return "it is due: the next stator that has room works on it";
	return "a stator works on it at next_attempt";
}

int queue_next(struct ctx *c, str type, const struct stator_standing_row *s, str *ret)
{
	const struct stator_rest_row *rests;
	size_t n = 0;

	if (s->automatic && !s->locked_by.n)
		TRY(q_stator_rest(c, type, s->id, &rests, &n));
	*ret = n ? rest_sentence(c, type, &rests[0]) : str_c(next_of(c, s));
	return 0;
}
