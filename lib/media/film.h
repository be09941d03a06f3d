/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * film: the only door to libavformat, libavcodec and libswscale. It makes one picture of a film. The
 * libraries are large, so they are loaded by a worker whose file is a film, and by no other.
 */
#ifndef MEDIA_FILM_H
#define MEDIA_FILM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "media/format.h"

/* Loads the libraries, before the sandbox is closed. -ENOENT when they are not there. */
int film_load(void) must_check;

/* A picture out of a film, as it is coded: a turned film is still lying. */
struct film_picture {
	uint8_t *pixels; /* RGB, line after line without a gap; film_picture_done frees them */
	int width, height; /* of pixels: scaled down to fit */
	int64_t full_width, full_height; /* of the film, its pixels made square */
};
void film_picture_done(struct film_picture *p);

/*
 * The first picture of some contrast among the film's first key frames, scaled to fit most_width by
 * most_height. E_UNSUPPORTED when the libraries were not loaded or do not know its coding (H.264,
 * HEVC, VP8, VP9 and AV1 in MP4, QuickTime and WebM are decoded), E_UNPROCESSABLE when nothing comes out,
 * E_TOO_LARGE when a picture has more than that many pixels.
 */
struct film_order {
	enum format_id id;
	str bytes;
	uint64_t pixels;
	int most_width, most_height;
};
int film_picture(const struct film_order *o, struct film_picture *ret) must_check;

#endif
