/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: nothing of a header is used before its checksum was right. */
#include "base/tar.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

#define SIZE_LIMIT (UINT64_C(1) << 33) /* eleven octal digits */

struct header {
	char name[100];
	char mode[8], uid[8], gid[8];
	char size[12], mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[6], version[2];
	char user[32], group[32];
	char major[8], minor[8];
	char prefix[155];
	char pad[12];
};
_Static_assert(sizeof(struct header) == TAR_BLOCK, "a header is a block");

/* The sum of all bytes, those of the sum itself as spaces. */
static unsigned checksum(const struct header *h)
{
	const unsigned char *p = (const unsigned char *)h;
	size_t at = offsetof(struct header, checksum);
	unsigned sum = 0;

	for (size_t i = 0; i < sizeof(*h); i++)
		sum += i >= at && i < at + sizeof(h->checksum) ? ' ' : p[i];
	return sum;
}

void tar_write(char block[TAR_BLOCK], str name, uint64_t size, usec modified)
{
	struct header h = { .type = '0', .magic = "ustar", .version = { '0', '0' } };
	char sum[8];

	assert(name.n > 0 && name.n <= TAR_NAME && size < SIZE_LIMIT);
	memcpy(h.name, name.p, name.n);
	memcpy(h.mode, "0000600", 8);
	memcpy(h.uid, "0000000", 8);
	memcpy(h.gid, "0000000", 8);
	snprintf(h.size, sizeof(h.size), "%011" PRIo64, size);
	snprintf(h.mtime, sizeof(h.mtime), "%011" PRIo64,
		 (uint64_t)(modified / USEC_SEC) & UINT64_C(077777777777));
	snprintf(sum, sizeof(sum), "%06o", checksum(&h) & 0777777);
	memcpy(h.checksum, sum, 7);
	h.checksum[7] = ' ';
	memcpy(block, &h, sizeof(h));
}

size_t tar_padding(uint64_t size)
{
	return (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/* Octal digits up to a NUL or a space. */
static bool octal(const char *field, size_t room, uint64_t *ret)
{
	uint64_t value = 0;
	size_t n = 0;

	while (n < room && field[n] >= '0' && field[n] <= '7')
		value = value << 3 | (uint64_t)(field[n++] - '0');
	if (n == 0 || (n < room && field[n] != '\0' && field[n] != ' '))
		return false;
	*ret = value;
	return true;
}

static bool is_zero(const char *block)
{
	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (block[i])
			return false;
	return true;
}

int tar_read(struct arena *a, const char block[TAR_BLOCK], struct tar_entry *ret)
{
	struct header h;
	uint64_t sum, size;

	if (is_zero(block)) {
		*ret = (struct tar_entry){ STR_NULL, 0 };
		return 0;
	}
	memcpy(&h, block, sizeof(h));
	if (!octal(h.checksum, sizeof(h.checksum), &sum) || sum != checksum(&h))
		return E_INVALID;
	if (memcmp(h.magic, "ustar", 6) != 0 || h.type != '0' || h.prefix[0] || h.name[0] == '\0' ||
	    h.name[TAR_NAME] || !octal(h.size, sizeof(h.size), &size) || size >= SIZE_LIMIT)
		return E_INVALID;
	ret->name = str_dup(a, str_c(h.name));
	ret->size = size;
	return 0;
}
