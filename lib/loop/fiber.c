/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: control only ever passes between the loop and one fiber, never from fiber to fiber,
 * so that a fiber that is not running lies suspended in fiber_leave or at the end of fiber_entry.
 * The latter is why a pooled fiber needs no new context: it is switched to and goes round again.
 *
 * Below each stack lies a guard that no access passes. A pooled stack keeps at most WARM_SIZE bytes
 * of memory, and no more than IDLE_LIMIT stacks are pooled.
 */
#include "loop/loop_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/err.h"
#include "loop/sanitize.h"

#define GUARD_SIZE (64 * 1024)
#define WARM_SIZE (32 * 1024)
#define IDLE_LIMIT 32
#define JOBS_PER_LOOP 64

/* Sanitizers make each frame several times as large. */
#define STACK_SIZE (FIBER_STACK_SIZE * (SANITIZE_ADDRESS || SANITIZE_THREAD ? 4 : 1))

void fibers_init(struct fibers *s)
{
	slots_init(&s->jobs, JOBS_PER_LOOP);
}

struct fiber *fiber_self(void)
{
	struct loop *l = loop_current();

	return l ? l->fibers.running : NULL;
}

unsigned fiber_count(const struct loop *l)
{
	return l->fibers.count;
}

/* The fiber's side of both switches; the loop's is in fiber_turn. */
static void fiber_leave(struct fiber *f)
{
	struct fibers *s = &f->loop->fibers;

	asan_leave(&f->asan_fake_stack, s->asan_stack, s->asan_stack_size);
	tsan_switch(s->tsan_fiber);
	context_switch(&f->context, &s->context);
	asan_arrive(f->asan_fake_stack, &s->asan_stack, &s->asan_stack_size);
}

/*
 * Where each fiber lives. Each round is one fn; its fake stack is given back at the end, since the
 * fiber may be unmapped in the pool. This frame outlives that and must lie on the real stack.
 */
static without_asan void fiber_entry(void)
{
	struct fibers *s = &loop_current()->fibers;

	for (;;) {
		struct fiber *f = s->running;

		asan_arrive(NULL, &s->asan_stack, &s->asan_stack_size);
		f->fn(f->arg);
		f->state = FIBER_IDLE;
		asan_leave(NULL, s->asan_stack, s->asan_stack_size);
		tsan_switch(s->tsan_fiber);
		context_switch(&f->context, &s->context);
	}
}

static void fiber_free(struct fiber *f)
{
	tsan_destroy(f->tsan_fiber);
	munmap(f->mapping, GUARD_SIZE + STACK_SIZE);
	free(f);
}

static void timer_ready(struct timer *t);

static struct fiber *fiber_new(struct loop *l)
{
	void *p = mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	struct fiber *f;

	if (p == MAP_FAILED)
		return NULL;
	f = memory_need(malloc(sizeof(*f)));
	*f = (struct fiber){ .loop = l, .timer.fn = timer_ready, .mapping = p };
	f->stack = (char *)p + GUARD_SIZE;
	f->tsan_fiber = tsan_create();
	if (mprotect(f->stack, STACK_SIZE, PROT_READ | PROT_WRITE) < 0) {
		fiber_free(f);
		return NULL;
	}
	context_init(&f->context, f->stack, STACK_SIZE, fiber_entry);
	return f;
}

/* NULL when the kernel has no more room for stacks. */
static struct fiber *pool_take(struct loop *l)
{
	struct fiber *f = l->fibers.idle;

	if (!f)
		return fiber_new(l);
	l->fibers.idle = f->next;
	l->fibers.idle_count--;
	return f;
}

static void pool_give(struct fibers *s, struct fiber *f)
{
	if (s->idle_count == IDLE_LIMIT) {
		fiber_free(f);
		return;
	}
	/* Of no consequence when it fails: the memory is merely kept. */
	madvise(f->stack, STACK_SIZE - WARM_SIZE, MADV_DONTNEED);
	f->next = s->idle;
	s->idle = f;
	s->idle_count++;
}

void fibers_free(struct loop *l)
{
	struct fibers *s = &l->fibers;
	struct fiber *next;

	assert(s->count == 0);
	for (struct fiber *f = s->idle; f; f = next) {
		next = f->next;
		fiber_free(f);
	}
}

static void queue_add(struct fiber *f)
{
	struct fibers *s = &f->loop->fibers;

	f->state = FIBER_READY;
	f->next = NULL;
	if (s->first)
		s->last->next = f;
	else
		s->first = f;
	s->last = f;
	s->queued++;
}

static struct fiber *queue_take(struct fibers *s)
{
	struct fiber *f = s->first;

	s->first = f->next;
	s->queued--;
	return f;
}

static void timer_ready(struct timer *t)
{
	struct fiber *f = container_of(t, struct fiber, timer);

	/* What it waited for may have made it ready earlier in this round. */
	if (f->state == FIBER_PARKED || f->state == FIBER_HELD)
		queue_add(f);
}

int fiber_spawn(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct fiber *f;

	assert(loop_is_ours(l));
	if (l->fibers.count >= FIBER_LIMIT)
		return -EAGAIN;
	f = pool_take(l);
	if (!f)
		return -ENOMEM;
	f->fn = fn;
	f->arg = arg;
	f->woken = false;
	l->fibers.count++;
	queue_add(f);
	return 0;
}

static void fiber_turn(struct fibers *s, struct fiber *f)
{
	f->state = FIBER_RUNNING;
	s->running = f;
	s->tsan_fiber = tsan_current();
	asan_leave(&s->asan_fake_stack, f->stack, STACK_SIZE);
	tsan_switch(f->tsan_fiber);
	context_switch(&s->context, &f->context);
	asan_arrive(s->asan_fake_stack, NULL, NULL);
	s->running = NULL;
	if (f->state == FIBER_IDLE) {
		s->count--;
		pool_give(s, f);
	}
}

/* Fibers that become ready meanwhile wait for the next round, so that watches have their turn. */
void fibers_run(struct loop *l)
{
	for (unsigned n = l->fibers.queued; n; n--)
		fiber_turn(&l->fibers, queue_take(&l->fibers));
}

static struct fiber *self(void)
{
	struct fiber *f = fiber_self();

	assert(f); /* whoever wants to wait has to be a fiber */
	return f;
}

static void suspend(struct fiber *f, enum fiber_state state, usec deadline)
{
	f->state = state;
	if (deadline)
		timer_start_at(f->loop, &f->timer, deadline);
	fiber_leave(f);
	timer_stop(&f->timer);
}

bool fiber_park(usec deadline)
{
	struct fiber *f = self();
	bool woken;

	if (!f->woken)
		suspend(f, FIBER_PARKED, deadline);
	/* Set also when both came in one round; taking it for a time-out would lose the wake. */
	woken = f->woken;
	f->woken = false;
	return woken;
}

void fiber_wake(struct fiber *f)
{
	assert(f->state != FIBER_IDLE && loop_is_ours(f->loop));
	f->woken = true;
	if (f->state == FIBER_PARKED)
		queue_add(f);
}

void fiber_hold(usec deadline)
{
	suspend(self(), FIBER_HELD, deadline);
}

void fiber_release(struct fiber *f)
{
	assert(loop_is_ours(f->loop));
	if (f->state == FIBER_HELD)
		queue_add(f);
}

void fiber_sleep(usec delay)
{
	usec deadline;

	if (__builtin_add_overflow(clock_mono(), delay > 0 ? delay : 0, &deadline))
		deadline = INT64_MAX;
	fiber_hold(deadline);
}

void fiber_yield(void)
{
	struct fiber *f = self();

	queue_add(f);
	fiber_leave(f);
}

struct fd_wait {
	struct watch watch;
	struct fiber *fiber;
	uint32_t ready;
};

static void fd_ready(struct watch *w, uint32_t events)
{
	struct fd_wait *wait = container_of(w, struct fd_wait, watch);

	wait->ready = events;
	fiber_release(wait->fiber);
}

int fiber_wait_fd(int fd, uint32_t events, usec deadline)
{
	struct fiber *f = self();
	struct fd_wait wait = {
		.watch = { .fn = fd_ready, .fd = fd, .events = events },
		.fiber = f,
	};

	TRY(watch_add(f->loop, &wait.watch));
	fiber_hold(deadline);
	watch_remove(&wait.watch);
	return wait.ready ? 0 : -ETIMEDOUT;
}

struct main_call {
	struct loop *loop;
	void (*fn)(void *arg);
	void *arg;
};

static void main_entry(void *arg)
{
	struct main_call *call = arg;

	call->fn(call->arg);
	loop_stop(call->loop);
}

int fiber_main(void (*fn)(void *arg), void *arg)
{
	struct main_call call = { .fn = fn, .arg = arg };
	int result;

	TRY(loop_new(&call.loop));
	result = fiber_spawn(call.loop, main_entry, &call);
	if (!result)
		result = loop_run(call.loop);
	loop_free(call.loop);
	return result;
}
