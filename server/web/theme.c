/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A tenant's accent in shades that can be read. The surfaces are those of style.css that are hardest
 * to read on; the target leaves room for the tinted ones, which are a little closer to the accent.
 */
#include "html/colour.h"
#include "server/web/view.h"

static const struct colour light_paper = { { 0.957, 0.945, 0.914 } }; /* #f4f1e9 */
static const struct colour dark_sheet = { { 0.114, 0.133, 0.141 } }; /* #1d2224 */
static const struct colour ink = { { 0.055, 0.082, 0.078 } }; /* #0e1514 */

#define CONTRAST 5.4

struct theme_shades theme_shades(str accent)
{
	struct theme_shades s = { .on_light = light_paper, .on_dark = dark_sheet };

	if (!colour_parse(accent, &s.given))
		colour_parse(STR(ACCENT_DEFAULT), &s.given);
	s.light = colour_readable(&s.given, &colour_black, &light_paper, CONTRAST);
	s.dark = colour_brightened(&s.given, &dark_sheet, CONTRAST);
	return s;
}

str theme_css(struct arena *a, str accent)
{
	struct theme_shades shades = theme_shades(accent);
	struct colour light = shades.light, dark = shades.dark, on_light, on_dark;

	on_light = colour_on(&light, &ink);
	on_dark = colour_on(&dark, &ink);
	return str_fmt(a,
		       ":root{--accent-light:%.*s;--accent-dark:%.*s;"
		       "--on-accent-light:%.*s;--on-accent-dark:%.*s}\n",
		       STR_ARG(colour_text(a, &light)), STR_ARG(colour_text(a, &dark)),
		       STR_ARG(colour_text(a, &on_light)), STR_ARG(colour_text(a, &on_dark)));
}
