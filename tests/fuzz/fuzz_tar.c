/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A tenant's archive is read header by header. What is read is what we could have written: written again, it reads the
 * same. A header is also read with the checksum that it should have, which hardly a changed one has by itself.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/tar.h"

#define SUM_AT 148
#define SUM_ROOM 8
#define TYPE_AT 156

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes behind the entry that a reader passes over, or SIZE_MAX: it ends here. */
static size_t check(struct arena *a, const char block[TAR_BLOCK])
{
	struct tar_entry e, again;
	char own[TAR_BLOCK];

	if (tar_read(a, block, &e) || str_is_null(e.name))
		return SIZE_MAX;
	assert(e.name.n > 0 && e.name.n <= TAR_NAME && !memchr(e.name.p, 0, e.name.n));
	assert(block[TYPE_AT] == '0');
	tar_write(own, e.name, e.size, 0);
	assert(tar_read(a, own, &again) == 0);
	assert(str_eq(again.name, e.name) && again.size == e.size);
	assert((e.size + tar_padding(e.size)) % TAR_BLOCK == 0 && tar_padding(e.size) < TAR_BLOCK);
	return (size_t)e.size + tar_padding(e.size);
}

static void mend_sum(char block[TAR_BLOCK])
{
	char text[SUM_ROOM];
	unsigned sum = 0;

	memset(block + SUM_AT, ' ', SUM_ROOM);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(text, sizeof(text), "%06o", sum & 0777777);
	memcpy(block + SUM_AT, text, SUM_ROOM - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	size_t at = 0, behind;
	char block[TAR_BLOCK];

	while (size - at >= TAR_BLOCK) {
		memcpy(block, data + at, TAR_BLOCK);
		behind = check(arena, block);
		mend_sum(block);
		check(arena, block);
		at += TAR_BLOCK;
		if (behind == SIZE_MAX || behind > size - at)
			return 0;
		at += behind;
	}
	return 0;
}
