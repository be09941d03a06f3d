/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: whatever bytes come in, the text that goes out is valid JSON in valid UTF-8. Runs of
 * bytes that need no care are copied at once.
 */
#include "json/text.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* Digits that every double between the smallest normal and the largest keeps, and needs at most. */
#define DIGITS_SAFE 15
#define DIGITS_MAX 17

enum byte_class { BYTE_PLAIN, BYTE_ESCAPE, BYTE_HIGH };

static enum byte_class class_of(char ch)
{
	unsigned char byte = (unsigned char)ch;

	if (byte >= 0x80)
		return BYTE_HIGH;
	return byte < 0x20 || byte == '"' || byte == '\\' ? BYTE_ESCAPE : BYTE_PLAIN;
}

static void escape_put(struct out *o, char ch)
{
	static const char *const shorthand[128] = {
		['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",	 ['\f'] = "\\f",
		['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\", [0] = REPLACEMENT,
	};
	const char *found = shorthand[(unsigned char)ch];

	if (found)
		out_c(o, found);
	else
		out_fmt(o, "\\u%04x", (unsigned char)ch);
}

/* Bytes of the character at i, 0 when they are none. */
static size_t character_size(str s, size_t i)
{
	for (size_t n = 2; n <= 4 && i + n <= s.n; n++) {
		if (str_is_utf8(str_slice(s, i, i + n)))
			return n;
	}
	return 0;
}

void json_text_str(struct out *o, str s)
{
	bool is_checked = false; /* the rest is UTF-8 throughout */
	size_t from = 0; /* of the run that waits to be copied */
	size_t i = 0;

	out_char(o, '"');
	while (i < s.n) {
		enum byte_class class = class_of(s.p[i]);
		size_t size = 1;

		if (class == BYTE_HIGH && !is_checked) {
			is_checked = str_is_utf8(str_from(s, i));
			size = is_checked ? 1 : character_size(s, i);
		}
		if (class == BYTE_ESCAPE || size == 0) {
			out_str(o, str_slice(s, from, i));
			if (size)
				escape_put(o, s.p[i]);
			else
				out_c(o, REPLACEMENT);
			from = i + 1;
		}
		i += size ? size : 1;
	}
	out_str(o, str_slice(s, from, s.n));
	out_char(o, '"');
}

struct decimal {
	char digits[DIGITS_MAX + 1];
	int n; /* digits */
	int point; /* the value is 0.digits * 10^point */
};

static double decimal_value(const struct decimal *d)
{
	char text[DIGITS_MAX + 16];

	snprintf(text, sizeof(text), "%se%d", d->digits, d->point - d->n);
	return strtod(text, NULL);
}

/* value rounded to n digits. */
static struct decimal decimal_round(double value, int n)
{
	char text[DIGITS_MAX + 16];
	struct decimal d = { .n = n };
	const char *exponent;

	snprintf(text, sizeof(text), "%.*e", n - 1, value);
	exponent = strchr(text, 'e');
	assert(exponent);
	d.digits[0] = text[0];
	memcpy(d.digits + 1, text + 2, (size_t)(n - 1));
	d.point = atoi(exponent + 1) + 1;
	return d;
}

/* One more in the last place; false when a digit would have to be added. */
static bool decimal_step(struct decimal *d)
{
	int i = d->n - 1;

	while (i >= 0 && d->digits[i] == '9')
		d->digits[i--] = '0';
	if (i < 0)
		return false;
	d->digits[i]++;
	return true;
}

/*
 * Whether n digits name value and no other double. Above a power of two doubles lie twice as far
 * apart as below it, so that there the next decimal may do where the nearest one does not.
 */
static bool decimal_find(double value, int n, struct decimal *ret)
{
	int exponent;

	*ret = decimal_round(value, n);
	if (decimal_value(ret) == value)
		return true;
	return frexp(value, &exponent) == 0.5 && decimal_step(ret) && decimal_value(ret) == value;
}

/* The fewest digits that name the positive value. */
static struct decimal decimal_shortest(double value)
{
	struct decimal d;
	int n = value < DBL_MIN ? 1 : DIGITS_SAFE;

	while (n < DIGITS_MAX && !decimal_find(value, n, &d))
		n++;
	if (n == DIGITS_MAX)
		d = decimal_round(value, n);
	while (d.n > 1 && d.digits[d.n - 1] == '0')
		d.digits[--d.n] = 0;
	return d;
}

static void zeros_put(struct out *o, int n)
{
	while (n-- > 0)
		out_char(o, '0');
}

/* ECMA-262, Number::toString, steps 5 to 12. */
static void decimal_put(struct out *o, const struct decimal *d)
{
	str digits = str_c(d->digits);
	size_t whole = d->point > 0 ? (size_t)d->point : 0;

	if (d->point > 21 || d->point <= -6) {
		out_char(o, digits.p[0]);
		if (digits.n > 1)
			out_char(o, '.');
		out_str(o, str_from(digits, 1));
		out_fmt(o, "e%+d", d->point - 1);
		return;
	}
	if (whole) {
		out_str(o, str_slice(digits, 0, whole));
		zeros_put(o, d->point - d->n);
	} else {
		out_char(o, '0');
	}
	if (d->n > d->point) {
		out_char(o, '.');
		zeros_put(o, -d->point);
		out_str(o, str_from(digits, whole));
	}
}

void json_text_f64(struct out *o, double value)
{
	struct decimal d;

	if (!isfinite(value)) {
		out_c(o, "null");
		return;
	}
	if (value == 0) {
		out_char(o, '0');
		return;
	}
	if (value < 0)
		out_char(o, '-');
	d = decimal_shortest(fabs(value));
	decimal_put(o, &d);
}
