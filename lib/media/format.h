/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * format: what kind of file some bytes are, by the bytes alone. What a client, a name or another
 * server says about them is not asked.
 */
#ifndef MEDIA_FORMAT_H
#define MEDIA_FORMAT_H

#include <stdbool.h>

#include "base/str.h"

enum format_id {
	FORMAT_NONE,
	FORMAT_JPEG,
	FORMAT_PNG,
	FORMAT_GIF,
	FORMAT_WEBP,
	FORMAT_AVIF,
	FORMAT_HEIF,
	FORMAT_MP4,
	FORMAT_MOV,
	FORMAT_WEBM,
	FORMAT_M4A,
	FORMAT_WEBA,
	FORMAT_MP3,
	FORMAT_OGG,
	FORMAT_FLAC,
	FORMAT_WAV,
	FORMAT_COUNT
};

enum format_class { FORMAT_PICTURE, FORMAT_VIDEO, FORMAT_SOUND };

struct format {
	enum format_class class;
	const char *type; /* media type */
	const char *ending; /* of file names, without a dot */
	bool is_shown; /* by every browser; others are turned into one that is */
};

/* Of a known id (not FORMAT_NONE). */
const struct format *format_of(enum format_id id);
/* By media type; FORMAT_NONE when it is none of ours. */
enum format_id format_of_type(str type);
/* By the ending of a name or an address; FORMAT_NONE when it has none of ours. */
enum format_id format_of_name(str name);
/*
 * By the first bytes (64 are enough, the more the better). Files that hold video or sound under one
 * signature (MP4, WebM) are called video: the probe knows better. FORMAT_NONE: nothing that we take.
 */
enum format_id format_sniff(str bytes);

#endif
