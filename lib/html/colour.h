/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Colours in sRGB, and whether text can be read in one on another (WCAG 2.2, 1.4.3). */
#ifndef HTML_COLOUR_H
#define HTML_COLOUR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

struct colour {
	double channel[3]; /* red, green, blue, 0 to 1 */
};

extern const struct colour colour_black, colour_white;

/* "#rrggbb" and nothing else; false: it is none. */
bool colour_parse(str s, struct colour *ret);
/* "#rrggbb" */
str colour_text(struct arena *a, const struct colour *k);

/* The ratio of contrast, 1 to 21 (WCAG 2.2, "contrast ratio"). */
double colour_contrast(const struct colour *k, const struct colour *l);
/* A colour between k (share 0) and l (share 1). */
struct colour colour_mix(const struct colour *k, const struct colour *l, double share);
/* A colour, moved towards an end only as far as its contrast with a surface needs. */
struct colour colour_readable(const struct colour *k, const struct colour *end,
			      const struct colour *surface, double contrast);
/* The same for dark surfaces: made brighter with its hue kept, then paler when that is not enough. */
struct colour colour_brightened(const struct colour *k, const struct colour *surface,
				double contrast);
/* Text on a surface of this colour: white, or the ink given where that is read better. */
struct colour colour_on(const struct colour *surface, const struct colour *ink);

#endif
