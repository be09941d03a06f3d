/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: parsing accepts only what is a real calendar moment; no function reads the locale.
 */
#include "base/clock.h"

#include <string.h>
#include <time.h>

static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static usec clock_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * USEC_SEC + t.tv_nsec / 1000;
}

usec clock_real(void)
{
	return clock_of(CLOCK_REALTIME);
}

usec clock_mono(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

/* Floor division, so that moments before 1970 split as well. */
static time_t split(usec t, usec *ret_rest)
{
	usec rest = t % USEC_SEC;

	if (rest < 0)
		rest += USEC_SEC;
	*ret_rest = rest;
	return (time_t)((t - rest) / USEC_SEC);
}

str clock_iso(struct arena *a, usec t)
{
	struct tm tm;
	usec rest;
	time_t seconds = split(t, &rest);

	gmtime_r(&seconds, &tm);
	return str_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(rest / 1000));
}

str clock_http(struct arena *a, usec t)
{
	struct tm tm;
	usec rest;
	time_t seconds = split(t, &rest);

	gmtime_r(&seconds, &tm);
	return str_fmt(a, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday,
		       months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Takes exactly width digits from the front. */
static bool take_digits(str *s, size_t width, int *ret)
{
	int value = 0;

	if (s->n < width)
		return false;
	for (size_t i = 0; i < width; i++) {
		if (!char_is_digit(s->p[i]))
			return false;
		value = value * 10 + (s->p[i] - '0');
	}
	*s = str_from(*s, width);
	*ret = value;
	return true;
}

static bool take_char(str *s, const char *any_of)
{
	if (s->n == 0 || !s->p[0] || !strchr(any_of, s->p[0]))
		return false;
	*s = str_from(*s, 1);
	return true;
}

static bool take_name(str *s, const char names[][4], int count, int *ret)
{
	for (int i = 0; i < count; i++)
		if (str_starts(*s, str_c(names[i]))) {
			*s = str_from(*s, 3);
			*ret = i;
			return true;
		}
	return false;
}

/*
 * The moment of the fields; false when the calendar has no such day or time. The seconds are added
 * afterwards, so that a leap second (60) becomes the first of the next minute, in the next month
 * as well.
 */
static bool moment(const struct tm *fields, usec *ret)
{
	struct tm tm = *fields;
	time_t minute;

	tm.tm_sec = 0;
	minute = timegm(&tm);
	if (fields->tm_sec > 60 || fields->tm_min > 59 || fields->tm_hour > 23 ||
	    tm.tm_mon != fields->tm_mon || tm.tm_mday != fields->tm_mday)
		return false;
	*ret = (minute + fields->tm_sec) * USEC_SEC;
	return true;
}

static bool take_date(str *s, struct tm *tm)
{
	if (!take_digits(s, 4, &tm->tm_year) || !take_char(s, "-") ||
	    !take_digits(s, 2, &tm->tm_mon) || !take_char(s, "-") ||
	    !take_digits(s, 2, &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon -= 1;
	return true;
}

static bool take_time(str *s, struct tm *tm)
{
	return take_digits(s, 2, &tm->tm_hour) && take_char(s, ":") &&
	       take_digits(s, 2, &tm->tm_min) && take_char(s, ":") &&
	       take_digits(s, 2, &tm->tm_sec);
}

static usec take_fraction(str *s)
{
	usec value = 0, unit = USEC_SEC;

	if (s->n < 2 || s->p[0] != '.' || !char_is_digit(s->p[1]))
		return 0;
	*s = str_from(*s, 1);
	while (s->n && char_is_digit(s->p[0])) {
		unit /= 10;
		value += unit * (s->p[0] - '0');
		*s = str_from(*s, 1);
	}
	return value;
}

static bool take_offset(str *s, usec *ret)
{
	int hours, minutes, sign;

	*ret = 0;
	if (s->n == 0 || take_char(s, "Zz"))
		return true;
	sign = s->p[0] == '-' ? -1 : 1;
	if (!take_char(s, "+-") || !take_digits(s, 2, &hours))
		return false;
	take_char(s, ":");
	if (!take_digits(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret = sign * (hours * USEC_HOUR + minutes * USEC_MINUTE);
	return true;
}

bool clock_parse_iso(str s, usec *ret)
{
	struct tm tm = { 0 };
	usec whole, fraction, offset;

	if (!take_date(&s, &tm) || !take_char(&s, "Tt ") || !take_time(&s, &tm))
		return false;
	fraction = take_fraction(&s);
	if (!take_offset(&s, &offset) || s.n || !moment(&tm, &whole))
		return false;
	*ret = whole + fraction - offset;
	return true;
}

bool clock_parse_http(str s, usec *ret)
{
	struct tm tm = { 0 };
	int day_name;

	if (!take_name(&s, days, 7, &day_name) || !take_char(&s, ",") || !take_char(&s, " ") ||
	    !take_digits(&s, 2, &tm.tm_mday) || !take_char(&s, " ") ||
	    !take_name(&s, months, 12, &tm.tm_mon) || !take_char(&s, " ") ||
	    !take_digits(&s, 4, &tm.tm_year) || !take_char(&s, " ") || !take_time(&s, &tm) ||
	    !str_eq(s, STR(" GMT")))
		return false;
	tm.tm_year -= 1900;
	return moment(&tm, ret);
}
