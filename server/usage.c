/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: every place of the table is a tenant's from its first request on, for the life of the process; what was told
 * to the database is taken out, and put back when it was not taken. Tenants are few and known, so that the table stays
 * small; those that find no place any more are not counted.
 */
#include "server/usage.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "loop/fiber.h"
#include "model/domain.h"
#include "model/program.h"
#include "server/metrics.h"
#include "sql/gen/usage.h"

#define PLACES 16384 /* a power of two */
#define PAUSE USEC_MINUTE
#define LAST_WORD (5 * USEC_SEC) /* that the last of it may take */

static struct place {
	int64_t domain_id; /* 0: free */
	int64_t n;
} places[PLACES];

static struct place *place_of(int64_t id)
{
	size_t at = (size_t)(((uint64_t)id * 0x9e3779b97f4a7c15u) % PLACES);

	for (size_t i = 0; i < PLACES; i++, at = (at + 1) % PLACES) {
		int64_t there = __atomic_load_n(&places[at].domain_id, __ATOMIC_RELAXED);

		if (there == id)
			return &places[at];
		if (there == 0 &&
		    __atomic_compare_exchange_n(&places[at].domain_id, &there, id, false,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return &places[at];
		if (there == id)
			return &places[at];
	}
	return NULL;
}

void usage_note(int64_t domain_id)
{
	struct place *p = place_of(domain_id);

	if (p)
		__atomic_add_fetch(&p->n, 1, __ATOMIC_RELAXED);
}

struct usage_teller {
	const struct program *program;
	const struct doors *doors;
	struct fiber *fiber, *ender;
	bool running, ended;
};

static int send(struct ctx *c, const int64_t *ids, const int64_t *counts, size_t n)
{
	const struct usage_done_row *done;

	return n ? q_usage_count(c, (i64s){ ids, n }, (i64s){ counts, n }, &done) : 0;
}

static void tell(struct usage_teller *t)
{
	struct ctx c;
	int64_t *ids, *counts;
	size_t n = 0;

	ctx_open(&c, t->program, t->doors);
	if (t->ended)
		c.deadline = clock_mono() + LAST_WORD;
	ids = arena_array(c.arena, PLACES, sizeof(*ids));
	counts = arena_array(c.arena, PLACES, sizeof(*counts));
	for (size_t i = 0; i < PLACES; i++) {
		int64_t id = __atomic_load_n(&places[i].domain_id, __ATOMIC_RELAXED);
		int64_t count = id ? __atomic_exchange_n(&places[i].n, 0, __ATOMIC_RELAXED) : 0;

		if (!count)
			continue;
		ids[n] = id;
		counts[n++] = count;
	}
	if (send(&c, ids, counts, n)) {
		log_debug(&c, "event=usage message=\"%.*s\"", STR_ARG(ctx_error(&c, E_LATER)));
		for (size_t i = 0; i < n; i++)
			__atomic_add_fetch(&place_of(ids[i])->n, counts[i], __ATOMIC_RELAXED);
	}
	ctx_done(&c);
}

static void run(void *arg)
{
	struct usage_teller *t = arg;

	t->fiber = fiber_self();
	while (!t->ended) {
		fiber_park(clock_mono() + PAUSE);
		if (!t->ended)
			tell(t);
	}
	tell(t);
	t->running = false;
	if (t->ender)
		fiber_wake(t->ender);
}

int usage_teller_start(const struct program *p, const struct doors *d, struct usage_teller **ret)
{
	struct usage_teller *t = calloc(1, sizeof(*t));
	int result;

	if (!t)
		return -ENOMEM;
	*t = (struct usage_teller){ .program = p, .doors = d };
	result = fiber_spawn(d->loop, run, t);
	if (result) {
		free(t);
		return result;
	}
	t->running = true;
	*ret = t;
	return 0;
}

void usage_teller_end(struct usage_teller *t)
{
	if (!t)
		return;
	t->ended = true;
	t->ender = fiber_self();
	while (t->running) {
		if (t->fiber)
			fiber_wake(t->fiber);
		fiber_park(0);
	}
	free(t);
}
