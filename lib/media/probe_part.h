/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The parsers of probe, one for each family of containers. Nothing outside of probe*.c includes this. */
#ifndef MEDIA_PROBE_PART_H
#define MEDIA_PROBE_PART_H

#include "media/probe.h"

/* They fill in what they find; the result says that the structure is broken. */
int probe_iso(str bytes, struct probe *p) must_check; /* MP4, MOV, M4A */
int probe_ebml(str bytes, struct probe *p) must_check; /* WebM */
int probe_mp3(str bytes, struct probe *p) must_check;
int probe_ogg(str bytes, struct probe *p) must_check;
int probe_flac(str bytes, struct probe *p) must_check;
int probe_wav(str bytes, struct probe *p) must_check;

/* The picture of a FLAC PICTURE block (RFC 9639, 8.8). */
str probe_flac_picture(str block);

/* One more part to overwrite; false when there are too many. What directly follows another is joined. */
bool probe_blank(struct probe *p, uint64_t offset, uint64_t size, str head);

#define PROBE_PIXELS 16384 /* a larger side is nonsense */
#define PROBE_SECONDS (7 * 86400.0) /* so is a longer time */

#endif
