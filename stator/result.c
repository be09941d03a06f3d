/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: results are written in the order in which tasks ended, each batch by one statement; a
 * batch that cannot be written is tried until it can, since the rows' leases protect it meanwhile.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "loop/fiber.h"
#include "model/activity.h"
#include "sql/gen/stator.h"
#include "stator/work.h"

#define BATCH_LIMIT 256
#define RETRY_DELAY (200 * USEC_MSEC)

static double chance(void)
{
	return (double)random() / (double)RAND_MAX;
}

/* When to try again: at the given moment, else by the schedule; what no repetition helps, at its end. */
static usec next_attempt(const struct task *t, int err, usec at)
{
	usec now = clock_real();
	int attempts = (int)(t->job.attempts < 1000 ? t->job.attempts : 1000);

	if (!t->state || !t->state->first)
		return now + USEC_HOUR;
	if (at)
		return at;
	if (err > 0 && !err_is_transient(err))
		return now + t->state->ceiling;
	return now + graph_delay(t->state, attempts, chance());
}

static struct result *result_room(struct group *g)
{
	if (g->n_results == g->room) {
		size_t room = g->room ? g->room * 2 : 64;
		struct result *more = arena_array(g->arena, room, sizeof(*more));

		if (g->n_results)
			memcpy(more, g->results, g->n_results * sizeof(*more));
		g->results = more;
		g->room = room;
	}
	return &g->results[g->n_results++];
}

static void count(struct task *t, int err)
{
	struct group *g = t->group;
	size_t place = t->state ? (size_t)(t->state - g->machine->graph->states) : 0;
	struct tally *tally = &g->tallies[place < STATE_LIMIT ? place : 0];

	tally->handled++;
	tally->failed += err != 0;
	tally->busy += clock_mono() - t->started;
	g->runner->numbers.handled++;
	g->runner->numbers.failed += err != 0;
}

/* A new automatic state begins after its waiting time; one at rest is never due. */
static usec first_attempt(const struct group *g, const char *next)
{
	const struct graph_state *s = graph_state_of(g->machine->graph, str_c(next));

	return clock_real() + (s ? s->wait : 0);
}

static void wake_writer(struct group *g)
{
	g->unwritten++;
	g->runner->writing++;
	if (g->writer)
		fiber_wake(g->writer);
}

void result_back(struct task *t, enum outcome outcome)
{
	*result_room(t->group) = (struct result){ .id = t->job.id, .outcome = outcome };
	wake_writer(t->group);
}

/* Whatever others said, the database takes it. */
static str text_of(struct arena *a, int err, str error)
{
	if (!err)
		return STR("");
	if (!str_is_utf8(error) || str_find_char(error, 0, 0) != SIZE_MAX)
		return str_c(err_name(err));
	return str_dup(a, str_clip(error, ERROR_LIMIT));
}

void result_add(struct task *t, int err, const char *next, usec at, str error)
{
	struct group *g = t->group;
	bool stays = !next || str_eq_c(t->job.state, next);
	struct result *r;

	if (err == -EAGAIN) {
		result_back(t, t->rests ? OUTCOME_REST : OUTCOME_PAUSE);
		return;
	}
	r = result_room(g);
	r->id = t->job.id;
	r->claimed = t->job.state_changed;
	r->outcome = OUTCOME_DONE;
	r->state = stays ? STR("") : str_c(next);
	if (next && at)
		r->next = at;
	else
		r->next = next && !stays ? first_attempt(g, next) : next_attempt(t, err, at);
	r->error = text_of(g->arena, err, error);
	count(t, err);
	wake_writer(g);
}

/* The ends of attempts. */
static int write_done(struct group *g, struct ctx *c, const struct result *results, size_t all)
{
	int64_t *ids = arena_array(c->arena, all, sizeof(*ids));
	int64_t *claimed = arena_array(c->arena, all, sizeof(*claimed));
	int64_t *next = arena_array(c->arena, all, sizeof(*next));
	str *states = arena_array(c->arena, all, sizeof(*states));
	str *errors = arena_array(c->arena, all, sizeof(*errors));
	const struct stator_number_row *row;
	size_t n = 0;

	for (size_t i = 0; i < all; i++) {
		if (results[i].outcome != OUTCOME_DONE)
			continue;
		ids[n] = results[i].id;
		claimed[n] = results[i].claimed;
		next[n] = results[i].next;
		states[n] = results[i].state;
		errors[n++] = results[i].error;
	}
	if (!n)
		return 0;
	struct q_stator_finish_args args = {
		.type = str_c(g->machine->graph->type),
		.worker = str_c(g->runner->options.worker),
		.ids = { ids, n },
		.claimed = { claimed, n },
		.states = { states, n },
		.next = { next, n },
		.errors = { errors, n },
	};

	TRY(q_stator_finish(c, &args, &row));
	if (row->n != (int64_t)n)
		log_debug(c,
			  "event=finish type=%s lost=%lld reason=\"others moved them meanwhile\"",
			  g->machine->graph->type, (long long)((int64_t)n - row->n));
	return 0;
}

/* Rows that were not worked on: a lease of a moment, or none. */
static int write_back(struct group *g, struct ctx *c, enum outcome outcome, usec lease,
		      const struct result *results, size_t all)
{
	int64_t *ids = arena_array(c->arena, all, sizeof(*ids));
	const struct stator_number_row *row;
	size_t n = 0;

	for (size_t i = 0; i < all; i++)
		if (results[i].outcome == outcome)
			ids[n++] = results[i].id;
	if (!n)
		return 0;
	return q_stator_renew(c, str_c(g->machine->graph->type), str_c(g->runner->options.worker),
			      (i64s){ ids, n }, lease, &row);
}

static int write_batch(struct group *g, const struct result *results, size_t n)
{
	struct ctx c;
	int err;

	runner_ctx(g->runner, &c);
	err = write_done(g, &c, results, n);
	if (!err)
		err = write_back(g, &c, OUTCOME_PAUSE, PAUSE, results, n);
	if (!err)
		err = write_back(g, &c, OUTCOME_REST, REST, results, n);
	if (!err)
		err = write_back(g, &c, OUTCOME_BACK, 0, results, n);
	if (err)
		log_warn(&c, "event=finish type=%s error=%s message=\"%.*s\"",
			 g->machine->graph->type, err_name(err), STR_ARG(ctx_error(&c, err)));
	ctx_done(&c);
	return err;
}

/* What became due by it: rows that were given back. Of others the database tells those that listen; after a
 * delivery there is nothing. */
static void look_again(struct group *g, const struct result *results, size_t n)
{
	if (g->runner->options.once && g->machine->graph != &delivery_graph)
		runner_wake(g->runner, STR(""));
	for (size_t i = 0; i < n; i++)
		g->maybe |= results[i].outcome == OUTCOME_BACK;
}

/*
 * Takes what is there out of the group, so that tasks can add more while it is written. A batch that
 * the database refuses for another reason than its absence is left to the end of the rows' leases.
 */
static void write_all(struct group *g)
{
	struct arena *arena = g->arena;
	struct result *results = g->results;
	size_t n = g->n_results, done = 0;

	g->arena = arena_new();
	g->results = NULL;
	g->n_results = g->room = 0;
	while (done < n) {
		size_t batch = n - done < BATCH_LIMIT ? n - done : BATCH_LIMIT;

		if (write_batch(g, results + done, batch) == E_LATER) {
			g->stuck = true;
			if (g->runner->ended)
				break;
			fiber_sleep(RETRY_DELAY);
			continue;
		}
		look_again(g, results + done, batch);
		done += batch;
		g->unwritten -= batch;
		g->runner->writing -= batch;
	}
	g->stuck &= done < n || g->n_results > 0;
	arena_free(arena);
}

void result_writer(void *arg)
{
	struct group *g = arg;

	g->writer = fiber_self();
	while (!g->runner->ended || g->n_results) {
		if (!g->n_results) {
			fiber_park(0);
			continue;
		}
		if (g->running && g->n_results < BATCH_LIMIT && !g->runner->stopping)
			fiber_sleep(WRITE_PAUSE);
		write_all(g);
		if (g->runner->fiber)
			fiber_wake(g->runner->fiber);
	}
	g->writer = NULL;
	g->runner->helpers--;
	fiber_wake(g->runner->fiber);
}
