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

/*
 * Does the work on a file that is no video or sound and writes its forms to the descriptors. The
 * report says what came of it; its err is E_UNPROCESSABLE for a file that is no picture or is broken,
 * E_TOO_LARGE for too many pixels.
 */
void picture_work(const struct wire_order *order, str bytes, int fd_main, int fd_small,
		  struct wire_report *r);

#endif
