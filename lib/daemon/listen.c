/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Listening sockets. Invariant: what is returned listens, does not block and is closed on exec; a
 * passed socket is returned as a duplicate, so that asking twice works and closing the duplicate
 * leaves the socket and its pending connections to the service manager.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/err.h"
#include "daemon/fd.h"

#define SOCKET_MODE 0660

static void free_names(char ***names)
{
	for (char **name = *names; name && *name; name++)
		free(*name);
	free(*names);
}

static void free_addresses(struct addrinfo **list)
{
	if (*list)
		freeaddrinfo(*list);
}

/* Gives the descriptor of *fd away. */
static int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

bool daemon_has_passed_sockets(void)
{
	return sd_listen_fds(0) > 0;
}

static int duplicate(int fd, int *ret_fd)
{
	cleanup(close_fd) int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	int flags;

	if (copy < 0)
		return -errno;
	flags = fcntl(copy, F_GETFL);
	if (flags < 0 || fcntl(copy, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	*ret_fd = take_fd(&copy);
	return 0;
}

/* -ENOENT when no such socket was passed, -EINVAL when what was passed does not listen. */
static int passed_socket(const char *name, int *ret_fd)
{
	cleanup(free_names) char **names = NULL;
	int count = sd_listen_fds_with_names(0, &names);

	for (int i = 0; i < count; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (strcmp(names[i], name))
			continue;
		if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
			return -EINVAL;
		return duplicate(fd, ret_fd);
	}
	return count < 0 ? count : -ENOENT;
}

static int stream_socket(int family, int *ret_fd)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/*
 * Removes the socket of a process that is gone. One that still answers is in use: its server would
 * go on unseen.
 */
static int unlink_stale(const struct sockaddr_un *sa, socklen_t length)
{
	cleanup(close_fd) int probe = -1;
	struct stat st;

	if (lstat(sa->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EADDRINUSE;
	TRY(stream_socket(AF_UNIX, &probe));
	/* Its queue may be full (EAGAIN): then it is in use as well. */
	if (connect(probe, (const struct sockaddr *)sa, length) == 0 || errno != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(sa->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

static int open_unix(const char *address, int *ret_fd)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t n = strlen(address);
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	bool has_path = address[0] == '/';
	cleanup(close_fd) int fd = -1;

	if (n < 2)
		return -EINVAL;
	if (n >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, address, n);
	if (has_path)
		TRY(unlink_stale(&sa, length));
	else
		sa.sun_path[0] = 0;
	TRY(stream_socket(AF_UNIX, &fd));
	/* The mode is given before the name exists, so that at no moment others may connect ... */
	if (has_path && fchmod(fd, SOCKET_MODE) < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&sa, length) < 0)
		return errno == ENOENT ? -ENOTDIR : -errno; /* ENOENT says "no address" here */
	/* ... and again, since the umask has a say in it there. */
	if (has_path && chmod(sa.sun_path, SOCKET_MODE) < 0)
		return -errno;
	if (listen(fd, SOMAXCONN) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

/* both: IPv4 connections come to this IPv6 socket as well, whatever the system's default. */
static int open_tcp_one(const struct addrinfo *at, bool both, int *ret_fd)
{
	cleanup(close_fd) int fd = -1;
	int yes = 1, no = 0;

	TRY(stream_socket(at->ai_family, &fd));
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0)
		return -errno;
	if (both && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no)) < 0)
		return -errno;
	if (bind(fd, at->ai_addr, at->ai_addrlen) < 0 || listen(fd, SOMAXCONN) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int resolve(const char *host, const char *port, int family, struct addrinfo **ret)
{
	const struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	};
	int result = getaddrinfo(host, port, &hints, ret);

	if (result == EAI_SYSTEM)
		return -errno;
	return result ? -EADDRNOTAVAIL : 0;
}

/* Opens the first address of host that works; NULL is any address, of both families if it can. */
static int open_host(const char *host, const char *port, int family, int *ret_fd)
{
	cleanup(free_addresses) struct addrinfo *list = NULL;
	int result = -EADDRNOTAVAIL;

	TRY(resolve(host, port, family, &list));
	for (const struct addrinfo *at = list; at && result; at = at->ai_next)
		result = open_tcp_one(at, !host && family == AF_INET6, ret_fd);
	return result;
}

static int open_any(const char *port, int *ret_fd)
{
	int result = open_host(NULL, port, AF_INET6, ret_fd);

	if (result == -EAFNOSUPPORT || result == -EADDRNOTAVAIL)
		return open_host(NULL, port, AF_INET, ret_fd);
	return result;
}

/* "host:port", "[v6]:port" or ":port"; a v6 address without brackets is ambiguous. */
static int open_tcp(const char *address, int *ret_fd)
{
	cleanup(arena_freep) struct arena *a = arena_new();
	str s = str_c(address);
	size_t colon = str_find_char_last(s, ':');
	str host = str_slice(s, 0, colon), port = STR_NULL;
	uint16_t number;
	int family = AF_UNSPEC;

	if (colon == SIZE_MAX)
		return -EINVAL;
	port = str_from(s, colon + 1);
	if (port.n == 0 || !char_is_digit(port.p[0]) || !str_to_u16(port, &number))
		return -EINVAL;
	if (host.n == 0)
		return open_any(str_z(a, port), ret_fd);
	if (host.n > 2 && str_starts(host, STR("[")) && str_ends(host, STR("]"))) {
		host = str_slice(host, 1, host.n - 1);
		family = AF_INET6;
	} else if (str_find_char(host, ':', 0) != SIZE_MAX || host.p[0] == '[') {
		return -EINVAL;
	}
	return open_host(str_z(a, host), str_z(a, port), family, ret_fd);
}

int daemon_socket(const char *name, const char *address, int *ret_fd)
{
	int result = passed_socket(name, ret_fd);

	if (result != -ENOENT || !address || !*address)
		return result;
	if (address[0] == '/' || address[0] == '@')
		return open_unix(address, ret_fd);
	return open_tcp(address, ret_fd);
}
