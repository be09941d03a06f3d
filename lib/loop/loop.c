/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a watch that is added is known to epoll by its address, and no undelivered event of
 * the present round names a watch that was removed. Posted calls are the only data that other
 * threads touch, under post_lock; the eventfd is written under it too, so that whoever has seen a
 * post knows that its sender is done with the loop, which may then be freed.
 */
#include "loop/loop_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/err.h"

static __thread struct loop *current;

void *memory_need(void *p)
{
	if (!p) {
		fputs("<2>out of memory\n", stderr);
		abort();
	}
	return p;
}

struct loop *loop_current(void)
{
	return current;
}

bool loop_is_ours(const struct loop *l)
{
	return !l->running || l == current;
}

static bool posts_are_waiting(struct loop *l)
{
	bool waiting;

	pthread_mutex_lock(&l->post_lock);
	waiting = l->post_first;
	pthread_mutex_unlock(&l->post_lock);
	return waiting;
}

static struct post *posts_take(struct loop *l)
{
	struct post *first;

	pthread_mutex_lock(&l->post_lock);
	first = l->post_first;
	l->post_first = l->post_last = NULL;
	pthread_mutex_unlock(&l->post_lock);
	return first;
}

static void posts_run(struct watch *w, uint32_t events unused)
{
	uint64_t count;
	struct post *next;

	/* Emptied first: a post that comes after this line makes it readable again. */
	if (read(w->fd, &count, sizeof(count)) < 0 && errno == EAGAIN)
		return;
	for (struct post *p = posts_take(w->loop); p; p = next) {
		next = p->next;
		p->fn(p->arg);
		free(p);
	}
}

void loop_post(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct post *p = memory_need(malloc(sizeof(*p)));
	bool was_empty;

	*p = (struct post){ .fn = fn, .arg = arg };
	pthread_mutex_lock(&l->post_lock);
	was_empty = !l->post_first;
	if (was_empty)
		l->post_first = p;
	else
		l->post_last->next = p;
	l->post_last = p;
	if (was_empty)
		eventfd_write(l->post_watch.fd, 1); /* cannot fail: the counter never fills */
	pthread_mutex_unlock(&l->post_lock);
}

static int loop_open(struct loop *l)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		return -errno;
	l->post_watch.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->post_watch.fd < 0)
		return -errno;
	return watch_add(l, &l->post_watch);
}

int loop_new(struct loop **ret)
{
	struct loop *l = memory_need(calloc(1, sizeof(*l)));
	int result;

	l->epoll = -1;
	l->post_watch = (struct watch){ .fn = posts_run, .fd = -1, .events = EPOLLIN };
	l->now = clock_mono();
	pthread_mutex_init(&l->post_lock, NULL);
	fibers_init(&l->fibers);
	result = loop_open(l);
	if (result) {
		loop_free(l);
		return result;
	}
	*ret = l;
	return 0;
}

void loop_free(struct loop *l)
{
	struct post *next;

	if (!l)
		return;
	assert(!l->running);
	fibers_free(l);
	for (struct post *p = posts_take(l); p; p = next) {
		next = p->next;
		free(p);
	}
	if (l->post_watch.fd >= 0)
		close(l->post_watch.fd);
	if (l->epoll >= 0)
		close(l->epoll);
	pthread_mutex_destroy(&l->post_lock);
	free(l->heap.timers);
	free(l);
}

/* An event that epoll reported before the watch changed its mind is not for it any more. */
static void watches_run(struct loop *l)
{
	while (l->ready_at < l->ready_count) {
		const struct epoll_event *ready = &l->ready[l->ready_at++];
		struct watch *w = ready->data.ptr;
		uint32_t events;

		if (!w)
			continue;
		events = ready->events & (w->events | EPOLLERR | EPOLLHUP);
		if (events)
			w->fn(w, events);
	}
}

static int round_run(struct loop *l)
{
	int timeout = l->fibers.queued ? 0 : timers_wait(l);
	int n = epoll_wait(l->epoll, l->ready, EVENTS_PER_ROUND, timeout);

	if (n < 0 && errno != EINTR)
		return -errno;
	l->ready_at = 0;
	l->ready_count = n > 0 ? n : 0;
	l->now = clock_mono();
	watches_run(l);
	timers_run(l);
	fibers_run(l);
	return 0;
}

static bool is_over(struct loop *l)
{
	return l->stopping && l->fibers.count == 0 && !posts_are_waiting(l);
}

int loop_run(struct loop *l)
{
	int result = 0;

	assert(!current && !l->running);
	current = l;
	l->running = true;
	while (!result && !is_over(l))
		result = round_run(l);
	l->running = false;
	current = NULL;
	return result;
}

void loop_stop(struct loop *l)
{
	assert(loop_is_ours(l));
	l->stopping = true;
}

bool loop_is_stopping(const struct loop *l)
{
	return l->stopping;
}

usec loop_now(const struct loop *l)
{
	return l->now;
}

static int watch_control(struct loop *l, int operation, struct watch *w, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = w };

	return epoll_ctl(l->epoll, operation, w->fd, &event) < 0 ? -errno : 0;
}

int watch_add(struct loop *l, struct watch *w)
{
	assert(loop_is_ours(l) && !w->loop && w->fn);
	TRY(watch_control(l, EPOLL_CTL_ADD, w, w->events));
	w->loop = l;
	return 0;
}

int watch_change(struct watch *w, uint32_t events)
{
	assert(w->loop && loop_is_ours(w->loop));
	if (events == w->events)
		return 0;
	TRY(watch_control(w->loop, EPOLL_CTL_MOD, w, events));
	w->events = events;
	return 0;
}

void watch_remove(struct watch *w)
{
	struct loop *l = w->loop;

	if (!l)
		return;
	assert(loop_is_ours(l));
	/* Fails when the caller has closed the descriptor, by which epoll forgot it already. */
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->loop = NULL;
	for (int i = l->ready_at; i < l->ready_count; i++)
		if (l->ready[i].data.ptr == w)
			l->ready[i].data.ptr = NULL;
}
