/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Files in a directory: ab/cd/abcd....jpg. Invariant: a file stands under its name only when all of
 * its bytes are on the disk; a machine that loses its power keeps a whole file or none.
 */
#include "media/store_part.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "loop/fiber.h"

/* What a thread works on: it may not touch the ctx. */
struct task {
	const char *directory;
	str name, bytes;
	char folder[PATH_MAX], path[PATH_MAX], scratch[PATH_MAX];
	struct stat st;
	int fd, error; /* errno */
};

static int task_init(struct ctx *c, const struct store *s, str name, struct task *t)
{
	const char *at = s->options.directory;
	int n;

	*t = (struct task){ .directory = at, .name = name, .fd = -1 };
	n = snprintf(t->folder, sizeof(t->folder), "%s/%.2s/%.2s", at, name.p, name.p + 2);
	if (n > 0 && n + name.n + 2 < sizeof(t->path)) {
		snprintf(t->path, sizeof(t->path), "%.*s/%.*s", n, t->folder, STR_ARG(name));
		snprintf(t->scratch, sizeof(t->scratch), "%.*s/new-XXXXXX", n, t->folder);
		return 0;
	}
	return fail(c, E_LATER, "media_path is too long");
}

static bool make_folders(struct task *t)
{
	char *slash = strrchr(t->folder, '/');

	if (mkdir(t->folder, 0770) == 0 || errno == EEXIST)
		return true;
	*slash = '\0';
	if (mkdir(t->folder, 0770) && errno != EEXIST)
		return false;
	*slash = '/';
	return mkdir(t->folder, 0770) == 0 || errno == EEXIST;
}

static bool write_all(int fd, str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = str_from(s, (size_t)n);
	}
	return fsync(fd) == 0;
}

/* The name itself has to be on the disk too. */
static bool sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static bool is_there(const struct task *t)
{
	struct stat st;

	return stat(t->path, &st) == 0 && (size_t)st.st_size == t->bytes.n;
}

static bool put(struct task *t)
{
	bool done;

	if (is_there(t))
		return true;
	if (!make_folders(t))
		return false;
	t->fd = mkostemp(t->scratch, O_CLOEXEC);
	if (t->fd < 0)
		return false;
	/* The other program reads it by its group. */
	if (fchmod(t->fd, 0640))
		log_debug(NULL, "event=media_store path=%s error=\"%s\"", t->scratch,
			  strerror(errno));
	done = write_all(t->fd, t->bytes) && rename(t->scratch, t->path) == 0 &&
	       sync_folder(t->folder);
	if (!done) {
		int error = errno;

		unlink(t->scratch);
		errno = error;
	}
	close(t->fd);
	return done;
}

static void put_task(void *arg)
{
	struct task *t = arg;

	t->error = put(t) ? 0 : errno;
}

static void open_task(void *arg)
{
	struct task *t = arg;

	t->fd = open(t->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	t->error = t->fd < 0 ? errno : 0;
}

static void remove_task(void *arg)
{
	struct task *t = arg;

	t->error = unlink(t->path) && errno != ENOENT ? errno : 0;
}

static int directory_put(struct ctx *c, struct store *s, str name, unused str media_type, str bytes)
{
	struct task *t = arena_new_of(c->arena, struct task);

	TRY(task_init(c, s, name, t));
	t->bytes = bytes;
	offload(put_task, t);
	return t->error ? fail(c, E_LATER, "the file cannot be stored: %s", strerror(t->error)) : 0;
}

/* What a task could not do with the file. */
static int unreadable(struct ctx *c, const struct task *t)
{
	if (t->error == ENOENT)
		return fail(c, E_NOT_FOUND, "the file is not stored here");
	return t->error ? fail(c, E_LATER, "the file cannot be read: %s", strerror(t->error)) : 0;
}

static int directory_open(struct ctx *c, struct store *s, str name, int *ret_fd)
{
	struct task *t = arena_new_of(c->arena, struct task);

	TRY(task_init(c, s, name, t));
	offload(open_task, t);
	TRY(unreadable(c, t));
	*ret_fd = t->fd;
	return 0;
}

static void size_task(void *arg)
{
	struct task *t = arg;

	if (lstat(t->path, &t->st))
		t->error = errno;
	else if (!S_ISREG(t->st.st_mode))
		t->error = ENOENT;
}

static int directory_size(struct ctx *c, struct store *s, str name, int64_t *ret)
{
	struct task *t = arena_new_of(c->arena, struct task);

	TRY(task_init(c, s, name, t));
	offload(size_task, t);
	TRY(unreadable(c, t));
	*ret = t->st.st_size;
	return 0;
}

static int directory_remove(struct ctx *c, struct store *s, str name)
{
	struct task *t = arena_new_of(c->arena, struct task);

	TRY(task_init(c, s, name, t));
	offload(remove_task, t);
	return t->error ? fail(c, E_LATER, "the file cannot be removed: %s", strerror(t->error))
			: 0;
}

const struct store_kind store_directory = {
	.put = directory_put,
	.open = directory_open,
	.size = directory_size,
	.remove = directory_remove,
};
