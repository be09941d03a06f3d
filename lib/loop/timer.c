/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: no timer in the heap is due before its parent, and timers[t->place] == t for each
 * timer that runs; a timer runs exactly while its loop is set.
 */
#include "loop/loop_internal.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>

#define FIRST_ROOM 64

static void put(struct heap *h, unsigned place, struct timer *t)
{
	h->timers[place] = t;
	t->place = place;
}

static void move_up(struct heap *h, unsigned place, struct timer *t)
{
	while (place) {
		unsigned parent = (place - 1) / 2;

		if (h->timers[parent]->due <= t->due)
			break;
		put(h, place, h->timers[parent]);
		place = parent;
	}
	put(h, place, t);
}

static void move_down(struct heap *h, unsigned place, struct timer *t)
{
	for (;;) {
		unsigned child = 2 * place + 1;

		if (child + 1 < h->n && h->timers[child + 1]->due < h->timers[child]->due)
			child++;
		if (child >= h->n || t->due <= h->timers[child]->due)
			break;
		put(h, place, h->timers[child]);
		place = child;
	}
	put(h, place, t);
}

static void heap_add(struct heap *h, struct timer *t)
{
	if (h->n == h->room) {
		h->room = h->room ? 2 * h->room : FIRST_ROOM;
		h->timers = memory_need(reallocarray(h->timers, h->room, sizeof(struct timer *)));
	}
	move_up(h, h->n++, t);
}

static void heap_remove(struct heap *h, struct timer *t)
{
	unsigned place = t->place;
	struct timer *last = h->timers[--h->n];

	if (last == t)
		return;
	if (place && last->due < h->timers[(place - 1) / 2]->due)
		move_up(h, place, last);
	else
		move_down(h, place, last);
}

void timer_start_at(struct loop *l, struct timer *t, usec due)
{
	assert(loop_is_ours(l) && t->fn);
	timer_stop(t);
	t->due = due;
	t->loop = l;
	heap_add(&l->heap, t);
}

/* Counted from the time of the clock, not of the round: a long round would let it come early. */
void timer_start(struct loop *l, struct timer *t, usec delay)
{
	usec due;

	if (__builtin_add_overflow(clock_mono(), delay > 0 ? delay : 0, &due))
		due = INT64_MAX;
	timer_start_at(l, t, due);
}

void timer_stop(struct timer *t)
{
	if (!t->loop)
		return;
	assert(loop_is_ours(t->loop));
	heap_remove(&t->loop->heap, t);
	t->loop = NULL;
}

void timers_run(struct loop *l)
{
	while (l->heap.n && l->heap.timers[0]->due <= l->now) {
		struct timer *t = l->heap.timers[0];

		timer_stop(t);
		t->fn(t);
	}
}

int timers_wait(const struct loop *l)
{
	usec wait, now;

	if (!l->heap.n)
		return -1;
	now = clock_mono();
	if (l->heap.timers[0]->due <= now)
		return 0;
	wait = l->heap.timers[0]->due - now;
	wait = wait / USEC_MSEC + (wait % USEC_MSEC != 0);
	return wait < INT_MAX ? (int)wait : INT_MAX;
}
