/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wire: what travels between a program and its decoding workers. An order goes to the nursery with
 * four file descriptors; the report comes back on the first of them, from a process that may have
 * been taken over by the file that it read: nothing in it is believed (worker.c).
 */
#ifndef MEDIA_WIRE_H
#define MEDIA_WIRE_H

#include <stdint.h>

#include "media/blurhash.h"
#include "media/probe.h"

#define WIRE_MAGIC 0x726f6f6b /* "rook" */
#define WIRE_CONTROL 3 /* descriptor on which the nursery gets its orders */

enum work {
	WORK_ATTACHMENT, /* a form to show, a preview, blurhash; or what a probe says */
	WORK_PREVIEW, /* the preview alone, of a picture */
	WORK_AVATAR,
	WORK_HEADER,
	WORK_EMOJI,
	WORK_ICON, /* of a community: two squares */
	WORK_UNPACK, /* an archive: main is what is in it, small a list of that (unpack.h) */
	WORK_COUNT
};

/* Descriptors that an order comes with, in this order. */
enum { WIRE_REPORT, WIRE_INPUT, WIRE_MAIN, WIRE_SMALL, WIRE_FDS };

struct wire_order {
	uint32_t magic;
	uint32_t work;
	uint64_t pixels; /* at most, of all frames */
	uint64_t memory; /* bytes of address space beyond those in use */
	uint32_t cpu, wall; /* seconds */
};

struct wire_report {
	uint32_t magic;
	int32_t err; /* enum err */
	uint32_t format; /* of the main form: enum format_id */
	uint32_t small_format; /* FORMAT_NONE: there is none */
	uint32_t has_main; /* the main form was written; else it is the input itself */
	uint32_t
		n_blanks; /* struct probe_blank, of which so many stand where else the main form is */
	int64_t width, height, small_width, small_height;
	double duration;
	char blurhash[BLURHASH_SIZE];
	char colour[8]; /* "#rrggbb" */
	char message[160]; /* why err */
};

#define WIRE_OUTPUT_LIMIT (64 * 1024 * 1024) /* bytes of a form */

#endif
