/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * fiber: a stackful coroutine on the loop of its thread, with a guarded stack from a pool. Code in
 * a fiber is straight-line C: wherever it would wait, it is parked and the loop goes on with
 * others. Switches happen only inside the calls of this header (and what is built on them), so
 * data of one thread needs no locks.
 */
#ifndef LOOP_FIBER_H
#define LOOP_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"

struct loop;
struct fiber;

#define FIBER_STACK_SIZE (256 * 1024) /* bytes; touched pages only are memory */

/* Runs fn(arg) in a fiber of its own, first in the loop's next round. Ends when fn returns. */
int fiber_spawn(struct loop *l, void (*fn)(void *arg), void *arg) must_check;

/* The running fiber; NULL outside of any. */
struct fiber *fiber_self(void);

/* How many fibers of the loop have not ended, and how many are allowed (then -EAGAIN). */
unsigned fiber_count(const struct loop *l);
#define FIBER_LIMIT 20000

/*
 * Parks the running fiber until somebody calls fiber_wake, or until the monotonic moment deadline
 * (0: none). False when the deadline came first. A wake that comes before the park is remembered.
 */
bool fiber_park(usec deadline);
/* Makes f runnable; from its own thread. Waking a runnable fiber does nothing more. */
void fiber_wake(struct fiber *f);

void fiber_sleep(usec delay);
/* Waits until fd has one of the epoll events or the deadline came: 0, -ETIMEDOUT, -errno. */
int fiber_wait_fd(int fd, uint32_t events, usec deadline) must_check;
/* Gives the others a turn. */
void fiber_yield(void);

/*
 * slots: a counting semaphore with a first-come queue. slots_take waits its turn (0), or gives up
 * at the monotonic deadline (-ETIMEDOUT; 0: no deadline).
 */
struct slots {
	unsigned free;
	struct slots_waiter *first, *last;
};

void slots_init(struct slots *s, unsigned n);
int slots_take(struct slots *s, usec deadline) must_check;
void slots_give(struct slots *s);

/*
 * Runs fn(arg) on a thread of the process-wide pool while this fiber is parked: for computing of
 * more than ~100 us (signing, key generation, password hashing). Outside of a fiber fn runs here.
 * fn may not touch the loop, the database or the ctx.
 */
void offload(void (*fn)(void *arg), void *arg);

/* Number of pool threads; 0 means one per core. Before the first offload only. */
void offload_set_threads(unsigned n);

/* Runs fn(arg) as the only fiber of a loop of its own and returns when it ended: for commands and
 * tests. */
int fiber_main(void (*fn)(void *arg), void *arg) must_check;

#endif
