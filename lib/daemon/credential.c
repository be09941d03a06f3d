/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Credentials are files in a directory that only this service can read. Invariant: a name never
 * leads out of that directory.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/out.h"
#include "daemon/fd.h"

#define CREDENTIAL_LIMIT (64 * 1024)

static bool is_name(str s)
{
	return s.n && str_find_char(s, '/', 0) == SIZE_MAX && !str_eq(s, STR(".")) &&
	       !str_eq(s, STR(".."));
}

static int read_all(int fd, struct out *o)
{
	char piece[4096];
	ssize_t n;

	while (!o->failed && (n = read(fd, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			out_str(o, (str){ piece, (size_t)n });
	}
	return 0;
}

int daemon_credential(struct arena *a, const char *name, str *ret)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	cleanup(close_fd) int fd = -1;
	struct out o;
	str path;

	if (!directory || !*directory || !is_name(str_c(name)))
		return E_NOT_FOUND;
	path = str_fmt(a, "%s/%s", directory, name);
	/* Without waiting for a writer, should it be a pipe. */
	fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? E_NOT_FOUND : -errno;
	out_init(&o, a, CREDENTIAL_LIMIT);
	TRY(read_all(fd, &o));
	return out_done(&o, ret);
}
