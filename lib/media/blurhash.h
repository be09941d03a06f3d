/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * blurhash: a picture's colours as a few characters, to show before the picture is there
 * (https://github.com/woltapp/blurhash, Algorithm.md).
 */
#ifndef MEDIA_BLURHASH_H
#define MEDIA_BLURHASH_H

#include <stddef.h>
#include <stdint.h>

#define BLURHASH_SIZE 168 /* bytes: 9x9 components, and the NUL */

/*
 * Of sRGB pixels without alpha, 3 bytes each, row by row. Components: 1 to 9 each. The time is width
 * * height * components, so give it a thumbnail.
 */
void blurhash_encode(const uint8_t *pixels, size_t width, size_t height, size_t components_x,
		     size_t components_y, char ret[BLURHASH_SIZE]);

#endif
