/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * strip: a picture's file without what it tells about its maker (EXIF with the place it was taken,
 * XMP, IPTC, comments, what stands behind its end), losslessly: the coded picture stays byte for
 * byte. Runs in the worker, on hostile bytes.
 */
#ifndef MEDIA_STRIP_H
#define MEDIA_STRIP_H

#include "base/attr.h"
#include "base/out.h"
#include "base/str.h"
#include "media/format.h"

/*
 * Appends the stripped file. Kept are colour profiles, animation and what decoding needs. E_INVALID
 * when the file's structure is broken, E_UNSUPPORTED for a format that is only ever re-encoded.
 */
int strip_picture(enum format_id id, str bytes, struct out *o) must_check;

#endif
