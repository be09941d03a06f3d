/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Filters: pure functions of their arguments and of the language of the page. No clock, no locale of
 * the system and no other state is read, so that a page is the same bytes for the same data.
 */
#include "server/web/view.h"

#include <string.h>
#include <time.h>

#include "server/web/text.h"

static struct tm calendar(usec t)
{
	time_t seconds = (time_t)(t / USEC_SEC - (t % USEC_SEC < 0));
	struct tm tm = { .tm_mday = 1 };

	gmtime_r(&seconds, &tm);
	return tm;
}

static str number(struct arena *a, long long n)
{
	return str_fmt(a, "%lld", n);
}

/* A text with one number in it. */
static str number_text(struct arena *a, enum text_key key, long long n)
{
	const str value = number(a, n);

	return text_say_with(a, key, &value, 1);
}

/* "5m", "3h", "2d" */
static str span_text(struct arena *a, usec span)
{
	if (span < USEC_HOUR)
		return number_text(a, TEXT_FORM_MINUTES, span / USEC_MINUTE);
	if (span < USEC_DAY)
		return number_text(a, TEXT_FORM_HOURS, span / USEC_HOUR);
	return number_text(a, TEXT_FORM_DAYS, span / USEC_DAY);
}

/* The values of texts about dates; months are from the January of their row on. */
static str date_text(struct arena *a, enum text_key key, enum text_key january, const struct tm *tm)
{
	const str values[] = {
		number(a, tm->tm_mday),
		text_say((enum text_key)(january + (unsigned)tm->tm_mon)),
		number(a, tm->tm_year + 1900),
		str_fmt(a, "%02d:%02d", tm->tm_hour, tm->tm_min),
	};

	return text_say_with(a, key, values, ARRAY_SIZE(values));
}

str since(struct arena *a, usec t, usec now)
{
	struct tm tm = calendar(t);

	if (now - t < USEC_MINUTE)
		return text_say(TEXT_FORM_NOW);
	if (now - t < 7 * USEC_DAY)
		return span_text(a, now - t);
	return date_text(a,
			 tm.tm_year == calendar(now).tm_year ? TEXT_FORM_DAY : TEXT_FORM_DAY_YEAR,
			 TEXT_FORM_SHORT_1, &tm);
}

str until(struct arena *a, usec t, usec now)
{
	return span_text(a, t > now ? t - now : 0);
}

str moment(struct arena *a, usec t)
{
	struct tm tm = calendar(t);

	return date_text(a, TEXT_FORM_MOMENT, TEXT_FORM_MONTH_1, &tm);
}

str month(struct arena *a, usec t)
{
	struct tm tm = calendar(t);
	const str values[] = {
		text_say((enum text_key)(TEXT_FORM_MONTH_1 + (unsigned)tm.tm_mon)),
		number(a, tm.tm_year + 1900),
	};

	return text_say_with(a, TEXT_FORM_MONTH_YEAR, values, ARRAY_SIZE(values));
}

/* In units a thousand times as large each; at most one digit behind the point. */
static str scaled(struct arena *a, int64_t n, const enum text_key *units, size_t n_units)
{
	int64_t scale = 1000;
	size_t unit = 0;
	str value, point = text_say(TEXT_FORM_POINT);

	while (n / scale >= 1000 && unit + 1 < n_units) {
		scale *= 1000;
		unit++;
	}
	value = n / scale < 10 && n / (scale / 10) % 10
			? str_fmt(a, "%lld%.*s%lld", (long long)(n / scale), STR_ARG(point),
				  (long long)(n / (scale / 10) % 10))
			: number(a, n / scale);
	return text_say_with(a, units[unit], &value, 1);
}

str count(struct arena *a, int64_t n)
{
	static const enum text_key units[] = { TEXT_FORM_THOUSAND, TEXT_FORM_MILLION,
					       TEXT_FORM_BILLION, TEXT_FORM_TRILLION };

	return n < 1000 ? number(a, n) : scaled(a, n, units, ARRAY_SIZE(units));
}

str bytes(struct arena *a, int64_t n)
{
	static const enum text_key units[] = { TEXT_FORM_KILOBYTES, TEXT_FORM_MEGABYTES,
					       TEXT_FORM_GIGABYTES, TEXT_FORM_TERABYTES };
	str value;

	if (n >= 1000)
		return scaled(a, n, units, ARRAY_SIZE(units));
	value = number(a, n);
	return text_say_with(a, TEXT_FORM_BYTES, &value, 1);
}

str day(struct arena *a, usec t)
{
	return str_slice(clock_iso(a, t), 0, sizeof("2026-11-23") - 1);
}

str count_some(struct arena *a, int64_t n)
{
	return n ? count(a, n) : STR("");
}

str shown_handle(struct arena *a unused, str handle, str host)
{
	size_t at = str_find_char_last(handle, '@');

	if (at != SIZE_MAX && at > 0 && str_eq_fold(str_from(handle, at + 1), host))
		return str_slice(handle, 0, at);
	return handle;
}

/* Bytes of the code point in front of valid UTF-8. */
static size_t char_length(str s)
{
	size_t n = 1;

	while (n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/*
 * A word's first letter, or nothing: ASCII letters and digits, and anything of up to three bytes
 * that is no punctuation or symbol (U+2000 to U+2BFF, U+FE00 to U+FE0F). Emoji have four.
 */
static str first_letter(str word)
{
	while (word.n) {
		size_t n = char_length(word);
		unsigned char lead = (unsigned char)word.p[0];
		bool symbol = n == 3 && ((lead == 0xe2 && (unsigned char)word.p[1] < 0xb0) ||
					 (lead == 0xef && (unsigned char)word.p[1] == 0xb8));

		if (n == 1 ? char_is_alnum(word.p[0]) : n < 4 && !symbol)
			return str_slice(word, 0, n);
		word = str_from(word, n);
	}
	return word;
}

static str letter_upper(struct arena *a, str letter)
{
	if (letter.n == 1 && letter.p[0] >= 'a' && letter.p[0] <= 'z')
		return str_fmt(a, "%c", letter.p[0] - 'a' + 'A');
	return letter;
}

str initials(struct arena *a, str name)
{
	str first = STR(""), last = STR(""), word;

	while (str_cut(&name, ' ', &word)) {
		str letter = first_letter(word);

		if (letter.n && !first.n)
			first = letter;
		else if (letter.n)
			last = letter;
	}
	if (!first.n)
		return STR("?");
	return str_cat(a, letter_upper(a, first), letter_upper(a, last));
}

int tint(struct arena *a unused, str handle)
{
	uint32_t hash = 2166136261; /* FNV-1a */

	for (size_t i = 0; i < handle.n; i++)
		hash = (hash ^ (unsigned char)char_lower(handle.p[i])) * 16777619;
	return (int)(hash >> 24 & 7);
}

str url_part(struct arena *a, str s)
{
	static const char digits[] = "0123456789ABCDEF";
	char *p = arena_array(a, s.n + 1, 3);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		if (char_is_alnum(s.p[i]) || (ch && strchr("-._~", ch))) {
			p[n++] = s.p[i];
		} else {
			p[n++] = '%';
			p[n++] = digits[ch >> 4];
			p[n++] = digits[ch & 15];
		}
	}
	return (str){ p, n };
}

str xml(struct arena *a, str s)
{
	char *p = arena_array(a, s.n + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];
		/* U+FFFE and U+FFFF */
		bool is_none = ch == 0xef && i + 2 < s.n && (unsigned char)s.p[i + 1] == 0xbf &&
			       (unsigned char)s.p[i + 2] >= 0xbe;

		if (is_none)
			i += 2;
		else if (ch >= ' ' || ch == '\t' || ch == '\n' || ch == '\r')
			p[n++] = s.p[i];
	}
	return (str){ p, n };
}
