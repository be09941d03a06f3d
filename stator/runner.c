/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: only this fiber claims, so that the numbers of what is held never race. It sleeps until
 * a notification, a finished task, or the sweep says that something may be due.
 */
#include "stator/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/daemon.h"
#include "loop/fiber.h"
#include "loop/loop.h"
#include "model/activity.h"
#include "model/disk.h"
#include "model/domain.h"
#include "sql/gen/stator.h"
#include "stator/work.h"

#define PER_LANE 16 /* rows of one lane in a claim */
#define CLAIM_LIMIT 128 /* rows in a claim */
#define QUEUE_FACTOR 4 /* rows held for each that may run */

int runner_new(const struct runner_options *o, struct runner **ret)
{
	struct runner *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->options = *o;
	srandom((unsigned)clock_real());
	while (o->machines[r->n_groups])
		r->n_groups++;
	r->groups = calloc(r->n_groups, sizeof(*r->groups));
	if (!r->groups) {
		free(r);
		return -ENOMEM;
	}
	for (size_t i = 0; i < r->n_groups; i++)
		r->groups[i] = (struct group){
			.machine = o->machines[i],
			.runner = r,
			.after = -1,
			.maybe = true,
			.arena = arena_new(),
		};
	*ret = r;
	return 0;
}

void runner_free(struct runner *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_groups; i++)
		arena_free(r->groups[i].arena);
	for (size_t i = 0; i < HOST_BUCKETS; i++)
		while (r->hosts[i]) {
			struct host *next = r->hosts[i]->next;

			free(r->hosts[i]);
			r->hosts[i] = next;
		}
	free(r->groups);
	free(r);
}

void runner_wake(struct runner *r, str type)
{
	for (size_t i = 0; i < r->n_groups; i++)
		if (str_is_empty(type) || str_eq_c(type, r->groups[i].machine->graph->type))
			r->groups[i].maybe = true;
	if (r->fiber)
		fiber_wake(r->fiber);
}

void runner_disk_changed(struct runner *r)
{
	r->hurry = true;
	if (r->keeper)
		fiber_wake(r->keeper);
	runner_wake(r, STR(""));
}

void runner_stop(struct runner *r)
{
	if (!r->stopping)
		r->drain_until = clock_mono() + RUNNER_DRAIN;
	r->stopping = true;
	if (r->fiber)
		fiber_wake(r->fiber);
}

struct runner_numbers runner_numbers(const struct runner *r)
{
	struct runner_numbers n = r->numbers;

	for (size_t i = 0; i < r->n_groups; i++) {
		n.running += r->groups[i].running;
		n.queued += r->groups[i].held - r->groups[i].running;
	}
	return n;
}

static bool goes_to_hosts(const struct group *g)
{
	return g->machine->graph == &delivery_graph;
}

/* How many rows the group may hold. */
static size_t most_of(const struct group *g)
{
	if (goes_to_hosts(g))
		return (size_t)g->runner->options.program->settings.deliveries * QUEUE_FACTOR;
	return g->machine->share;
}

/* How many more it may claim. */
static size_t room_of(const struct group *g)
{
	size_t most = most_of(g);

	if (g->held >= most)
		return 0;
	return most - g->held < CLAIM_LIMIT ? most - g->held : CLAIM_LIMIT;
}

/* The moment from which a claim is worth its cost: at once when there is nothing to do, or much room and more to come. */
static usec next_claim(const struct group *g)
{
	size_t half = most_of(g) / 2;

	if (g->held == 0 || (g->more && room_of(g) >= (half < CLAIM_LIMIT ? half : CLAIM_LIMIT)))
		return 0;
	return g->claimed + CLAIM_PAUSE;
}

/* Round-robin goes on behind the highest lane; at the end it starts again. */
static void turn(struct group *g, const struct stator_job_row *rows, size_t n, size_t limit)
{
	int64_t before = g->after;

	g->after = -1;
	for (size_t i = 0; i < n && n == limit; i++)
		if (rows[i].lane > g->after)
			g->after = rows[i].lane;
	g->more = n == limit;
	g->claimed = clock_mono();
	/* Somebody may have said so meanwhile. */
	g->maybe |= n > 0 || before >= 0;
}

/*
 * A claim whose answer was lost may have worked: then rows are ours and nobody works on them. They are
 * looked for when every result is written, since until then rows that we do not hold are still ours.
 */
static int find_strays(struct group *g)
{
	struct ctx c;
	const struct stator_number_row *row;
	int result;

	if (!g->strays || g->unwritten)
		return 0;
	runner_ctx(g->runner, &c);
	result = q_stator_release(&c, str_c(g->machine->graph->type),
				  str_c(g->runner->options.worker), tasks_held(g, c.arena), &row);
	g->strays = result != 0;
	ctx_done(&c);
	return result;
}

static int claim(struct group *g, size_t room)
{
	struct ctx c;
	const struct stator_job_row *rows;
	size_t n = 0;
	int result;

	runner_ctx(g->runner, &c);
	struct q_stator_claim_args args = {
		.type = str_c(g->machine->graph->type),
		.worker = str_c(g->runner->options.worker),
		.after = g->after,
		.busy = goes_to_hosts(g) ? hosts_busy(g->runner, c.arena) : (i64s){ NULL, 0 },
		.limit = (int64_t)room,
		.per_lane = PER_LANE,
		.lease = LEASE,
	};

	result = q_stator_claim(&c, &args, &rows, &n);
	g->strays |= result == E_LATER;
	if (!result)
		turn(g, rows, n, room);
	for (size_t i = 0; !result && i < n; i++)
		result = task_start(g, &(struct job){
					       .id = rows[i].id,
					       .domain_id = rows[i].domain_id,
					       .lane = rows[i].lane,
					       .state = rows[i].state,
					       .state_changed = rows[i].state_changed,
					       .attempts = rows[i].attempts,
					       .trace = rows[i].trace,
				       });
	if (result)
		log_warn(&c, "event=claim type=%s error=%s message=\"%.*s\"",
			 g->machine->graph->type, err_name(result), STR_ARG(ctx_error(&c, result)));
	ctx_done(&c);
	return result;
}

static size_t held(const struct runner *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_groups; i++)
		n += r->groups[i].held;
	return n;
}

static usec sooner(usec a, usec b)
{
	return a < b ? a : b;
}

/* Nothing is begun while the installation rests, and while a disk is nearly full nothing but what makes room. */
static bool rests(const struct group *g)
{
	return domains_rest() || (disk_level() == DISK_READ_ONLY && !g->machine->frees);
}

/*
 * Whether a claim is worth it now, and if not, when. While results cannot be written rows may look due
 * whose work is done.
 */
static bool is_due(const struct group *g, usec now, usec *next)
{
	if (!g->maybe || room_of(g) == 0 || g->stuck || rests(g))
		return false;
	if (next_claim(g) <= now)
		return true;
	*next = sooner(*next, next_claim(g));
	return false;
}

/*
 * One round over all types; false when there is nothing to claim before *ret_next. What was told
 * while a claim was under way, perhaps about a type that the round had passed, counts as well.
 */
static bool round_of_claims(struct runner *r, int *result, usec *ret_next)
{
	usec now = clock_mono();
	bool again = false;

	*ret_next = now + SWEEP;
	for (size_t i = 0; i < r->n_groups && !r->stopping; i++) {
		struct group *g = &r->groups[i];

		if (!is_due(g, now, ret_next))
			continue;
		g->maybe = false;
		*result = find_strays(g);
		if (!*result)
			*result = claim(g, room_of(g));
		if (*result)
			return false;
	}
	now = clock_mono();
	*ret_next = now + SWEEP;
	for (size_t i = 0; i < r->n_groups; i++)
		again |= is_due(&r->groups[i], now, ret_next);
	return again;
}

static bool is_done(const struct runner *r)
{
	if (held(r) || r->writing)
		return false;
	if (r->stopping)
		return true;
	for (size_t i = 0; i < r->n_groups; i++)
		if (r->groups[i].maybe && !rests(&r->groups[i]))
			return false;
	return r->options.once;
}

/*
 * --once: what the last tasks left behind may be due in any type, and its notification still on the
 * way; so all types are asked again until nothing was handled in between.
 */
static bool sweep_again(struct runner *r)
{
	if (!r->options.once || r->stopping || held(r) || r->writing ||
	    r->swept == r->numbers.handled)
		return false;
	r->swept = r->numbers.handled;
	for (size_t i = 0; i < r->n_groups; i++)
		r->groups[i].maybe = true;
	return true;
}

static int helpers_start(struct runner *r)
{
	for (size_t i = 0; i < r->n_groups; i++) {
		TRY(fiber_spawn(r->options.doors->loop, result_writer, &r->groups[i]));
		r->helpers++;
	}
	TRY(fiber_spawn(r->options.doors->loop, house_keeper, r));
	r->helpers++;
	return 0;
}

/* Rows that a former process of this name held are nobody's: no other bears the name now. */
static int release_all(struct runner *r)
{
	struct ctx c;
	const struct stator_number_row *row;
	int result = 0;

	runner_ctx(r, &c);
	for (size_t i = 0; i < r->n_groups && !result; i++)
		result = q_stator_release(&c, str_c(r->groups[i].machine->graph->type),
					  str_c(r->options.worker), (i64s){ NULL, 0 }, &row);
	if (result)
		log_warn(&c, "event=release error=%s", err_name(result));
	ctx_done(&c);
	return result;
}

static void worker_seen(struct runner *r, bool is_start)
{
	struct ctx c;

	runner_ctx(r, &c);
	if (is_start ? q_stator_worker_seen(&c, str_c(r->options.worker), 0, true, NULL)
		     : q_stator_worker_gone(&c, str_c(r->options.worker), NULL))
		log_debug(&c, "event=worker_seen failed");
	ctx_done(&c);
}

static void helpers_end(struct runner *r)
{
	r->stopping = r->ended = true;
	for (size_t i = 0; i < r->n_groups; i++)
		if (r->groups[i].writer)
			fiber_wake(r->groups[i].writer);
	if (r->keeper)
		fiber_wake(r->keeper);
	while (r->helpers)
		fiber_park(0);
}

/* A sweep: whatever was not told is looked for. */
static void sweep(struct runner *r)
{
	for (size_t i = 0; i < r->n_groups; i++)
		r->groups[i].maybe = true;
	r->next_sweep = clock_mono() + SWEEP;
}

int runner_run(struct runner *r)
{
	usec next = 0;
	int result = 0;

	r->fiber = fiber_self();
	TRY(release_all(r));
	worker_seen(r, true);
	daemon_ready();
	house_expire(r);
	r->next_sweep = clock_mono() + SWEEP;
	TRY(helpers_start(r));
	while (sweep_again(r) || !is_done(r)) {
		if (r->stopping || domains_rest())
			queues_drop(r);
		if (r->stopping && clock_mono() >= r->drain_until)
			break;
		if (!r->stopping && round_of_claims(r, &result, &next))
			continue;
		if (result && r->options.once)
			runner_stop(r);
		if (!is_done(r))
			fiber_park(r->stopping ? r->drain_until : sooner(next, r->next_sweep));
		if (!r->options.once && clock_mono() >= r->next_sweep)
			sweep(r);
	}
	helpers_end(r);
	release_all(r);
	worker_seen(r, false);
	r->fiber = NULL;
	return result;
}
