/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: no function here reads beyond n bytes or writes to what a str points to.
 */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

str str_c(const char *z)
{
	return z ? (str){ z, strlen(z) } : STR_NULL;
}

bool char_is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

bool char_is_alnum(char ch)
{
	return char_is_digit(ch) || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

bool char_is_space(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

char char_lower(char ch)
{
	return ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
}

bool str_eq(str a, str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_eq_c(str a, const char *z)
{
	return str_eq(a, str_c(z));
}

bool str_eq_fold(str a, str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (char_lower(a.p[i]) != char_lower(b.p[i]))
			return false;
	return true;
}

bool str_starts(str s, str prefix)
{
	return s.n >= prefix.n && str_eq(str_slice(s, 0, prefix.n), prefix);
}

bool str_starts_fold(str s, str prefix)
{
	return s.n >= prefix.n && str_eq_fold(str_slice(s, 0, prefix.n), prefix);
}

bool str_ends(str s, str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

int str_cmp(str a, str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	if (order)
		return order;
	return a.n < b.n ? -1 : a.n > b.n;
}

size_t str_find(str s, str needle, size_t from)
{
	const char *hit;

	if (from > s.n)
		return SIZE_MAX;
	if (needle.n == 0)
		return from;
	if (!s.p)
		return SIZE_MAX;
	hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t str_find_char(str s, char ch, size_t from)
{
	const char *hit;

	if (from >= s.n)
		return SIZE_MAX;
	hit = memchr(s.p + from, ch, s.n - from);
	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t str_find_char_last(str s, char ch)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == ch)
			return i - 1;
	return SIZE_MAX;
}

str str_slice(str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return s.p ? (str){ s.p + from, to - from } : STR_NULL;
}

str str_from(str s, size_t from)
{
	return str_slice(s, from, s.n);
}

str str_trim(str s)
{
	while (s.n && char_is_space(s.p[0]))
		s = str_from(s, 1);
	while (s.n && char_is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool str_cut(str *s, char separator, str *ret_head)
{
	size_t at;

	if (str_is_empty(*s))
		return false;
	at = str_find_char(*s, separator, 0);
	*ret_head = str_slice(*s, 0, at);
	*s = at == SIZE_MAX ? STR_NULL : str_from(*s, at + 1);
	return true;
}

str str_dup(struct arena *a, str s)
{
	return s.p ? (str){ arena_copy(a, s.p, s.n), s.n } : STR_NULL;
}

str str_lower(struct arena *a, str s)
{
	char *copy;

	if (!s.p)
		return STR_NULL;
	copy = arena_copy(a, s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		copy[i] = char_lower(copy[i]);
	return (str){ copy, s.n };
}

char *str_z(struct arena *a, str s)
{
	return s.p ? arena_copy(a, s.p, s.n) : NULL;
}

str str_fmt(struct arena *a, const char *format, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		return STR("");
	p = arena_alloc(a, (size_t)n + 1);
	va_start(args, format);
	vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	return (str){ p, (size_t)n };
}

str str_cat(struct arena *a, str x, str y)
{
	char *p = arena_alloc(a, x.n + y.n + 1);

	if (x.n)
		memcpy(p, x.p, x.n);
	if (y.n)
		memcpy(p + x.n, y.p, y.n);
	return (str){ p, x.n + y.n };
}

bool str_to_i64(str s, int64_t *ret)
{
	bool negative = s.n > 1 && s.p[0] == '-';
	int64_t value = 0;

	if (negative)
		s = str_from(s, 1);
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_digit(s.p[i]) || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, s.p[i] - '0', &value))
			return false;
	}
	/* Counted downwards, because the most negative number has no positive twin. */
	if (!negative && __builtin_sub_overflow(0, value, &value))
		return false;
	*ret = value;
	return true;
}

bool str_to_u16(str s, uint16_t *ret)
{
	int64_t value;

	if (!str_to_i64(s, &value) || value < 0 || value > UINT16_MAX)
		return false;
	*ret = (uint16_t)value;
	return true;
}

/* Length of the well-formed sequence at p, or 0 (RFC 3629, section 4). */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t length;

	if (p[0] < 0x80)
		return p[0] != 0;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		length = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		length = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		length = 4;
	else
		return 0;
	if (n < length)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return length;
}

bool str_is_utf8(str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t length = utf8_sequence((const unsigned char *)s.p + i, s.n - i);

		if (!length)
			return false;
		i += length;
	}
	return true;
}

static bool is_continuation(char ch)
{
	return ((unsigned char)ch & 0xc0) == 0x80;
}

size_t str_chars(str s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.n; i++)
		count += !is_continuation(s.p[i]);
	return count;
}

str str_clip(str s, size_t n)
{
	if (s.n <= n)
		return s;
	while (n && is_continuation(s.p[n]))
		n--;
	return str_slice(s, 0, n);
}
