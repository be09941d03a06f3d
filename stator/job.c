/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: every claimed row becomes exactly one task and every task ends with exactly one result.
 * Tasks of one remote host wait in the host's queue: one at a time until an exchange worked, then a
 * few, so that silent hosts can never take the places of healthy ones. Hosts that may start a task
 * stand in line for the next free place. When an exchange fails, the queue is given back: what is
 * to happen with the host's other rows is its breaker's to say.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "db/db.h"
#include "loop/fiber.h"
#include "model/activity.h"
#include "model/domain.h"
#include "stator/work.h"

static void task_run(void *arg);

struct host *host_of(struct runner *r, int64_t id)
{
	struct host **bucket = &r->hosts[(uint64_t)id % HOST_BUCKETS];
	struct host *h = *bucket;

	while (h && h->id != id)
		h = h->next;
	if (h)
		return h;
	h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	h->id = id;
	h->next = *bucket;
	*bucket = h;
	return h;
}

/* Hosts that nothing is held for and nothing is known of need no memory. */
static void host_forget(struct runner *r, struct host *h)
{
	struct host **at = &r->hosts[(uint64_t)h->id % HOST_BUCKETS];

	if (h->held || h->proven || h->in_turn || h->passed_over)
		return;
	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	free(h);
}

static unsigned host_limit(const struct runner *r, const struct host *h)
{
	return h->proven ? (unsigned)r->options.program->settings.deliveries_per_host : 1;
}

/* What is worth holding for it: while some are under way, the next ones wait in the queue. */
static unsigned host_enough(const struct runner *r, const struct host *h)
{
	return h->proven ? 2 * host_limit(r, h) : 1;
}

i64s hosts_busy(struct runner *r, struct arena *a)
{
	size_t n = 0;
	int64_t *ids;

	for (size_t i = 0; i < HOST_BUCKETS; i++)
		for (struct host *h = r->hosts[i]; h; h = h->next)
			n += h->held > host_enough(r, h);
	ids = arena_array(a, n + 1, sizeof(*ids));
	n = 0;
	for (size_t i = 0; i < HOST_BUCKETS; i++)
		for (struct host *h = r->hosts[i]; h; h = h->next)
			if (h->held > host_enough(r, h)) {
				h->passed_over = true;
				ids[n++] = h->id;
			}
	return (i64s){ ids, n };
}

static int task_spawn(struct task *t)
{
	int result = fiber_spawn(t->group->runner->options.doors->loop, task_run, t);

	if (result)
		return result;
	t->started = clock_mono();
	t->group->running++;
	if (t->host)
		t->host->running++;
	return 0;
}

static void queue_push(struct host *h, struct task *t)
{
	if (h->last)
		h->last->queue_next = t;
	else
		h->first = t;
	h->last = t;
}

static struct task *queue_take(struct host *h)
{
	struct task *t = h->first;

	h->first = t->queue_next;
	if (!h->first)
		h->last = NULL;
	return t;
}

/* Lets the host stand in line when it may start a task. */
static void line_up(struct runner *r, struct host *h)
{
	if (h->in_turn || !h->first || h->running >= host_limit(r, h))
		return;
	h->in_turn = true;
	h->turn_next = NULL;
	if (r->turn_last)
		r->turn_last->turn_next = h;
	else
		r->turn_first = h;
	r->turn_last = h;
}

static struct host *line_next(struct runner *r)
{
	struct host *h = r->turn_first;

	r->turn_first = h->turn_next;
	if (!r->turn_first)
		r->turn_last = NULL;
	h->in_turn = false;
	return h;
}

/* Starts queued tasks while there are places, one of each host in turn. */
static void line_go(struct runner *r, struct group *g)
{
	while (r->turn_first && g->running < (size_t)r->options.program->settings.deliveries) {
		struct host *h = line_next(r);

		if (h->first && h->running < host_limit(r, h)) {
			if (task_spawn(h->first)) {
				line_up(r, h);
				return;
			}
			queue_take(h);
		}
		line_up(r, h);
		host_forget(r, h);
	}
}

static void task_unlink(struct task *t)
{
	*t->at = t->next;
	if (t->next)
		t->next->at = t->at;
	t->group->held--;
}

static void queue_drop(struct host *h)
{
	while (h->first) {
		struct task *t = queue_take(h);

		result_back(t, OUTCOME_BACK);
		task_unlink(t);
		h->held--;
		free(t);
	}
}

void queues_drop(struct runner *r)
{
	for (size_t i = 0; i < HOST_BUCKETS; i++)
		for (struct host *h = r->hosts[i]; h; h = h->next)
			queue_drop(h);
}

static job_fn handler_of(const struct machine *m, str state)
{
	for (const struct state_handler *h = m->handlers; h->state; h++)
		if (str_eq_c(state, h->state))
			return h->fn;
	return NULL;
}

static struct task **bucket_of(struct group *g, int64_t id)
{
	/* Fibonacci's: ids are dense, or snowflakes with few bits that differ. */
	return &g->tasks[((uint64_t)id * 0x9e3779b97f4a7c15u) >> (64 - TASK_BUCKET_BITS)];
}

static void task_link(struct task *t)
{
	struct task **bucket = bucket_of(t->group, t->job.id);

	t->next = *bucket;
	t->at = bucket;
	if (t->next)
		t->next->at = &t->next;
	*bucket = t;
	t->group->held++;
}

/* A lease ran out while the database was away, a claim was lost in its crash, or others moved the row. */
static bool is_under_way(struct group *g, int64_t id)
{
	for (const struct task *t = *bucket_of(g, id); t; t = t->next)
		if (t->job.id == id)
			return true;
	return false;
}

i64s tasks_held(const struct group *g, struct arena *a)
{
	int64_t *ids = arena_array(a, g->held + 1, sizeof(*ids));
	size_t n = 0;

	for (size_t i = 0; i < TASK_BUCKETS; i++)
		for (const struct task *t = g->tasks[i]; t; t = t->next)
			ids[n++] = t->job.id;
	return (i64s){ ids, n };
}

int task_start(struct group *g, const struct job *j)
{
	struct task *t;

	if (is_under_way(g, j->id))
		return 0;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->group = g;
	t->job = *j;
	t->state = graph_state_of(g->machine->graph, j->state);
	t->fn = handler_of(g->machine, j->state);
	if (t->state) /* the row's own text goes with the claim's arena */
		t->job.state = str_c(t->state->name);
	if (g->machine->graph == &delivery_graph)
		t->host = host_of(g->runner, j->lane >> 16);
	task_link(t);
	if (!t->host)
		return task_spawn(t);
	t->host->held++;
	queue_push(t->host, t);
	line_up(g->runner, t->host);
	line_go(g->runner, g);
	return 0;
}

static void host_served(struct group *g, struct host *h)
{
	struct runner *r = g->runner;

	h->running--;
	h->held--;
	if (!h->proven)
		queue_drop(h);
	if (h->passed_over && h->held <= host_enough(r, h)) {
		h->passed_over = false;
		g->maybe = true;
	}
	line_up(r, h);
	host_forget(r, h);
}

void task_end(struct task *t)
{
	struct group *g = t->group;
	struct host *h = t->host;

	task_unlink(t);
	g->running--;
	free(t);
	if (h) {
		host_served(g, h);
		line_go(g->runner, g);
	}
	if (g->runner->fiber)
		fiber_wake(g->runner->fiber);
}

/* Whether the state may follow; a handler that says otherwise is our bug, and the row must not take it. */
static int judge(struct ctx *c, const struct task *t, int err, const char *next)
{
	if (err || !next || graph_allows(t->group->machine->graph, t->job.state, str_c(next)))
		return err;
	return fail(c, -EINVAL, "no edge leads from %.*s to %s", STR_ARG(t->job.state), next);
}

/*
 * A tenant that is suspended, moving or gone signs nothing. Work of one that may be served again is not claimed; what
 * was claimed before it was known here waits as well, and that was no attempt.
 */
static int check_tenant(struct ctx *c, struct task *t)
{
	if (!c->domain || t->group->machine->graph == &domain_graph ||
	    c->domain->state == DOMAIN_ACTIVE || c->domain->state == DOMAIN_DELETING)
		return 0;
	t->rests = domain_waits(c->domain->state);
	return fail(c, t->rests ? -EAGAIN : E_LATER, "the community is not active");
}

static int handle(struct ctx *c, struct task *t, const char **ret_next, usec *ret_at)
{
	int result;

	if (!t->fn)
		return fail(c, -EINVAL, "the state %.*s has no handler", STR_ARG(t->job.state));
	TRY(ctx_bind(c, t->job.domain_id));
	log_debug(c, "event=job_begin type=%s id=%lld state=%.*s", c->job_type,
		  (long long)c->job_id, STR_ARG(t->job.state));
	TRY(check_tenant(c, t));
	result = t->fn(c, &t->job, ret_next, ret_at);
	db_rollback(c);
	return judge(c, t, result, *ret_next);
}

/* What became of somebody's request is seen at the usual level; the words of a failure stand in the row. */
static void say_end(const struct ctx *c, const struct task *t, int err, const char *next)
{
	long long ms = (clock_mono() - t->started) / USEC_MSEC;

	if (!t->job.trace || err < 0)
		return;
	if (err)
		log_info(c, "event=job_failed type=%s id=%lld state=%.*s error=%s ms=%lld",
			 c->job_type, (long long)c->job_id, STR_ARG(t->job.state), err_name(err),
			 ms);
	else
		log_info(c, "event=job_end type=%s id=%lld state=%.*s next=%.*s ms=%lld",
			 c->job_type, (long long)c->job_id, STR_ARG(t->job.state),
			 STR_ARG(next ? str_c(next) : t->job.state), ms);
}

static void task_run(void *arg)
{
	struct task *t = arg;
	struct ctx c;
	const char *next = NULL;
	usec at = 0;
	int err;

	runner_ctx(t->group->runner, &c);
	ctx_follow(&c, t->job.trace);
	c.job_type = t->group->machine->graph->type;
	c.job_id = t->job.id;
	err = handle(&c, t, &next, &at);
	if (err)
		next = NULL;
	if (t->host)
		t->host->proven = !err && next;
	if (err == -EAGAIN)
		log_debug(&c, "event=job type=%s id=%lld message=\"%.*s\"",
			  t->group->machine->graph->type, (long long)t->job.id,
			  STR_ARG(ctx_error(&c, err)));
	else if (err < 0)
		log_error(&c, "event=job type=%s id=%lld state=%.*s error=%d message=\"%.*s\"",
			  t->group->machine->graph->type, (long long)t->job.id,
			  STR_ARG(t->job.state), err, STR_ARG(ctx_error(&c, err)));
	say_end(&c, t, err, next);
	result_add(t, err, next, at, ctx_error(&c, err));
	ctx_done(&c);
	task_end(t);
}
