/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A scripted server for tests: answers plain HTTP on two loopback ports (two "hosts") from one
 * thread, by a table, and keeps what it was asked. In bodies and locations "$1" and "$2" stand for
 * the two origins, "$1p" and "$2p" for their ports.
 */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEER_REQUESTS 64
#define PEER_REQUEST_SIZE 16384

struct peer_row {
	int host; /* 1 or 2 */
	const char *path; /* of the request target; the query is not compared */
	int status;
	const char *type;
	const char *header; /* one more, or NULL; "$1" as in the body */
	const char *body;
	const char *needs; /* 401 unless the request has this header (lower case); or NULL */
};

struct peer {
	const struct peer_row *rows; /* ends with a path of NULL */
	pthread_t thread;
	int listeners[2];
	int stop[2];
	int port[2];
	/* What came, in order; read it when nothing is under way. */
	char *requests[PEER_REQUESTS];
	int hosts[PEER_REQUESTS];
	atomic_int n;
};

static inline int peer_listen(int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, size) || listen(fd, 16) ||
	    getsockname(fd, (struct sockaddr *)&a, &size))
		abort();
	*ret_port = ntohs(a.sin_port);
	return fd;
}

/* text with the origins put in; to be freed. */
static inline char *peer_fill(const struct peer *p, const char *text, size_t *ret_n)
{
	char *filled = NULL;
	FILE *f = open_memstream(&filled, ret_n);

	for (; *text; text++) {
		if (*text != '$' || (text[1] != '1' && text[1] != '2')) {
			fputc(*text, f);
			continue;
		}
		text++;
		fprintf(f, "%s%d", text[1] == 'p' ? "" : "http://127.0.0.1:", p->port[*text - '1']);
		text += text[1] == 'p';
	}
	fclose(f);
	return filled;
}

static inline size_t peer_body_length(const char *request)
{
	const char *length = strcasestr(request, "\r\ncontent-length:");

	return length ? strtoul(length + 17, NULL, 10) : 0;
}

/* Reads one request; to be freed. */
static inline char *peer_read(int fd)
{
	char *request = calloc(1, PEER_REQUEST_SIZE);
	size_t n = 0;

	while (n < PEER_REQUEST_SIZE - 1) {
		ssize_t got = read(fd, request + n, PEER_REQUEST_SIZE - 1 - n);
		const char *end;

		if (got <= 0)
			break;
		n += (size_t)got;
		end = strstr(request, "\r\n\r\n");
		if (end && n >= (size_t)(end + 4 - request) + peer_body_length(request))
			break;
	}
	return request;
}

static inline const struct peer_row *peer_find(const struct peer *p, int host, const char *request)
{
	const char *target = strchr(request, ' ');

	for (const struct peer_row *r = p->rows; target && r->path; r++) {
		size_t n = strlen(r->path);

		if (r->host == host && strncmp(target + 1, r->path, n) == 0 &&
		    strchr(" ?", target[1 + n]))
			return r;
	}
	return NULL;
}

static inline void peer_write(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		p += sent;
		n -= (size_t)sent;
	}
}

static inline void peer_answer(const struct peer *p, int fd, const struct peer_row *r,
			       const char *request)
{
	static const struct peer_row missing = { 1, "", 404, "text/plain", NULL, "nothing", NULL };
	size_t body_n, header_n, head_n;
	char *body, *header, *head = NULL;
	int status;

	if (!r)
		r = &missing;
	status = r->needs && !strcasestr(request, r->needs) ? 401 : r->status;
	body = peer_fill(p, r->body ? r->body : "", &body_n);
	header = peer_fill(p, r->header ? r->header : "x-test: yes", &header_n);
	head_n = (size_t)asprintf(&head,
				  "HTTP/1.1 %d Status\r\ncontent-type: %s\r\n%s\r\n"
				  "content-length: %zu\r\nconnection: close\r\n\r\n",
				  status, r->type, header, body_n);
	peer_write(fd, head, head_n);
	peer_write(fd, body, body_n);
	free(head);
	free(header);
	free(body);
}

static inline void peer_serve(struct peer *p, int which)
{
	int fd = accept4(p->listeners[which], NULL, NULL, SOCK_CLOEXEC), n = atomic_load(&p->n);
	char *request = peer_read(fd);

	/* Before the answer leaves: whoever reads it may look at once. */
	assert(n < PEER_REQUESTS);
	p->requests[n] = request;
	p->hosts[n] = which + 1;
	atomic_store(&p->n, n + 1);
	peer_answer(p, fd, peer_find(p, which + 1, request), request);
	close(fd);
}

static inline void *peer_main(void *arg)
{
	struct peer *p = arg;
	struct pollfd fds[3] = {
		{ p->listeners[0], POLLIN, 0 },
		{ p->listeners[1], POLLIN, 0 },
		{ p->stop[0], POLLIN, 0 },
	};

	while (poll(fds, 3, -1) > 0 && !fds[2].revents) {
		if (fds[0].revents)
			peer_serve(p, 0);
		if (fds[1].revents)
			peer_serve(p, 1);
	}
	return NULL;
}

static inline void peer_start(struct peer *p, const struct peer_row *rows)
{
	memset(p, 0, sizeof(*p));
	p->rows = rows;
	p->listeners[0] = peer_listen(&p->port[0]);
	p->listeners[1] = peer_listen(&p->port[1]);
	if (pipe(p->stop) || pthread_create(&p->thread, NULL, peer_main, p))
		abort();
}

static inline void peer_forget(struct peer *p)
{
	for (int i = 0, n = atomic_load(&p->n); i < n; i++)
		free(p->requests[i]);
	atomic_store(&p->n, 0);
}

static inline void peer_stop(struct peer *p)
{
	close(p->stop[1]);
	pthread_join(p->thread, NULL);
	close(p->stop[0]);
	close(p->listeners[0]);
	close(p->listeners[1]);
	peer_forget(p);
}

#endif
