/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Time is usec: microseconds, since 1970-01-01 UTC where it names a moment. 0 is "no moment".
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

typedef int64_t usec;

#define USEC_MSEC ((usec)1000)
#define USEC_SEC ((usec)1000000)
#define USEC_MINUTE (60 * USEC_SEC)
#define USEC_HOUR (60 * USEC_MINUTE)
#define USEC_DAY (24 * USEC_HOUR)

/* The time of day. */
usec clock_real(void);
/* Time since some fixed moment; for intervals and time-outs. */
usec clock_mono(void);

/* "2026-11-23T20:38:48.123Z" (RFC 3339, what ActivityPub and the client API show). */
str clock_iso(struct arena *a, usec t);
/* "Mon, 23 Nov 2026 20:38:48 GMT" (RFC 9110, 5.6.7). */
str clock_http(struct arena *a, usec t);

/* RFC 3339 with any fraction and offset, also without an offset (read as UTC). */
bool clock_parse_iso(str s, usec *ret);
/* The preferred HTTP date form of RFC 9110, 5.6.7. */
bool clock_parse_http(str s, usec *ret);

#endif
