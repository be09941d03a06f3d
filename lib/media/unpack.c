/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: nothing is written but to the two descriptors, and what an archive may cost is bounded by the number of
 * its files, by their bytes, and by the sandbox.
 */
#include "media/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/out.h"

#define PORTION (128 * 1024) /* bytes at once */

struct unpacking {
	struct archive *archive;
	struct wire_report *report;
	struct out list;
	int fd;
	int64_t at; /* bytes that are kept */
	char room[PORTION];
};

static void archive_freep(struct archive **a)
{
	archive_read_free(*a);
}

static int refuse(struct unpacking *u, int err, const char *why)
{
	u->report->err = err;
	snprintf(u->report->message, sizeof(u->report->message), "%s", why);
	return err;
}

/* Its name as a word of the list; the null str for what is not kept. */
static str name_of(struct archive_entry *e)
{
	const char *z = archive_entry_pathname(e);
	str name;

	if (!z)
		z = archive_entry_pathname_utf8(e);
	if (!z || archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e) ||
	    archive_entry_symlink(e))
		return STR_NULL;
	name = str_c(z);
	while (str_starts(name, STR("./")) || str_starts(name, STR("/")))
		name = str_from(name, name.p[0] == '/' ? 1 : 2);
	if (name.n == 0 || name.n > UNPACK_NAME || !str_is_utf8(name))
		return STR_NULL;
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < ' ')
			return STR_NULL;
	return name;
}

static bool write_at(int fd, const char *p, size_t n, int64_t at)
{
	while (n) {
		ssize_t done = pwrite(fd, p, n, at);

		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
		at += done;
	}
	return true;
}

/* One that turns out to be too large is written over by the next. */
static int keep(struct unpacking *u, str name)
{
	int64_t size = 0;
	la_ssize_t n;

	while ((n = archive_read_data(u->archive, u->room, PORTION)) > 0) {
		if (size + n > UNPACK_FILE_BYTES)
			return 0;
		if (u->at + size + n > UNPACK_BYTES)
			return refuse(u, E_TOO_LARGE, "there is too much in the archive");
		if (!write_at(u->fd, u->room, (size_t)n, u->at + size))
			return refuse(u, E_TOO_LARGE,
				      "there is no room for what is in the archive");
		size += n;
	}
	if (n < 0)
		return refuse(u, E_UNPROCESSABLE, "the archive is damaged");
	out_fmt(&u->list, "%lld %lld %.*s\n", (long long)u->at, (long long)size, STR_ARG(name));
	u->at += size;
	return 0;
}

static int unpack(struct unpacking *u, str bytes)
{
	struct archive_entry *e;
	int result, files = 0;

	if (archive_read_open_memory(u->archive, bytes.p, bytes.n) != ARCHIVE_OK)
		return refuse(u, E_UNPROCESSABLE, "this is no archive of a kind that we take");
	while ((result = archive_read_next_header(u->archive, &e)) == ARCHIVE_OK ||
	       result == ARCHIVE_WARN) {
		str name = name_of(e);

		if (++files > UNPACK_FILES)
			return refuse(u, E_TOO_LARGE, "there are too many files in the archive");
		if (!str_is_null(name))
			TRY(keep(u, name));
	}
	return result == ARCHIVE_EOF ? 0 : refuse(u, E_UNPROCESSABLE, "the archive is damaged");
}

void unpack_work(str bytes, int fd_files, int fd_list, struct wire_report *r)
{
	struct archive *a cleanup(archive_freep) = archive_read_new();
	struct arena *arena cleanup(arena_freep) = arena_new();
	static struct unpacking u;
	str list;

	u = (struct unpacking){ .archive = a, .report = r, .fd = fd_files };
	out_init(&u.list, arena, UNPACK_LIST);
	if (!a || !unpack_is_archive(bytes) || archive_read_support_format_zip(a) != ARCHIVE_OK ||
	    archive_read_support_format_tar(a) != ARCHIVE_OK ||
	    archive_read_support_filter_gzip(a) != ARCHIVE_OK) {
		refuse(&u, E_UNPROCESSABLE, "this is no archive of a kind that we take");
		return;
	}
	if (unpack(&u, bytes))
		return;
	list = u.list.n ? out_view(&u.list) : STR("");
	if (u.list.failed || !write_at(fd_list, list.p, list.n, 0))
		refuse(&u, E_TOO_LARGE, "there are too many files in the archive");
}
