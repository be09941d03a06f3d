/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a name is ours, never a stranger's; what could not be written whole is an error of the archive. */
#include "media/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/fiber.h"

#define PORTION (256 * 1024) /* bytes read and written at once */

struct pack {
	struct archive *archive;
	usec time;
	char *room; /* PORTION */
};

static void close_all(void *arg)
{
	archive_write_free(arg);
}

void pack_free(struct pack *p)
{
	if (!p)
		return;
	if (p->archive)
		offload(close_all, p->archive);
	free(p->room);
	free(p);
}

void pack_freep(struct pack **p)
{
	pack_free(*p);
}

int pack_new(int fd, usec time, struct pack **ret)
{
	struct pack *p cleanup(pack_freep) = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->time = time;
	p->room = malloc(PORTION);
	p->archive = archive_write_new();
	if (!p->room || !p->archive || archive_write_set_format_zip(p->archive) != ARCHIVE_OK ||
	    archive_write_open_fd(p->archive, fd) != ARCHIVE_OK)
		return -ENOMEM;
	*ret = p;
	p = NULL;
	return 0;
}

/* What a thread works on: it may not touch the ctx. */
struct task {
	struct pack *pack;
	const char *name;
	str bytes;
	int fd; /* -1: the bytes */
	bool pressed, worked;
};

static void entry_freep(struct archive_entry **e)
{
	archive_entry_free(*e);
}

static bool begin(struct task *t, int64_t size)
{
	struct archive_entry *e cleanup(entry_freep) = archive_entry_new();
	struct archive *a = t->pack->archive;

	if (!e)
		return false;
	archive_entry_set_pathname(e, t->name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, size);
	archive_entry_set_mtime(e, t->pack->time / USEC_SEC, 0);
	return (t->pressed ? archive_write_zip_set_compression_deflate(a)
			   : archive_write_zip_set_compression_store(a)) == ARCHIVE_OK &&
	       archive_write_header(a, e) == ARCHIVE_OK;
}

static bool write_all(struct archive *a, str bytes)
{
	while (bytes.n) {
		la_ssize_t n = archive_write_data(a, bytes.p, bytes.n);

		if (n <= 0)
			return false;
		bytes = str_from(bytes, (size_t)n);
	}
	return true;
}

static bool copy(struct task *t, int64_t size)
{
	int64_t at = 0;

	while (at < size) {
		ssize_t n = pread(t->fd, t->pack->room, PORTION, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || !write_all(t->pack->archive, (str){ t->pack->room, (size_t)n }))
			return false;
		at += n;
	}
	return true;
}

static void add_task(void *arg)
{
	struct task *t = arg;
	struct stat s;

	if (t->fd < 0)
		t->worked = begin(t, (int64_t)t->bytes.n) && write_all(t->pack->archive, t->bytes);
	else
		t->worked = fstat(t->fd, &s) == 0 && begin(t, s.st_size) && copy(t, s.st_size);
}

static int add(struct ctx *c, struct task t)
{
	struct task *task = arena_new_of(c->arena, struct task);

	*task = t;
	offload(add_task, task);
	return task->worked ? 0 : fail(c, E_LATER, "%s cannot be packed", t.name);
}

int pack_add(struct ctx *c, struct pack *p, const char *name, str bytes, bool pressed)
{
	return add(c, (struct task){ p, name, bytes, -1, pressed, false });
}

int pack_add_file(struct ctx *c, struct pack *p, const char *name, int fd, bool pressed)
{
	return add(c, (struct task){ p, name, STR_NULL, fd, pressed, false });
}

static void done_task(void *arg)
{
	struct task *t = arg;

	t->worked = archive_write_close(t->pack->archive) == ARCHIVE_OK;
}

int pack_done(struct ctx *c, struct pack *p)
{
	struct task *task = arena_new_of(c->arena, struct task);

	task->pack = p;
	offload(done_task, task);
	return task->worked ? 0 : fail(c, E_LATER, "the archive cannot be written");
}
