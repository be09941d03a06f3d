/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the text is the same for the same pixels on every machine; the first component is the
 * mean colour, the others are cosines over the picture.
 */
#include "media/blurhash.h"

#include <assert.h>
#include <math.h>

#define COMPONENTS 9
#define CHANNELS 3

static const char digits[] =
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

struct picture {
	const uint8_t *pixels;
	size_t width, height;
	float linear[256]; /* of a byte of sRGB */
};

static float linear_of(int value)
{
	float v = (float)value / 255;

	return v <= 0.04045F ? v / 12.92F : powf((v + 0.055F) / 1.055F, 2.4F);
}

static int srgb_of(float linear)
{
	float v = fmaxf(0, fminf(1, linear));

	if (v <= 0.0031308F)
		return (int)(v * 12.92F * 255 + 0.5F);
	return (int)((1.055F * powf(v, 1 / 2.4F) - 0.055F) * 255 + 0.5F);
}

static char *put(char *at, size_t length, int value)
{
	for (size_t i = length; i-- > 0; value /= 83)
		at[i] = digits[value % 83];
	return at + length;
}

/* How much of one pair of cosines is in the picture. */
static void component(const struct picture *p, size_t x, size_t y, float ret[CHANNELS])
{
	float sum[CHANNELS] = { 0 };
	float scale = (x || y ? 2.0F : 1.0F) / (float)(p->width * p->height);

	for (size_t row = 0; row < p->height; row++) {
		float cosine_y = cosf((float)M_PI * (float)y * (float)row / (float)p->height);
		const uint8_t *pixel = p->pixels + row * p->width * CHANNELS;

		for (size_t column = 0; column < p->width; column++, pixel += CHANNELS) {
			float basis = cosine_y * cosf((float)M_PI * (float)x * (float)column /
						      (float)p->width);

			for (size_t k = 0; k < CHANNELS; k++)
				sum[k] += basis * p->linear[pixel[k]];
		}
	}
	for (size_t k = 0; k < CHANNELS; k++)
		ret[k] = sum[k] * scale;
}

static float root(float value)
{
	return copysignf(sqrtf(fabsf(value)), value);
}

static int step(float value, float most)
{
	return (int)fmaxf(0, fminf(18, floorf(root(value / most) * 9 + 9.5F)));
}

static float largest(const float (*factors)[CHANNELS], size_t n)
{
	float most = 0;

	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < CHANNELS; k++)
			most = fmaxf(most, fabsf(factors[i][k]));
	return most;
}

void blurhash_encode(const uint8_t *pixels, size_t width, size_t height, size_t components_x,
		     size_t components_y, char ret[BLURHASH_SIZE])
{
	struct picture p = { .pixels = pixels, .width = width, .height = height };
	float factors[COMPONENTS * COMPONENTS][CHANNELS], most = 1;
	size_t n = components_x * components_y;
	char *at = ret;
	int scale = 0;

	assert(width && height && n && components_x <= COMPONENTS && components_y <= COMPONENTS);
	for (int i = 0; i < 256; i++)
		p.linear[i] = linear_of(i);
	for (size_t i = 0; i < n; i++)
		component(&p, i % components_x, i / components_x, factors[i]);
	at = put(at, 1, (int)(components_x - 1 + (components_y - 1) * 9));
	if (n > 1) {
		scale = (int)fmaxf(0, fminf(82, floorf(largest(factors, n) * 166 - 0.5F)));
		most = (float)(scale + 1) / 166;
	}
	at = put(at, 1, scale);
	at = put(at, 4,
		 srgb_of(factors[0][0]) << 16 | srgb_of(factors[0][1]) << 8 |
			 srgb_of(factors[0][2]));
	for (size_t i = 1; i < n; i++)
		at = put(at, 2,
			 step(factors[i][0], most) * 19 * 19 + step(factors[i][1], most) * 19 +
				 step(factors[i][2], most));
	*at = '\0';
}
