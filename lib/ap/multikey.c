/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Ed25519 alone is read: RSA keys come as PEM beside their Multikey. The decoder's work grows with
 * the square of the text, hence its limit.
 */
#include "ap/multikey.h"

#include <string.h>

#define BASE58_LIMIT 1024 /* characters */
#define ED25519_SIZE 32

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* bytes = bytes * 58 + digit, the last byte being the lowest; the first used byte moves down. */
static void push_digit(unsigned char *bytes, size_t size, size_t *first, unsigned digit)
{
	size_t i = size;

	while (i > *first || digit) {
		i--;
		digit += bytes[i] * 58U;
		bytes[i] = (unsigned char)digit;
		digit >>= 8;
		if (i < *first)
			*first = i;
	}
}

bool base58_decode(struct arena *a, str text, str *ret)
{
	unsigned char *bytes;
	size_t zeros = 0, first = text.n;

	if (text.n > BASE58_LIMIT)
		return false;
	bytes = arena_alloc(a, text.n + 1);
	while (zeros < text.n && text.p[zeros] == '1')
		zeros++;
	for (size_t i = zeros; i < text.n; i++) {
		const char *digit = memchr(alphabet, text.p[i], sizeof(alphabet) - 1);

		if (!digit)
			return false;
		push_digit(bytes, text.n, &first, (unsigned)(digit - alphabet));
	}
	*ret = (str){ (char *)bytes + first - zeros, text.n - first + zeros };
	return true;
}

bool multikey_decode(struct arena *a, str text, str *ret_der)
{
	static const char multicodec[] = "\xed\x01";
	/* With the NUL, which says that no bit of the key is unused. */
	static const char spki[] = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21";
	str raw, head = { multicodec, 2 };

	if (!str_starts(text, STR("z")) || !base58_decode(a, str_from(text, 1), &raw))
		return false;
	if (raw.n != head.n + ED25519_SIZE || !str_starts(raw, head))
		return false;
	*ret_der = str_cat(a, (str){ spki, sizeof(spki) }, str_from(raw, head.n));
	return true;
}
