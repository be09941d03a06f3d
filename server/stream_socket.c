/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a chunk is queued only when the kernel did not take all of it; EPOLLOUT is waited for
 * exactly while something is queued. After is_over nothing is read, sent or told.
 */
#include "server/stream_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE 4096

struct packet {
	struct packet *next;
	struct chunk *chunk;
};

struct chunk *chunk_new(str bytes)
{
	struct chunk *k = malloc(sizeof(*k) + bytes.n);

	if (!k)
		abort();
	k->refs = 1;
	k->n = bytes.n;
	memcpy(k->bytes, bytes.p, bytes.n);
	return k;
}

void chunk_unref(struct chunk *k)
{
	if (k && --k->refs == 0)
		free(k);
}

static void end(struct stream_socket *s)
{
	if (s->is_over)
		return;
	s->is_over = true;
	watch_remove(&s->watch);
	s->calls->ended(s->arg);
}

static void drop_first(struct stream_socket *s)
{
	struct packet *p = s->first;

	s->first = p->next;
	if (!s->first)
		s->last = NULL;
	s->queued -= p->chunk->n;
	s->sent = 0;
	chunk_unref(p->chunk);
	free(p);
}

static void wait_for(struct stream_socket *s)
{
	uint32_t events = (s->is_paused ? 0 : EPOLLIN) | (s->first ? EPOLLOUT : 0);

	if (s->watch.loop && watch_change(&s->watch, events))
		end(s);
}

/* How many bytes the kernel took; 0 when it is full, negative when the connection is lost. */
static ssize_t give(struct stream_socket *s, const char *p, size_t n)
{
	ssize_t taken = send(s->watch.fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (taken < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	return taken;
}

static void flush(struct stream_socket *s)
{
	while (s->first) {
		struct chunk *k = s->first->chunk;
		ssize_t taken = give(s, k->bytes + s->sent, k->n - s->sent);

		if (taken < 0) {
			end(s);
			return;
		}
		s->sent += (size_t)taken;
		if (s->sent < k->n)
			break;
		drop_first(s);
	}
	wait_for(s);
}

void socket_send(struct stream_socket *s, struct chunk *k)
{
	struct packet *p;

	if (s->is_over)
		return;
	if (s->queued + k->n > SOCKET_QUEUE_LIMIT && s->first) {
		end(s);
		return;
	}
	p = malloc(sizeof(*p));
	if (!p)
		abort();
	*p = (struct packet){ .chunk = k };
	k->refs++;
	if (s->last)
		s->last->next = p;
	else
		s->first = p;
	s->last = p;
	s->queued += k->n;
	if (s->watch.loop && s->first == p)
		flush(s);
}

static void on_message(void *arg, str text)
{
	struct stream_socket *s = arg;

	if (!s->is_over)
		s->calls->message(s->arg, text);
}

static void on_reply(void *arg, str bytes)
{
	struct chunk *k = chunk_new(bytes);

	socket_send(arg, k);
	chunk_unref(k);
}

static const struct frame_calls frame_calls = { .message = on_message, .reply = on_reply };

/* A client of server-sent events has nothing more to say, and may say it. */
static void receive(struct stream_socket *s)
{
	char bytes[READ_SIZE];
	ssize_t n = recv(s->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	s->heard = true;
	if (n <= 0 || (s->frames && !frames_read(s->frames, (str){ bytes, (size_t)n })))
		end(s);
}

static void on_ready(struct watch *w, uint32_t events)
{
	struct stream_socket *s = w->arg;

	if (events & EPOLLOUT)
		flush(s);
	if (!s->is_over && (events & EPOLLIN))
		receive(s);
	else if (!s->is_over && (events & (EPOLLERR | EPOLLHUP)))
		end(s);
}

int socket_init(struct stream_socket *s, struct loop *l, bool is_websocket,
		const struct socket_calls *calls, void *arg)
{
	*s = (struct stream_socket){
		.loop = l,
		.watch = { .fn = on_ready, .arg = s, .fd = -1, .events = EPOLLIN },
		.calls = calls,
		.arg = arg,
		.heard = true,
	};
	return is_websocket ? frames_new(&frame_calls, s, &s->frames) : 0;
}

/* Small messages go at once; the kernel keeps little for one who does not read. */
static void tune(int fd)
{
	int on = 1, buffer = SOCKET_BUFFER;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
}

void socket_attach(struct stream_socket *s, int fd, str head)
{
	s->watch.fd = fd;
	if (s->is_over)
		return;
	tune(fd);
	/* A fresh connection takes this much; one that does not is not worth keeping. */
	if (give(s, head.p, head.n) != (ssize_t)head.n || watch_add(s->loop, &s->watch)) {
		end(s);
		return;
	}
	flush(s);
}

void socket_pause(struct stream_socket *s, bool pause)
{
	s->is_paused = pause;
	if (!s->is_over)
		wait_for(s);
}

void socket_done(struct stream_socket *s, str last)
{
	bool was_over = s->is_over;

	s->is_over = true;
	watch_remove(&s->watch);
	if (s->watch.fd >= 0) {
		if (!was_over && !s->first)
			give(s, last.p, last.n);
		shutdown(s->watch.fd, SHUT_WR);
		close(s->watch.fd);
	}
	while (s->first)
		drop_first(s);
	frames_free(s->frames);
}
