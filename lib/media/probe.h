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

#define PROBE_BLANKS 16384

/*
 * A part of the file that tells about its maker: it is to be overwritten by a head, which makes it a part
 * that players skip, and zeros behind.
 */
struct probe_blank {
	uint64_t offset, size;
	uint32_t n_head;
	char head[12];
};

struct probe {
	enum format_id id; /* the sniffed one, corrected: sound in an MP4 is FORMAT_M4A */
	bool has_video, has_sound;
	int64_t width, height; /* as shown, turned; 0: not known */
	unsigned quarters; /* by which a picture of it is turned clockwise to be upright */
	double duration; /* seconds; 0: not known */
	str cover; /* a picture inside, as it stands there; empty: none */
	struct probe_blank blanks[PROBE_BLANKS];
	size_t n_blanks;
};

/* E_INVALID for a broken structure, E_UNSUPPORTED for nothing that can be played; ret holds nothing then. */
int probe_file(enum format_id id, str bytes, struct probe *ret) must_check;

#endif
