/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a directory that is not there, or that may not be read, has no notices. */
#include "provisioning/notice.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/fd.h"
#include "model/settings.h"

#define NOTICES_LIMIT 20
#define LINE_LIMIT 512 /* the rest of a line that is longer counts as one of its own */

struct notices {
	str *all;
	size_t n;
};

static void read_file(struct ctx *c, const char *path, struct notices *x)
{
	FILE *f = fopen(path, "re");
	const char *subject = strrchr(path, '/') + 1;
	char line[LINE_LIMIT];

	while (f && x->n < NOTICES_LIMIT && fgets(line, sizeof(line), f)) {
		str words = str_trim(str_c(line));

		if (words.n)
			x->all[x->n++] = str_fmt(c->arena, "%s: %.*s", subject, STR_ARG(words));
	}
	if (f)
		fclose(f);
}

const str *notice_list(struct ctx *c, size_t *ret_n)
{
	struct notices x = { .all = arena_array(c->arena, NOTICES_LIMIT, sizeof(*x.all)) };
	glob_t found = { .gl_pathc = 0 };

	if (glob(str_fmt(c->arena, "%s/*", c->settings->notices_path).p, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_file(c, found.gl_pathv[i], &x);
	globfree(&found);
	*ret_n = x.n;
	return x.all;
}

int notice_put(struct ctx *c, const char *subject, str lines)
{
	const char *path = str_fmt(c->arena, "%s/%s", c->settings->notices_path, subject).p;
	cleanup(close_fd) int fd = -1;

	if (!lines.n && (unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (lines.n)
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 && errno == ENOENT)
		return 0;
	/* The doctor of the timer is not root. */
	if (fd >= 0 && write(fd, lines.p, lines.n) == (ssize_t)lines.n && fchmod(fd, 0644) == 0)
		return 0;
	return fail(c, E_FORBIDDEN, "%s cannot be written: %s", path, strerror(errno));
}
