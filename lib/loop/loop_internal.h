/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the files of lib/loop know of each other: the loop's insides, the fiber's state, and the
 * calls on which parking, slots and offload are built. Not for other rooms.
 *
 * A fiber is in exactly one state. FIBER_READY: in the run queue. FIBER_RUNNING: the loop's
 * current one. FIBER_PARKED: fiber_wake makes it ready. FIBER_HELD: it waits for one event of its
 * own, and only whoever brings that event releases it; wakes meanwhile are remembered for its next
 * park. FIBER_IDLE: ended, its stack waits in the pool for the next fiber.
 */
#ifndef LOOP_LOOP_INTERNAL_H
#define LOOP_LOOP_INTERNAL_H

#include <pthread.h>
#include <stddef.h>
#include <sys/epoll.h>

#include "loop/context.h"
#include "loop/fiber.h"
#include "loop/loop.h"

#define EVENTS_PER_ROUND 256

enum fiber_state {
	FIBER_IDLE,
	FIBER_READY,
	FIBER_RUNNING,
	FIBER_PARKED,
	FIBER_HELD,
};

struct fiber {
	struct loop *loop;
	struct fiber *next; /* in the run queue or in the pool */
	void (*fn)(void *arg);
	void *arg;
	enum fiber_state state;
	bool woken; /* fiber_wake was called since the last park returned */
	struct timer timer; /* of the wait it is in */
	struct context context;
	void *mapping; /* guard, then stack */
	void *stack; /* lowest usable byte */
	void *asan_fake_stack, *tsan_fiber;
};

struct post {
	struct post *next;
	void (*fn)(void *arg);
	void *arg;
};

/* The timers that run, as a binary heap by due; each knows its index. */
struct heap {
	struct timer **timers;
	unsigned n, room;
};

/* What runs on one loop's fibers; fiber.c owns it. */
struct fibers {
	struct fiber *running;
	struct fiber *first, *last; /* the run queue */
	unsigned queued; /* its length */
	unsigned count; /* not ended */
	struct fiber *idle; /* the pool */
	unsigned idle_count;
	struct context context; /* of the loop itself, while a fiber runs */
	void *asan_fake_stack, *tsan_fiber;
	const void *asan_stack; /* the thread's own */
	size_t asan_stack_size;
	struct slots jobs; /* bounds this loop's share of the offload queue */
};

struct loop {
	int epoll;
	usec now;
	bool running, stopping;
	struct epoll_event ready[EVENTS_PER_ROUND]; /* of this round */
	int ready_count, ready_at; /* ready[ready_at..] are not delivered yet */
	struct heap heap;
	struct fibers fibers;
	struct watch post_watch; /* an eventfd, readable while posts are waiting */
	pthread_mutex_t post_lock; /* for the two below */
	struct post *post_first, *post_last;
};

/* Whether the calling thread may use l: it runs it, or nobody does. */
bool loop_is_ours(const struct loop *l);

/* Ends the process: see base/arena.h. */
void *memory_need(void *p) __attribute__((returns_nonnull));

/* As timer_start, for a monotonic moment. */
void timer_start_at(struct loop *l, struct timer *t, usec due);
/* Calls what is due at l->now. */
void timers_run(struct loop *l);
/* Milliseconds to the first timer, rounded up: -1 when none runs. */
int timers_wait(const struct loop *l);

void fibers_init(struct fibers *s);
/* Gives each fiber that is ready now one turn. */
void fibers_run(struct loop *l);
void fibers_free(struct loop *l);

/*
 * Holds the running fiber until fiber_release, or until the monotonic moment deadline (0: none).
 * The caller sees from its own data which of the two it was.
 */
void fiber_hold(usec deadline);
/* Makes f ready if it is held; else does nothing. */
void fiber_release(struct fiber *f);

#endif
