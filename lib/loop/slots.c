/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: while somebody waits, no slot is free: a slot that is given back goes straight to the
 * first waiter, so that nobody who comes later can take it before. Waiters lie on the stacks of
 * their held fibers.
 */
#include "loop/loop_internal.h"

#include <assert.h>
#include <errno.h>

struct slots_waiter {
	struct slots_waiter *next;
	struct fiber *fiber;
	bool granted; /* has its slot and is out of the queue */
};

void slots_init(struct slots *s, unsigned n)
{
	*s = (struct slots){ .free = n };
}

static void queue_add(struct slots *s, struct slots_waiter *w)
{
	if (s->first)
		s->last->next = w;
	else
		s->first = w;
	s->last = w;
}

static void queue_remove(struct slots *s, const struct slots_waiter *w)
{
	struct slots_waiter *before = NULL;
	struct slots_waiter **at = &s->first;

	while (*at != w) {
		before = *at;
		at = &before->next;
	}
	*at = w->next;
	if (s->last == w)
		s->last = before;
}

int slots_take(struct slots *s, usec deadline)
{
	struct slots_waiter w = { .fiber = fiber_self() };

	if (s->free) {
		s->free--;
		return 0;
	}
	queue_add(s, &w);
	fiber_hold(deadline);
	if (w.granted)
		return 0;
	queue_remove(s, &w);
	return -ETIMEDOUT;
}

void slots_give(struct slots *s)
{
	struct slots_waiter *w = s->first;

	if (!w) {
		s->free++;
		return;
	}
	queue_remove(s, w);
	w->granted = true;
	fiber_release(w->fiber);
}
