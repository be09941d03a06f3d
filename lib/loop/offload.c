/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a job lies on the stack of its fiber, which is held until the job was posted back; so
 * a job needs no memory of its own, and its loop lives longer than it. Each loop has a bounded
 * number of jobs in the queue (its slots), whose other fibers wait their turn, so that one loop's
 * flood delays the jobs of another by that number at most.
 */
#include "loop/loop_internal.h"

#include <assert.h>
#include <sched.h>
#include <signal.h>

struct job {
	struct job *next;
	void (*fn)(void *arg);
	void *arg;
	struct fiber *fiber;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct job *first, *last;
	unsigned wanted; /* threads; 0: one per core */
	unsigned threads;
	bool started;
} pool = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.filled = PTHREAD_COND_INITIALIZER,
};

void offload_set_threads(unsigned n)
{
	pthread_mutex_lock(&pool.lock);
	assert(!pool.started);
	pool.wanted = n;
	pthread_mutex_unlock(&pool.lock);
}

static unsigned core_count(void)
{
	cpu_set_t cores;

	if (sched_getaffinity(0, sizeof(cores), &cores) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&cores);
}

static struct job *job_take(void)
{
	struct job *j;

	pthread_mutex_lock(&pool.lock);
	while (!pool.first)
		pthread_cond_wait(&pool.filled, &pool.lock);
	j = pool.first;
	pool.first = j->next;
	pthread_mutex_unlock(&pool.lock);
	return j;
}

static void job_done(void *arg)
{
	struct job *j = arg;

	fiber_release(j->fiber);
}

static void *worker(void *arg)
{
	for (;;) {
		struct job *j = job_take();

		j->fn(j->arg);
		loop_post(j->fiber->loop, job_done, j);
	}
	return arg;
}

/* Workers sleep with the process; signals are for other threads. */
static void workers_start(void)
{
	unsigned n = pool.wanted ? pool.wanted : core_count();
	pthread_attr_t detached;
	sigset_t all, before;

	pool.started = true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	for (unsigned i = 0; i < n; i++) {
		pthread_t thread;

		if (pthread_create(&thread, &detached, worker, NULL) == 0)
			pool.threads++;
	}
	pthread_attr_destroy(&detached);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* False when there is no thread to run it. */
static bool job_add(struct job *j)
{
	bool can_run;

	pthread_mutex_lock(&pool.lock);
	if (!pool.started)
		workers_start();
	can_run = pool.threads;
	if (can_run) {
		if (pool.first)
			pool.last->next = j;
		else
			pool.first = j;
		pool.last = j;
		pthread_cond_signal(&pool.filled);
	}
	pthread_mutex_unlock(&pool.lock);
	return can_run;
}

void offload(void (*fn)(void *arg), void *arg)
{
	struct job j = { .fn = fn, .arg = arg, .fiber = fiber_self() };
	struct slots *mine;
	int result;

	if (!j.fiber) {
		fn(arg);
		return;
	}
	mine = &j.fiber->loop->fibers.jobs;
	result = slots_take(mine, 0);
	assert(!result); /* no deadline, so a slot comes */
	if (job_add(&j))
		fiber_hold(0);
	else
		fn(arg);
	slots_give(mine);
}
