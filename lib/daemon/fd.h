/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A descriptor that is closed when its variable leaves the scope; negative is none. */
#ifndef DAEMON_FD_H
#define DAEMON_FD_H

#include <unistd.h>

static inline void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#endif
