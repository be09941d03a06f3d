/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: an answer is waited for a few seconds at most, on another thread. */
#include "provisioning/admin.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop/fiber.h"

#define PATIENCE 5 /* seconds, for each step */

struct asking {
	const char *address, *path;
	int status, error;
};

static void fdp_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int open_socket(int family)
{
	struct timeval patience = { .tv_sec = PATIENCE };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return fd;
}

static int connect_to(const struct sockaddr *address, socklen_t n)
{
	int fd = open_socket(address->sa_family), error;

	if (fd < 0 || connect(fd, address, n) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

static int connect_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = strlen(path);

	if (n >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, n);
	if (path[0] == '@')
		address.sun_path[0] = 0;
	return connect_to(
		(struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (path[0] != '@')));
}

static int connect_inet(const char *text)
{
	char host[256];
	const char *colon = strrchr(text, ':');
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	bool is_literal = text[0] == '[';
	size_t n = colon ? (size_t)(colon - text) : 0;
	int fd;

	if (!colon || n >= sizeof(host) || (is_literal && (n < 2 || text[n - 1] != ']')))
		return -EINVAL;
	snprintf(host, sizeof(host), "%.*s", (int)(is_literal ? n - 2 : n), text + is_literal);
	if (getaddrinfo(*host ? host : "localhost", colon + 1, &hints, &found))
		return -EADDRNOTAVAIL;
	fd = connect_to(found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return fd;
}

/* The status is all that is read: "HTTP/1.1 200 ...". */
static int talk(int fd, const char *path)
{
	char answer[16] = "";
	size_t n = 0;
	ssize_t got;
	int status;

	if (dprintf(fd, "GET %s HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n", path) < 0)
		return -errno;
	while (n < sizeof(answer) - 1) {
		got = recv(fd, answer + n, sizeof(answer) - 1 - n, 0);
		if (got <= 0)
			return got ? -errno : -EPROTO;
		n += (size_t)got;
	}
	status = strncmp(answer, "HTTP/1.", 7) == 0 ? atoi(answer + 9) : 0;
	return status ? status : -EPROTO;
}

static int connect_any(const char *address)
{
	return address[0] == '/' || address[0] == '@' ? connect_unix(address)
						      : connect_inet(address);
}

static void ask(void *arg)
{
	struct asking *a = arg;
	int fd cleanup(fdp_close) = connect_any(a->address);
	int result = fd < 0 ? fd : talk(fd, a->path);

	a->status = result > 0 ? result : 0;
	a->error = result < 0 ? -result : 0;
}

int admin_get(struct ctx *c, const char *address, const char *path, int *ret_status)
{
	struct asking a = { .address = address, .path = path };

	offload(ask, &a);
	if (a.error)
		return fail(c, E_LATER, "%s: %s", address, strerror(a.error));
	*ret_status = a.status;
	return 0;
}

static void reach(void *arg)
{
	struct asking *a = arg;
	int fd cleanup(fdp_close) = connect_any(a->address);

	a->error = fd < 0 ? -fd : 0;
}

int admin_reach(struct ctx *c, const char *address)
{
	struct asking a = { .address = address };

	offload(reach, &a);
	return a.error ? fail(c, E_LATER, "%s: %s", address, strerror(a.error)) : 0;
}
