/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Numbers in foreign bytes, at any offset: what is past the end reads as zero bits, so that a parser
 * has to check its structure, but never an access.
 */
#ifndef MEDIA_BYTES_H
#define MEDIA_BYTES_H

#include <stdint.h>
#include <string.h>

#include "base/str.h"

static inline uint64_t bytes_be(str s, size_t at, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++) {
		value <<= 8;
		if (at < s.n && i < s.n - at)
			value |= (unsigned char)s.p[at + i];
	}
	return value;
}

static inline uint64_t bytes_le(str s, size_t at, size_t n)
{
	uint64_t value = 0;

	for (size_t i = n; i-- > 0;) {
		value <<= 8;
		if (at < s.n && i < s.n - at)
			value |= (unsigned char)s.p[at + i];
	}
	return value;
}

/* Whether these bytes stand at that offset. */
static inline bool bytes_are(str s, size_t at, str wanted)
{
	return at <= s.n && str_starts(str_from(s, at), wanted);
}

#endif
