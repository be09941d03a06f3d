/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * loop: one epoll loop per thread. Everything that waits is a watch (a file descriptor), a timer
 * or a fiber (fiber.h). A loop is used by its own thread only; the one exception is loop_post,
 * which any thread may call.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"

struct loop;

/* A new loop for the calling thread; free with loop_free. -errno when the kernel refuses. */
int loop_new(struct loop **ret) must_check;
/* All fibers must have ended. NULL is allowed. */
void loop_free(struct loop *l);

/* The loop that runs on this thread, or NULL. */
struct loop *loop_current(void);

/*
 * Runs until loop_stop was called and all fibers ended, or a negative errno of epoll. Between two
 * waits each ready watch, due timer, posted call and runnable fiber had its turn.
 */
int loop_run(struct loop *l) must_check;
/* From this thread or through loop_post: ask loop_run to end when no fiber is left. */
void loop_stop(struct loop *l);
bool loop_is_stopping(const struct loop *l);

/* Monotonic time of the current round, read once per round. */
usec loop_now(const struct loop *l);

/*
 * watch: calls fn from the loop (not in a fiber) with the epoll events that are ready, level
 * triggered. The struct is the caller's, zeroed before its first use, and may be changed, removed
 * or freed (after watch_remove) within its own call.
 */
struct watch {
	void (*fn)(struct watch *w, uint32_t events);
	void *arg;
	int fd;
	uint32_t events; /* EPOLLIN, EPOLLOUT ... that are waited for */
	struct loop *loop; /* set while added */
};

int watch_add(struct loop *l, struct watch *w) must_check;
/* Waits for other events from now on. */
int watch_change(struct watch *w, uint32_t events) must_check;
/* Also forgets an event of this round that was not delivered yet. Does nothing when not added. */
void watch_remove(struct watch *w);

/* timer: calls fn once from the loop. The struct is the caller's, zeroed before its first use. */
struct timer {
	void (*fn)(struct timer *t);
	void *arg;
	usec due; /* monotonic */
	struct loop *loop; /* set while it runs */
	unsigned place; /* in the loop's heap */
};

/* (Re)starts the timer: fn is called after delay microseconds. */
void timer_start(struct loop *l, struct timer *t, usec delay);
/* Does nothing when it does not run. */
void timer_stop(struct timer *t);

/* Calls fn(arg) on l's thread in its next round. Thread-safe. */
void loop_post(struct loop *l, void (*fn)(void *arg), void *arg);

#endif
