/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * unpack: a stranger's archive (ZIP, or TAR with gzip) into one file in which its files stand one behind the other, and
 * a list of them. Runs in the sandboxed worker alone. Names are words in the list and never paths of anything; links,
 * folders and devices are left out, and so is a file that is too large. worker_unpack() has it done.
 */
#ifndef MEDIA_UNPACK_H
#define MEDIA_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "media/wire.h"

#define UNPACK_FILES 60000 /* in one archive, with what is left out */
#define UNPACK_BYTES (1536LL * 1024 * 1024) /* of all that is kept */
#define UNPACK_FILE_BYTES (128LL * 1024 * 1024) /* of one file */
#define UNPACK_NAME 512 /* bytes */
#define UNPACK_LIST (48 * 1024 * 1024) /* bytes of the list */
#define UNPACK_CPU 60 /* seconds */
#define UNPACK_WALL 100 /* seconds; less than a nursery waits for its next order */

/* Whether the first bytes look like an archive that is taken. */
bool unpack_is_archive(str bytes);
/* The worker's part. */
void unpack_work(str bytes, int fd_files, int fd_list, struct wire_report *r);

/* A file of the list. */
struct unpacked {
	str name;
	int64_t offset, size;
};
/*
 * The list as the worker wrote it, in the order of names; a worker may be taken over, so a line that is none, or that
 * leads out of a file of so many bytes, ends it with false.
 */
bool unpack_list_read(struct arena *a, str list, int64_t bytes, struct unpacked **ret,
		      size_t *ret_n);
/* The file of that name; NULL: there is none. */
const struct unpacked *unpack_find(const struct unpacked *files, size_t n, str name);

#endif
