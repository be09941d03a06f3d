/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Filters of templates: pure functions from a value to the text that a page shows. The arena comes
 * first, then the value: {{ post->published | since(site->now) }}. For <time datetime> there is
 * clock_iso.
 */
#ifndef SERVER_WEB_VIEW_H
#define SERVER_WEB_VIEW_H

#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/out.h"
#include "base/str.h"
#include "html/colour.h"

/* How long ago, short: "now", "5m", "3h", "2d"; then the day, "12 Mar" or "12 Mar 2024". */
str since(struct arena *a, usec t, usec now);
/* How long still: "5m", "3h", "2d"; "0m" when it is over. */
str until(struct arena *a, usec t, usec now);
/* "23 November 2026, 20:38 UTC" */
str moment(struct arena *a, usec t);
/* "November 2026" */
str month(struct arena *a, usec t);

/* Short number, at most four characters and a letter: 999, 1.2K, 34K, 5.6M. */
str count(struct arena *a, int64_t n);
/* "2026-11-23" */
str day(struct arena *a, usec t);

/* A size: "512 B", "1.2 MB"; powers of 1000. */
str bytes(struct arena *a, int64_t n);
/* As count, but nothing for 0. */
str count_some(struct arena *a, int64_t n);

/* "@ann" for "@ann@host" when host is here; else the whole handle. */
str shown_handle(struct arena *a, str handle, str host);
/* First letters of the first and the last word, at most two; "?" when there is no letter. */
str initials(struct arena *a, str name);
/* A number from 0 to 7 that stays the same for a handle: the colours of a placeholder. */
int tint(struct arena *a, str handle);
/* A part of a path or a value of a query, percent-encoded (RFC 3986, 2.1). */
str url_part(struct arena *a, str s);

/*
 * The translation of English words that C code gave, as far as they are a text "say." of the
 * catalogue; anything else as it came. titled: of a word of a table of ours, by any text; it is no str,
 * because people's own words are; said: of a sentence that may have values in it; said_each: of several with
 * "; " between.
 */
str titled(struct arena *a, const char *english);
str said(struct arena *a, str english);
str said_each(struct arena *a, str english);

/* Text without the characters that no XML may hold (XML 1.0, 2.2). */
str xml(struct arena *a, str s);

/*
 * The tenant's own style sheet: the accent colour in shades that keep a contrast of 4.5 to 1 with
 * the paper of both themes (WCAG 2.2, 1.4.3). Anything but "#rrggbb" gives the default accent.
 */
#define ACCENT_DEFAULT "#2f6f5e"
str theme_css(struct arena *a, str accent);
/* The shades that it makes of an accent, and the papers that they are read on. */
struct theme_shades {
	struct colour given, light, dark;
	struct colour on_light, on_dark;
};
struct theme_shades theme_shades(str accent);

/* "/static/<name>?v=<hash>" of a file of templates/assets; it lives as long as the program. */
str asset_url(const char *name);
/* "sha256-..." of its content (SRI), likewise. */
str asset_integrity(const char *name);

#endif
