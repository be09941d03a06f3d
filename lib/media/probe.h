/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * probe: what video and sound are like (size, length, a cover), read from their containers alone;
 * nothing is decoded. Small parsers with bounds on depth and number of parts; they run in the worker,
 * on hostile bytes.
 */
#ifndef MEDIA_PROBE_H
#define MEDIA_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "media/format.h"

#define PROBE_BLANKS 64

/* A part of the file that tells about its maker: it is to be overwritten (probe_blank). */
struct probe_blank {
	uint64_t offset, size; /* of an ISO box, its header included */
};

struct probe {
	enum format_id id; /* the sniffed one, corrected: sound in an MP4 is FORMAT_M4A */
	bool has_video, has_sound;
	int64_t width, height; /* as shown, turned; 0: not known */
	double duration; /* seconds; 0: not known */
	str cover; /* a picture inside, as it stands there; empty: none */
	struct probe_blank blanks[PROBE_BLANKS];
	size_t n_blanks;
};

/* E_INVALID for a broken structure, E_UNSUPPORTED for nothing that can be played. */
int probe_file(enum format_id id, str bytes, struct probe *ret) must_check;

/* What the first 8 bytes of a part become; all behind them becomes zero, and its size stays. */
#define PROBE_BLANK_TYPE "free"

#endif
