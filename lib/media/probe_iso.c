/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ISO base media files: MP4, QuickTime, M4A (ISO/IEC 14496-12). Invariant: a box is read within the
 * box that holds it, boxes are counted, and only those of the table are opened. What is neither needed to
 * play picture and sound nor known to be harmless is overwritten: boxes that are not in the table, and
 * tracks of anything else (places, movements, captions of cameras) with their samples.
 */
#include <string.h>

#include "base/err.h"
#include "media/bytes.h"
#include "media/probe_part.h"

#define BOXES 4096 /* in all */
#define DEPTH 8

struct walk {
	str file;
	struct probe *p;
	unsigned boxes, depth;
	bool is_video, is_sound; /* the track that is being read */
	str chunks, sizes, runs; /* its tables of samples */
	bool has_wide_chunks; /* offsets of 64 bits */
	bool has_fragments, has_others; /* tracks that are overwritten */
	int64_t width, height; /* of it */
	unsigned quarters;
	bool broken;
};

struct box {
	uint64_t at, body, end; /* offsets in the file */
};

static void read_children(struct walk *w, uint64_t at, uint64_t end);

static str body_of(const struct walk *w, const struct box *b)
{
	return str_slice(w->file, (size_t)b->body, (size_t)b->end);
}

static void on_mvhd(struct walk *w, const struct box *b)
{
	str s = body_of(w, b);
	bool wide = bytes_be(s, 0, 1) == 1;
	uint64_t scale = bytes_be(s, wide ? 20 : 12, 4);
	uint64_t duration = wide ? bytes_be(s, 24, 8) : bytes_be(s, 16, 4);

	if (scale && duration != (wide ? UINT64_MAX : UINT32_MAX))
		w->p->duration = (double)duration / (double)scale;
}

/* Width and height are 16.16; a matrix with nothing on its diagonal turns by a right angle. */
static void on_tkhd(struct walk *w, const struct box *b)
{
	str s = body_of(w, b);
	size_t at = bytes_be(s, 0, 1) == 1 ? 52 : 40;
	int64_t width = (int64_t)(bytes_be(s, at + 36, 4) >> 16);
	int64_t height = (int64_t)(bytes_be(s, at + 40, 4) >> 16);
	bool is_turned = bytes_be(s, at, 4) == 0 && bytes_be(s, at + 16, 4) == 0 &&
			 bytes_be(s, at + 4, 4) != 0;

	w->width = is_turned ? height : width;
	w->height = is_turned ? width : height;
	w->quarters = 0;
	if (is_turned)
		w->quarters = bytes_be(s, at + 4, 1) & 0x80 ? 3 : 1;
	else if (bytes_be(s, at, 1) & bytes_be(s, at + 16, 1) & 0x80)
		w->quarters = 2;
}

static void on_hdlr(struct walk *w, const struct box *b)
{
	str s = body_of(w, b);

	if (bytes_are(s, 4, STR("dhlr"))) /* of where the samples are, in QuickTime */
		return;
	w->is_sound = bytes_are(s, 8, STR("soun"));
	w->is_video = bytes_are(s, 8, STR("vide"));
}

static void on_stco(struct walk *w, const struct box *b)
{
	w->chunks = body_of(w, b);
	w->has_wide_chunks = false;
}

static void on_co64(struct walk *w, const struct box *b)
{
	w->chunks = body_of(w, b);
	w->has_wide_chunks = true;
}

static void on_stsz(struct walk *w, const struct box *b)
{
	w->sizes = body_of(w, b);
}

static void on_stsc(struct walk *w, const struct box *b)
{
	w->runs = body_of(w, b);
}

static void on_moof(struct walk *w, const struct box *b unused)
{
	w->has_fragments = true;
}

static void add_blank(struct walk *w, uint64_t offset, uint64_t size, str head)
{
	if (!probe_blank(w->p, offset, size, head))
		w->broken = true;
}

/* Its size stays, wherever that stands. */
static void blank_box(struct walk *w, const struct box *b)
{
	char head[12] = "free";

	if (b->body - b->at == 16)
		memcpy(head + 4, w->file.p + b->at + 8, 8);
	add_blank(w, b->at + 4, b->end - b->at - 4, (str){ head, (size_t)(b->body - b->at - 4) });
}

/* How many samples stand in a chunk, by the run of chunks that it is in (ISO/IEC 14496-12, 8.7.4). */
static uint64_t samples_of_chunk(const struct walk *w, uint64_t chunk, uint64_t *run)
{
	uint64_t runs = bytes_be(w->runs, 4, 4);

	while (*run + 1 < runs && bytes_be(w->runs, 8 + (size_t)(*run + 1) * 12, 4) <= chunk + 1 &&
	       8 + (*run + 2) * 12 <= w->runs.n)
		++*run;
	return bytes_be(w->runs, 8 + (size_t)*run * 12 + 4, 4);
}

static uint64_t sample_size(const struct walk *w, uint64_t sample)
{
	uint64_t one = bytes_be(w->sizes, 4, 4);

	return one ? one : bytes_be(w->sizes, 12 + (size_t)sample * 4, 4);
}

static void blank_chunk(struct walk *w, uint64_t at, uint64_t size)
{
	if (at >= w->file.n || !size)
		return;
	add_blank(w, at, size < w->file.n - at ? size : w->file.n - at, STR(""));
}

/* The samples of a track, chunk by chunk; never more of them than a file of its size has bytes. */
static void blank_samples(struct walk *w)
{
	uint64_t width = w->has_wide_chunks ? 8 : 4, chunks = bytes_be(w->chunks, 4, 4);
	uint64_t samples = bytes_be(w->sizes, 8, 4), sample = 0, run = 0;

	/* The compact table of sizes, which nobody writes for such tracks, is not read. */
	w->broken |= chunks && w->sizes.n < 12;
	if (!bytes_be(w->sizes, 4, 4) && samples > w->sizes.n / 4)
		samples = w->sizes.n / 4;
	for (uint64_t i = 0; i < chunks && 8 + (i + 1) * width <= w->chunks.n && !w->broken; i++) {
		uint64_t n = samples_of_chunk(w, i, &run), size = 0;

		for (uint64_t k = 0; k < n && sample < samples && size < w->file.n; k++)
			size += sample_size(w, sample++);
		blank_chunk(w, bytes_be(w->chunks, 8 + (size_t)(i * width), (size_t)width), size);
	}
}

static void on_trak(struct walk *w, const struct box *b)
{
	w->is_video = w->is_sound = false;
	w->chunks = w->sizes = w->runs = STR("");
	w->width = w->height = 0;
	w->quarters = 0;
	read_children(w, b->body, b->end);
	if (!w->is_video && !w->is_sound) {
		w->has_others = true;
		blank_samples(w);
		blank_box(w, b);
	}
	w->p->has_sound |= w->is_sound;
	if (!w->is_video)
		return;
	if (!w->p->has_video) {
		w->p->width = w->width;
		w->p->height = w->height;
		w->p->quarters = w->quarters;
	}
	w->p->has_video = true;
}

/* The cover of music stands deep inside of what is blanked in a video. */
static void find_cover(struct walk *w, const struct box *b)
{
	str s = body_of(w, b);
	size_t at = str_find(s, STR("covr"), 0);
	uint64_t size = at == SIZE_MAX ? 0 : bytes_be(s, at + 4, 4);

	if (size > 16 && bytes_are(s, at + 8, STR("data")) && size <= s.n - at - 4)
		w->p->cover = str_slice(s, at + 20, at + 4 + (size_t)size);
}

static void on_private(struct walk *w, const struct box *b)
{
	find_cover(w, b);
	if (b->end > b->body)
		blank_box(w, b);
}

static void on_needed(struct walk *w unused, const struct box *b unused)
{
}

static void on_container(struct walk *w, const struct box *b)
{
	read_children(w, b->body, b->end);
}

static const struct {
	str type;
	void (*fn)(struct walk *w, const struct box *b);
} boxes[] = {
	{ STR("moov"), on_container }, { STR("mdia"), on_container }, { STR("trak"), on_trak },
	{ STR("minf"), on_container }, { STR("stbl"), on_container }, { STR("mvhd"), on_mvhd },
	{ STR("tkhd"), on_tkhd },      { STR("hdlr"), on_hdlr },      { STR("stco"), on_stco },
	{ STR("co64"), on_co64 },      { STR("stsz"), on_stsz },      { STR("stsc"), on_stsc },
	{ STR("moof"), on_moof },      { STR("ftyp"), on_needed },    { STR("styp"), on_needed },
	{ STR("mdat"), on_needed },    { STR("mfra"), on_needed },    { STR("sidx"), on_needed },
	{ STR("ssix"), on_needed },    { STR("prft"), on_needed },    { STR("pdin"), on_needed },
	{ STR("iods"), on_needed },    { STR("mvex"), on_needed },    { STR("edts"), on_needed },
	{ STR("tref"), on_needed },    { STR("tapt"), on_needed },    { STR("mdhd"), on_needed },
	{ STR("elng"), on_needed },    { STR("vmhd"), on_needed },    { STR("smhd"), on_needed },
	{ STR("gmhd"), on_needed },    { STR("nmhd"), on_needed },    { STR("dinf"), on_needed },
	{ STR("stsd"), on_needed },    { STR("stts"), on_needed },    { STR("ctts"), on_needed },
	{ STR("cslg"), on_needed },    { STR("stss"), on_needed },    { STR("stps"), on_needed },
	{ STR("stz2"), on_needed },    { STR("stsh"), on_needed },    { STR("sdtp"), on_needed },
	{ STR("sbgp"), on_needed },    { STR("sgpd"), on_needed },    { STR("subs"), on_needed },
	{ STR("saiz"), on_needed },    { STR("saio"), on_needed },
};

/* False at the end, and where a box leaves the one that holds it. */
static bool next_box(struct walk *w, uint64_t at, uint64_t end, struct box *ret)
{
	uint64_t size, head = 8;

	if (at == end || w->broken)
		return false;
	size = bytes_be(w->file, (size_t)at, 4);
	if (size == 1) {
		size = bytes_be(w->file, (size_t)at + 8, 8);
		head = 16;
	} else if (size == 0) {
		size = end - at;
	}
	if (end - at < head || size < head || size > end - at || w->boxes++ == BOXES) {
		w->broken = true;
		return false;
	}
	*ret = (struct box){ at, at + head, at + size };
	return true;
}

static void on_box(struct walk *w, const struct box *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(boxes); i++)
		if (bytes_are(w->file, (size_t)b->at + 4, boxes[i].type)) {
			boxes[i].fn(w, b);
			return;
		}
	on_private(w, b);
}

static void read_children(struct walk *w, uint64_t at, uint64_t end)
{
	struct box b;

	if (w->depth == DEPTH) {
		w->broken = true;
		return;
	}
	w->depth++;
	for (; next_box(w, at, end, &b); at = b.end)
		on_box(w, &b);
	w->depth--;
}

int probe_iso(str bytes, struct probe *p)
{
	struct walk w = { .file = bytes, .p = p };

	read_children(&w, 0, bytes.n);
	/* The samples of a track in fragments are not found, so a film that would keep them is refused. */
	if (w.has_others && w.has_fragments && p->has_video)
		return E_INVALID;
	return w.broken ? E_INVALID : 0;
}
