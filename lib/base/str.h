/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * str: a view of bytes by value, not NUL-terminated. It owns nothing; the bytes live in an arena,
 * a literal or a buffer that outlives it. A null str (p == NULL) means "absent" (SQL NULL, a
 * missing JSON member) and is different from the empty str.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"

typedef struct str {
	const char *p;
	size_t n;
} str;

/* Arrays of values, e.g. parameters of "= any(:ids)". */
typedef struct strs {
	const str *p;
	size_t n;
} strs;

typedef struct i64s {
	const int64_t *p;
	size_t n;
} i64s;

#define STR(literal) ((str){ "" literal, sizeof(literal) - 1 })
#define STR_NULL ((str){ NULL, 0 })
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

/* A view of a C string; NULL gives the null str. */
str str_c(const char *z);

static inline bool str_is_null(str s)
{
	return s.p == NULL;
}

/* Absent or without bytes. */
static inline bool str_is_empty(str s)
{
	return s.n == 0;
}

bool str_eq(str a, str b);
bool str_eq_c(str a, const char *z);
/* Equal but for ASCII letter case. */
bool str_eq_fold(str a, str b);
bool str_starts(str s, str prefix);
bool str_starts_fold(str s, str prefix);
bool str_ends(str s, str suffix);
/* Bytewise order, shorter first on a common prefix: <0, 0, >0. */
int str_cmp(str a, str b);

/* Index of the first needle at or after from; SIZE_MAX when there is none. */
size_t str_find(str s, str needle, size_t from);
size_t str_find_char(str s, char ch, size_t from);
size_t str_find_char_last(str s, char ch);

/* The bytes [from, to), both clamped to the length. */
str str_slice(str s, size_t from, size_t to);
str str_from(str s, size_t from);
/* Without ASCII white space at both ends. */
str str_trim(str s);

/*
 * Cuts s at the first separator: *ret_head gets what is before it, s what is behind. False when s
 * is exhausted. "a,,b" gives "a", "", "b"; nothing stands behind a separator that ends s.
 */
bool str_cut(str *s, char separator, str *ret_head);

/* Copies into the arena; the copy has a NUL behind it. A null str stays null. */
str str_dup(struct arena *a, str s);
str str_lower(struct arena *a, str s);
/* NUL-terminated copy for C interfaces; a null str gives NULL. Embedded NULs are kept. */
char *str_z(struct arena *a, str s);
str str_fmt(struct arena *a, const char *format, ...) printf_like(2, 3);
str str_cat(struct arena *a, str x, str y);

/* The whole of s as a decimal number that fits the type; false otherwise. */
bool str_to_i64(str s, int64_t *ret);
bool str_to_u16(str s, uint16_t *ret);

/* Well-formed UTF-8 without NUL and without surrogates (RFC 3629). */
bool str_is_utf8(str s);
/* Number of code points of valid UTF-8. */
size_t str_chars(str s);
/* The longest prefix of at most n bytes that does not split a code point. */
str str_clip(str s, size_t n);

bool char_is_alnum(char ch);
bool char_is_digit(char ch);
bool char_is_space(char ch);
char char_lower(char ch);

#endif
