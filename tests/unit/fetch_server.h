/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A server for the tests of lib/fetch that misbehaves by the path it is asked for: it answers raw
 * bytes from one thread on a loopback port, and counts what came. "/go?TEXT" redirects to TEXT,
 * "/echo" gives the request back, "/zeros?N" N zero bytes, "/gzip?N" the same compressed, and
 * "/together?N" is answered when N requests for it wait. All other paths are rows of the table.
 */
#ifndef TESTS_UNIT_FETCH_SERVER_H
#define TESTS_UNIT_FETCH_SERVER_H

#include <arpa/inet.h>
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/out.h"
#include "base/str.h"

#define PEERS 200

enum then { THEN_KEEP, THEN_CLOSE, THEN_HANG, THEN_REPEAT };

struct script {
	const char *path;
	const char *bytes;
	enum then then; /* THEN_REPEAT: sends the last line for ever */
};

struct server {
	const struct script *scripts; /* ends with a path of NULL */
	pthread_t thread;
	int listener, stop[2];
	unsigned port;
	struct peer {
		int fd; /* 0: free */
		struct arena *arena;
		struct out request;
		bool waits;
	} peers[PEERS];
	unsigned waiting;
	atomic_uint connections, requests, open, most_open;
};

static inline void peer_send(struct peer *p, str bytes)
{
	while (bytes.n) {
		ssize_t n = send(p->fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		bytes = str_from(bytes, (size_t)n);
	}
}

static inline void peer_close(struct server *s, struct peer *p)
{
	close(p->fd);
	arena_free(p->arena);
	s->waiting -= p->waits;
	*p = (struct peer){ 0 };
	s->open--;
}

/* The bits of a deflate stream (RFC 1951), lowest first. */
struct bits {
	struct out out;
	unsigned held, count;
};

static inline void bits_put(struct bits *b, unsigned value, unsigned count)
{
	b->held |= value << b->count;
	for (b->count += count; b->count >= 8; b->count -= 8, b->held >>= 8)
		out_char(&b->out, (char)b->held);
}

/* One block of fixed codes: a zero, then copies of it (length 258 is code 285, distance 1 is code
 * 0), and literals for the rest. */
static inline void bits_zeros(struct bits *b, size_t n)
{
	bits_put(b, 3, 3);
	for (; n; n--) {
		bits_put(b, 0x0c, 8);
		for (; n > 258; n -= 258)
			bits_put(b, 0xa3, 13);
	}
	bits_put(b, 0, 7);
	bits_put(b, 0, b->count ? 8 - b->count : 0);
}

static inline uint32_t crc_zeros(size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (; n; n--)
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	return ~crc;
}

/* RFC 1952. */
static inline str gzip_zeros(struct arena *a, size_t n)
{
	static const char head[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03";
	uint32_t crc = crc_zeros(n), length = (uint32_t)n;
	struct bits b = { 0 };

	out_init(&b.out, a, SIZE_MAX);
	out_str(&b.out, (str){ head, sizeof(head) - 1 });
	bits_zeros(&b, n);
	out_str(&b.out, (str){ (char *)&crc, 4 });
	out_str(&b.out, (str){ (char *)&length, 4 });
	return out_view(&b.out);
}

static inline void answer_body(struct peer *p, const char *header, str body)
{
	peer_send(p, str_fmt(p->arena, "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n", header,
			     body.n));
	peer_send(p, body);
}

static inline void answer_script(struct server *s, struct peer *p, const struct script *script)
{
	str bytes = str_c(script->bytes), line;

	peer_send(p, bytes);
	line = str_from(bytes, str_find_char_last(str_slice(bytes, 0, bytes.n - 1), '\n') + 1);
	if (script->then == THEN_REPEAT)
		for (int i = 0; i < 20000; i++)
			peer_send(p, line);
	if (script->then == THEN_CLOSE || script->then == THEN_REPEAT)
		peer_close(s, p);
}

static inline void answer_together(struct server *s, struct peer *p, unsigned n)
{
	p->waits = true;
	if (++s->waiting < n)
		return;
	for (size_t i = 0; i < PEERS; i++)
		if (s->peers[i].waits) {
			answer_body(&s->peers[i], "", STR("together"));
			s->peers[i].waits = false;
		}
	s->waiting = 0;
}

static inline void answer(struct server *s, struct peer *p, str request)
{
	str rest = request, path;
	size_t question;
	int64_t n = 0;

	s->requests++;
	str_cut(&rest, ' ', &path);
	str_cut(&rest, ' ', &path);
	question = str_find_char(path, '?', 0);
	rest = str_from(path, question == SIZE_MAX ? path.n : question + 1);
	path = str_slice(path, 0, question);
	str_to_i64(rest, &n);
	for (const struct script *script = s->scripts; script->path; script++)
		if (str_eq_c(path, script->path)) {
			answer_script(s, p, script);
			return;
		}
	if (str_eq_c(path, "/go"))
		peer_send(p, str_fmt(p->arena,
				     "HTTP/1.1 302 Found\r\nLocation: " STR_FMT
				     "\r\nContent-Length: 2\r\n\r\ngo",
				     STR_ARG(rest)));
	else if (str_eq_c(path, "/echo"))
		answer_body(p, "", request);
	else if (str_eq_c(path, "/zeros"))
		answer_body(p, "", (str){ arena_alloc(p->arena, (size_t)n + 1), (size_t)n });
	else if (str_eq_c(path, "/gzip"))
		answer_body(p, "Content-Encoding: gzip\r\n", gzip_zeros(p->arena, (size_t)n));
	else if (str_eq_c(path, "/together"))
		answer_together(s, p, (unsigned)n);
	else
		peer_send(p, STR("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
}

/* The length of the first whole request; 0: not all is there. */
static inline size_t request_length(str text)
{
	size_t end = str_find(text, STR("\r\n\r\n"), 0), at;
	int64_t n = 0;

	if (end == SIZE_MAX)
		return 0;
	at = str_find(text, STR("\r\nContent-Length: "), 0);
	if (at < end)
		str_to_i64(str_slice(text, at + 18, str_find(text, STR("\r\n"), at + 18)), &n);
	return text.n >= end + 4 + (size_t)n ? end + 4 + (size_t)n : 0;
}

static inline void peer_read(struct server *s, struct peer *p)
{
	char block[4096];
	ssize_t n = recv(p->fd, block, sizeof(block), 0);
	size_t length;
	str request;

	if (n <= 0) {
		peer_close(s, p);
		return;
	}
	out_str(&p->request, (str){ block, (size_t)n });
	length = request_length(out_view(&p->request));
	if (!length)
		return;
	request = str_dup(p->arena, str_slice(out_view(&p->request), 0, length));
	out_truncate(&p->request, 0);
	answer(s, p, request);
}

static inline void peer_accept(struct server *s)
{
	struct peer *p = s->peers;

	while (p->fd)
		p++;
	assert(p < s->peers + PEERS);
	p->fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
	p->arena = arena_new();
	out_init(&p->request, p->arena, 1 << 24);
	s->connections++;
	if (++s->open > s->most_open)
		s->most_open = s->open;
}

static inline void *serve(void *arg)
{
	struct server *s = arg;

	for (;;) {
		struct pollfd fds[PEERS + 2] = { { s->stop[0], POLLIN, 0 },
						 { s->listener, POLLIN, 0 } };

		for (size_t i = 0; i < PEERS; i++)
			fds[i + 2] =
				(struct pollfd){ s->peers[i].fd ? s->peers[i].fd : -1, POLLIN, 0 };
		poll(fds, PEERS + 2, -1);
		if (fds[0].revents)
			return NULL;
		for (size_t i = 0; i < PEERS; i++)
			if (fds[i + 2].revents && s->peers[i].fd)
				peer_read(s, &s->peers[i]);
		if (fds[1].revents)
			peer_accept(s);
	}
}

/* A listener on a free loopback port. */
static inline int listen_somewhere(unsigned *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && !bind(fd, (struct sockaddr *)&a, size) && !listen(fd, 256) &&
		  !getsockname(fd, (struct sockaddr *)&a, &size);

	assert(ok);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static inline struct server *server_start(const struct script *scripts)
{
	struct server *s = calloc(1, sizeof(*s));
	bool ok;

	assert(s);
	s->scripts = scripts;
	s->listener = listen_somewhere(&s->port);
	ok = !pipe(s->stop) && !pthread_create(&s->thread, NULL, serve, s);
	assert(ok);
	return s;
}

static inline void server_stop(struct server *s)
{
	close(s->stop[1]);
	pthread_join(s->thread, NULL);
	for (size_t i = 0; i < PEERS; i++)
		if (s->peers[i].fd)
			peer_close(s, &s->peers[i]);
	close(s->stop[0]);
	close(s->listener);
	free(s);
}

#endif
