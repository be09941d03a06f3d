/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Taking a connection away from libmicrohttpd, for answers that have no end. Its own ways would keep
 * the connection's memory (CONNECTION_MEMORY and more) for as long as the stream lives, and an upgrade
 * of its can answer nothing but 101. So the descriptor is duplicated and the library's number put on a
 * socket that leads nowhere, whose connection it then closes.
 *
 * Invariant: that is done while the connection is suspended, when the descriptor is in none of the
 * library's sets.
 */
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/http_exchange.h"

/* One end of a pair whose other end is closed. */
static int dead_end(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	close(pair[1]);
	return pair[0];
}

int request_take(struct request *q, int *ret_fd)
{
	struct exchange *x = q->exchange;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	int fd, other;

	if (!info)
		return -EIO;
	other = dead_end();
	if (other < 0)
		return other;
	fd = fcntl(info->connect_fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0 || dup3(other, info->connect_fd, O_CLOEXEC) < 0) {
		int error = -errno;

		close(other);
		if (fd >= 0)
			close(fd);
		return error;
	}
	close(other);
	x->is_taken = true;
	*ret_fd = fd;
	return 0;
}
