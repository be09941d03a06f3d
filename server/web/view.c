/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Filters: pure functions of their arguments. No clock, no locale and no state is read, so that a
 * page is the same bytes for the same data.
 */
#include "server/web/view.h"

#include <math.h>
#include <string.h>
#include <time.h>

static const char *const months[] = {
	"January", "February", "March",	    "April",   "May",	   "June",
	"July",	   "August",   "September", "October", "November", "December",
};

static struct tm calendar(usec t)
{
	time_t seconds = (time_t)(t / USEC_SEC - (t % USEC_SEC < 0));
	struct tm tm = { .tm_mday = 1 };

	gmtime_r(&seconds, &tm);
	return tm;
}

/* "5m", "3h", "2d" */
static str span_text(struct arena *a, usec span)
{
	if (span < USEC_HOUR)
		return str_fmt(a, "%dm", (int)(span / USEC_MINUTE));
	if (span < USEC_DAY)
		return str_fmt(a, "%dh", (int)(span / USEC_HOUR));
	return str_fmt(a, "%lldd", (long long)(span / USEC_DAY));
}

str since(struct arena *a, usec t, usec now)
{
	struct tm tm = calendar(t);

	if (now - t < USEC_MINUTE)
		return STR("now");
	if (now - t < 7 * USEC_DAY)
		return span_text(a, now - t);
	if (tm.tm_year == calendar(now).tm_year)
		return str_fmt(a, "%d %.3s", tm.tm_mday, months[tm.tm_mon]);
	return str_fmt(a, "%d %.3s %d", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900);
}

str until(struct arena *a, usec t, usec now)
{
	return span_text(a, t > now ? t - now : 0);
}

str moment(struct arena *a, usec t)
{
	struct tm tm = calendar(t);

	return str_fmt(a, "%d %s %d, %02d:%02d UTC", tm.tm_mday, months[tm.tm_mon],
		       tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
}

str month(struct arena *a, usec t)
{
	struct tm tm = calendar(t);

	return str_fmt(a, "%s %d", months[tm.tm_mon], tm.tm_year + 1900);
}

str count(struct arena *a, int64_t n)
{
	static const char units[] = "KMBT";
	int64_t scale = 1000;
	size_t unit = 0;

	if (n < 1000)
		return str_fmt(a, "%lld", (long long)n);
	while (n / scale >= 1000 && units[unit + 1]) {
		scale *= 1000;
		unit++;
	}
	if (n / scale < 10 && n / (scale / 10) % 10)
		return str_fmt(a, "%lld.%lld%c", (long long)(n / scale),
			       (long long)(n / (scale / 10) % 10), units[unit]);
	return str_fmt(a, "%lld%c", (long long)(n / scale), units[unit]);
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

/*
 * Colours. The surfaces are those of style.css that are hardest to read on; the target leaves room
 * for the tinted ones, which are a little closer to the accent.
 */

struct colour {
	double channel[3]; /* sRGB, 0 to 1 */
};

static const struct colour white = { { 1, 1, 1 } }, black = { { 0, 0, 0 } };
static const struct colour light_paper = { { 0.957, 0.945, 0.914 } }; /* #f4f1e9 */
static const struct colour dark_sheet = { { 0.114, 0.133, 0.141 } }; /* #1d2224 */

#define CONTRAST 5.4
#define MIX_STEP 0.02
#define VIVID 0.85 /* brightest channel that a colour keeps its saturation up to */

/* Relative luminance as in WCAG 2.2. */
static double luminance(const struct colour *k)
{
	static const double weight[] = { 0.2126, 0.7152, 0.0722 };
	double sum = 0;

	for (size_t i = 0; i < 3; i++) {
		double v = k->channel[i];

		sum += weight[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static double contrast(const struct colour *k, const struct colour *l)
{
	double x = luminance(k), y = luminance(l);

	return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

static struct colour mix(const struct colour *k, const struct colour *l, double share)
{
	struct colour m;

	for (size_t i = 0; i < 3; i++)
		m.channel[i] = k->channel[i] * (1 - share) + l->channel[i] * share;
	return m;
}

/* The same hue and saturation, as bright as share says; black becomes grey. */
static struct colour vivid(const struct colour *k, double share)
{
	double most = fmax(k->channel[0], fmax(k->channel[1], k->channel[2]));

	return most > 0 ? mix(&black, k, share / most) : mix(&black, &white, share);
}

/* The accent, moved step by step towards an end until it can be read on a surface. */
static struct colour readable(const struct colour *accent, const struct colour *end,
			      const struct colour *surface)
{
	struct colour k = *accent;

	for (double share = 0; share < 1 && contrast(&k, surface) < CONTRAST; share += MIX_STEP)
		k = mix(accent, end, share);
	return k;
}

static int digit_value(char ch)
{
	ch = char_lower(ch);
	return char_is_digit(ch) ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

static bool colour_parse(str s, struct colour *ret)
{
	struct colour k;

	if (s.n != 7 || s.p[0] != '#')
		return false;
	for (size_t i = 0; i < 3; i++) {
		int high = digit_value(s.p[1 + 2 * i]), low = digit_value(s.p[2 + 2 * i]);

		if (high < 0 || low < 0)
			return false;
		k.channel[i] = (high * 16 + low) / 255.0;
	}
	*ret = k;
	return true;
}

static int byte(double channel)
{
	return (int)lround(channel * 255);
}

str theme_css(struct arena *a, str accent)
{
	struct colour given, bright, light, dark;

	if (!colour_parse(accent, &given))
		colour_parse(STR(ACCENT_DEFAULT), &given);
	light = readable(&given, &black, &light_paper);
	dark = given;
	if (contrast(&given, &dark_sheet) < CONTRAST) {
		bright = vivid(&given, VIVID);
		dark = readable(&given, &bright, &dark_sheet);
		dark = readable(&dark, &white, &dark_sheet);
	}
	return str_fmt(a, ":root{--accent-light:#%02x%02x%02x;--accent-dark:#%02x%02x%02x}\n",
		       byte(light.channel[0]), byte(light.channel[1]), byte(light.channel[2]),
		       byte(dark.channel[0]), byte(dark.channel[1]), byte(dark.channel[2]));
}
