/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a letter and its small form have as many bytes as each other, so places in a text stay. */
#include "base/fold.h"

#include <stdbool.h>
#include <stddef.h>

/* Capitals of two bytes have their small form at a fixed distance, or right behind them. */
static void fold_pair(char *p)
{
	unsigned high = (unsigned char)p[0], low = (unsigned char)p[1];
	unsigned code = (high & 0x1f) << 6 | (low & 0x3f);

	if ((code >= 0xc0 && code <= 0xde && code != 0xd7) || (code >= 0x391 && code <= 0x3a9) ||
	    (code >= 0x410 && code <= 0x42f))
		code += 32;
	else if (code >= 0x400 && code <= 0x40f)
		code += 80;
	else if ((code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17e))
		code += code & 1;
	else if (code >= 0x100 && code < 0x178 && code != 0x130 && code != 0x131 && code != 0x138)
		code |= 1;
	p[0] = (char)(0xc0 | code >> 6);
	p[1] = (char)(0x80 | (code & 0x3f));
}

static bool is_pair(const char *p, size_t left)
{
	return left > 1 && ((unsigned char)p[0] & 0xe0) == 0xc0 &&
	       ((unsigned char)p[1] & 0xc0) == 0x80;
}

str str_fold(struct arena *a, str s)
{
	char *p = arena_copy(a, s.p, s.n);

	for (size_t i = 0; i < s.n; i++) {
		p[i] = char_lower(p[i]);
		if (is_pair(p + i, s.n - i))
			fold_pair(p + i++);
	}
	return (str){ p, s.n };
}
