/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a fiber that waits is in the list of waiters until its answer came or the connection
 * was lost; a lost connection is forgotten whole, and the next request opens another.
 */
#include "fetch/courier.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop/fiber.h"
#include "loop/loop.h"

struct waiter {
	struct waiter *next;
	struct fiber *fiber;
	struct arena *arena; /* where the answer goes */
	int64_t tag;
	int result; /* -EINPROGRESS until the answer came */
	struct courier_answer answer;
};

struct courier {
	struct loop *loop;
	char *address;
	struct waiter *waiters;
	struct slots writing; /* one frame at a time */
	int64_t tags;
	int fd, write_fd; /* the same socket twice: the loop knows one waiter for each number */
	bool reading;
};

int courier_new(struct loop *l, const char *address, struct courier **ret)
{
	struct courier *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->address = strdup(address);
	if (!k->address) {
		free(k);
		return -ENOMEM;
	}
	k->loop = l;
	k->fd = k->write_fd = -1;
	slots_init(&k->writing, 1);
	*ret = k;
	return 0;
}

static void hang_up(struct courier *k)
{
	if (k->fd >= 0)
		shutdown(k->fd, SHUT_RDWR);
}

void courier_free(struct courier *k)
{
	if (!k)
		return;
	hang_up(k);
	/* The reader sees the end of its socket and leaves. */
	while (k->reading)
		fiber_yield();
	free(k->address);
	free(k);
}

static int open_socket(const char *address, int *ret_fd)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = strlen(address);
	int fd;

	if (n == 0 || n >= sizeof(to.sun_path))
		return -EINVAL;
	memcpy(to.sun_path, address, n);
	if (address[0] == '@')
		to.sun_path[0] = 0;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* A local socket takes a connection at once or not at all. */
	if (connect(fd, (struct sockaddr *)&to,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n))) {
		close(fd);
		return -EPIPE;
	}
	*ret_fd = fd;
	return 0;
}

static void wake_all(struct courier *k)
{
	for (struct waiter *w = k->waiters; w; w = w->next)
		if (w->result == -EINPROGRESS) {
			w->result = -EPIPE;
			fiber_wake(w->fiber);
		}
}

static void deliver(struct courier *k, str frame)
{
	struct arena *scratch cleanup(arena_freep) = arena_new();
	struct courier_answer answer;

	if (!courier_read_answer(scratch, frame, &answer))
		return;
	for (struct waiter *w = k->waiters; w; w = w->next)
		if (w->tag == answer.tag && courier_read_answer(w->arena, frame, &w->answer)) {
			w->result = 0;
			fiber_wake(w->fiber);
			return;
		}
}

/* Whoever writes meets the end of the socket before its number is given back. */
static void close_sockets(struct courier *k)
{
	int no_slot;

	hang_up(k);
	no_slot = slots_take(&k->writing, 0);
	close(k->fd);
	close(k->write_fd);
	k->fd = k->write_fd = -1;
	if (!no_slot)
		slots_give(&k->writing);
}

static void read_answers(void *arg)
{
	struct courier *k = arg;

	for (;;) {
		struct arena *a cleanup(arena_freep) = arena_new();
		str frame;

		if (courier_receive(a, k->fd, &frame))
			break;
		deliver(k, frame);
	}
	close_sockets(k);
	k->reading = false;
	wake_all(k);
}

static int connect_to(struct courier *k)
{
	int fd = -1;

	if (k->reading)
		return 0;
	TRY(open_socket(k->address, &fd));
	k->fd = fd;
	k->write_fd = dup(fd);
	k->reading = k->write_fd >= 0 && fiber_spawn(k->loop, read_answers, k) == 0;
	if (k->reading)
		return 0;
	close(fd);
	if (k->write_fd >= 0)
		close(k->write_fd);
	k->fd = k->write_fd = -1;
	return -EPIPE;
}

static int put(struct courier *k, str frame, usec deadline)
{
	int result;

	TRY(slots_take(&k->writing, deadline));
	result = k->write_fd >= 0 ? courier_send(k->write_fd, frame, deadline) : -EPIPE;
	/* Behind half a frame nothing would be understood. A courier that only takes no more, because
	 * it is to stop, still answers what it was asked. */
	if (result == -ETIMEDOUT)
		hang_up(k);
	slots_give(&k->writing);
	return result;
}

/* 0 when the answer is there; anything else says no more than that it is not. */
static int ask(struct courier *k, struct waiter *w, str frame, usec deadline)
{
	TRY(connect_to(k));
	TRY(put(k, frame, deadline));
	while (w->result == -EINPROGRESS && fiber_park(deadline))
		;
	return w->result;
}

static void leave(struct courier *k, struct waiter *w)
{
	struct waiter **at = &k->waiters;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
}

int courier_run(struct ctx *c, struct courier *k, str name, const struct hop *hop,
		struct fetch_response *ret)
{
	struct courier_request q = { .tag = ++k->tags, .name = name, .hop = *hop };
	usec deadline = hop->deadline + COURIER_PATIENCE;
	struct waiter w = {
		.next = k->waiters,
		.fiber = fiber_self(),
		.arena = c->arena,
		.tag = q.tag,
		.result = -EINPROGRESS,
	};
	str frame;
	int result;

	q.hop.deadline -= clock_mono();
	if (q.hop.deadline <= 0)
		return fail(c, E_LATER, "there was no time left");
	if (q.hop.deadline > COURIER_TIME_LIMIT)
		q.hop.deadline = COURIER_TIME_LIMIT;
	frame = courier_write_request(c->arena, &q);
	if (str_is_null(frame))
		return fail(c, E_TOO_LARGE, "the request is too large for the courier");
	k->waiters = &w;
	result = ask(k, &w, frame, deadline);
	leave(k, &w);
	if (result)
		return fail(c, -EPIPE, "the courier at %s is away", k->address);
	if (w.answer.result > 0)
		return fail(c, w.answer.result, "%.*s", STR_ARG(w.answer.error));
	TRY(w.answer.result);
	*ret = w.answer.response;
	return 0;
}
