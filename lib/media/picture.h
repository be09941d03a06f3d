/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * picture: the only door to libvips. It is called in a worker alone, after the sandbox was closed.
 */
#ifndef MEDIA_PICTURE_H
#define MEDIA_PICTURE_H

#include "base/attr.h"
#include "base/str.h"
#include "media/wire.h"

/* Once, before the sandbox: the library, its loaders of the few formats that we take, their decoders. */
int picture_start(const char *program) must_check;

#define PICTURE_PREVIEW_WIDTH 400
#define PICTURE_PREVIEW_HEIGHT 1000

/* A picture that something else decoded, of the size of a preview. */
struct picture_pixels {
	const uint8_t *rgb; /* three bytes each, line after line */
	int width, height;
	unsigned quarters; /* by which it is turned clockwise to stand upright */
};
/* Writes its preview and describes it in the report; E_UNPROCESSABLE when that does not work. */
int picture_of_pixels(const struct picture_pixels *p, int fd_small,
		      struct wire_report *r) must_check;

/*
 * Does the work on a file that is no video or sound and writes its forms to the descriptors. The
 * report says what came of it; its err is E_UNPROCESSABLE for a file that is no picture or is broken,
 * E_TOO_LARGE for too many pixels.
 */
void picture_work(const struct wire_order *order, str bytes, int fd_main, int fd_small,
		  struct wire_report *r);

#endif
