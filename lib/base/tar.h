/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tar: headers of archives of plain files (POSIX.1-1988 "ustar"), as much as we write ourselves and
 * nothing else: regular files with short names. No links, no directories, no extensions; whoever
 * reads never writes to a path that an archive names.
 */
#ifndef BASE_TAR_H
#define BASE_TAR_H

#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/str.h"

#define TAR_BLOCK 512
#define TAR_NAME 99 /* bytes */

/* Fills a block. The name is ours and fits; so is the size, below 8 GiB. */
void tar_write(char block[TAR_BLOCK], str name, uint64_t size, usec modified);
/* Bytes that fill the last block of a file up. */
size_t tar_padding(uint64_t size);

struct tar_entry {
	str name; /* in the arena; null: the end of the archive */
	uint64_t size;
};
/* E_INVALID for a block that is not such a header. */
int tar_read(struct arena *a, const char block[TAR_BLOCK], struct tar_entry *ret) must_check;

#endif
