/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what colour_readable() gives has the contrast that was asked for wherever the end has it. */
#include "html/colour.h"

#include <math.h>
#include <stddef.h>

#define MIX_STEP 0.02
#define VIVID 0.85 /* brightest channel that a colour keeps its saturation up to */

const struct colour colour_black = { { 0, 0, 0 } }, colour_white = { { 1, 1, 1 } };

static int digit_value(char ch)
{
	ch = char_lower(ch);
	return char_is_digit(ch) ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

bool colour_parse(str s, struct colour *ret)
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

str colour_text(struct arena *a, const struct colour *k)
{
	return str_fmt(a, "#%02x%02x%02x", byte(k->channel[0]), byte(k->channel[1]),
		       byte(k->channel[2]));
}

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

double colour_contrast(const struct colour *k, const struct colour *l)
{
	double x = luminance(k), y = luminance(l);

	return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

struct colour colour_mix(const struct colour *k, const struct colour *l, double share)
{
	struct colour m;

	for (size_t i = 0; i < 3; i++)
		m.channel[i] = k->channel[i] * (1 - share) + l->channel[i] * share;
	return m;
}

struct colour colour_readable(const struct colour *k, const struct colour *end,
			      const struct colour *surface, double contrast)
{
	struct colour moved = *k;

	for (double share = 0; share < 1 && colour_contrast(&moved, surface) < contrast;
	     share += MIX_STEP)
		moved = colour_mix(k, end, share);
	return moved;
}

/* The same hue and saturation, as bright as share says; black becomes grey. */
static struct colour vivid(const struct colour *k, double share)
{
	double most = fmax(k->channel[0], fmax(k->channel[1], k->channel[2]));

	return most > 0 ? colour_mix(&colour_black, k, share / most)
			: colour_mix(&colour_black, &colour_white, share);
}

struct colour colour_brightened(const struct colour *k, const struct colour *surface,
				double contrast)
{
	struct colour bright, moved;

	if (colour_contrast(k, surface) >= contrast)
		return *k;
	bright = vivid(k, VIVID);
	moved = colour_readable(k, &bright, surface, contrast);
	return colour_readable(&moved, &colour_white, surface, contrast);
}

struct colour colour_on(const struct colour *surface, const struct colour *ink)
{
	return colour_contrast(&colour_white, surface) >= colour_contrast(ink, surface)
		       ? colour_white
		       : *ink;
}
