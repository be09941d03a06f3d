/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Digests, MACs, random bytes and their text forms. */
#ifndef CRYPT_HASH_H
#define CRYPT_HASH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/* Raw digest: 32 or 64 bytes. */
str hash_sha256(struct arena *a, str data);
str hash_sha512(struct arena *a, str data);
/* 20 bytes; for handshakes that demand it (RFC 6455), never for what has to be safe. */
str hash_sha1(struct arena *a, str data);
/* HMAC-SHA-256 (RFC 2104), 32 bytes. */
str hash_hmac_sha256(struct arena *a, str key, str data);

/* HMAC-SHA-1, 20 bytes; for codes that programs make (RFC 4226), which know no other. */
str hash_hmac_sha1(struct arena *a, str key, str data);

/* n bytes of the kernel's generator. */
str random_bytes(struct arena *a, size_t n);
/* A secret of n random bytes in base64url without padding (tokens, codes). */
str random_token(struct arena *a, size_t n);

/* RFC 4648: standard with padding, URL-safe without. Decoders refuse foreign characters; the
 * standard one accepts a missing padding. */
str base64_encode(struct arena *a, str data);
bool base64_decode(struct arena *a, str text, str *ret) must_check;
str base64url_encode(struct arena *a, str data);
bool base64url_decode(struct arena *a, str text, str *ret) must_check;
/* RFC 4648, 6: capitals, without padding. */
str base32_encode(struct arena *a, str data);
str hex_encode(struct arena *a, str data);
bool hex_decode(struct arena *a, str text, str *ret) must_check;

/* Of the library behind it. */
const char *crypt_version(void);

/* Compares secrets in time that depends on the length alone. */
bool secret_eq(str a, str b);

#endif
