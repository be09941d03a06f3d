/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ISO base media files: MP4, QuickTime, M4A (ISO/IEC 14496-12). Invariant: a box is read within the
 * box that holds it, boxes are counted, and only those of the table are opened.
 */
#include "base/err.h"
#include "media/bytes.h"
#include "media/probe_part.h"

#define BOXES 4096 /* in all */
#define DEPTH 8

struct walk {
	str file;
	struct probe *p;
	unsigned boxes, depth;
	bool is_video; /* the track that is being read */
	int64_t width, height; /* of it */
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
}

static void on_hdlr(struct walk *w, const struct box *b)
{
	str s = body_of(w, b);

	if (bytes_are(s, 8, STR("soun")))
		w->p->has_sound = true;
	if (bytes_are(s, 8, STR("vide")))
		w->is_video = true;
}

static void on_trak(struct walk *w, const struct box *b)
{
	w->is_video = false;
	w->width = w->height = 0;
	read_children(w, b->body, b->end);
	if (!w->is_video)
		return;
	if (!w->p->has_video) {
		w->p->width = w->width;
		w->p->height = w->height;
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
	struct probe *p = w->p;

	find_cover(w, b);
	if (p->n_blanks == PROBE_BLANKS)
		w->broken = true;
	else
		p->blanks[p->n_blanks++] = (struct probe_blank){ b->at, b->end - b->at };
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
	{ STR("mvhd"), on_mvhd },      { STR("tkhd"), on_tkhd },      { STR("hdlr"), on_hdlr },
	{ STR("udta"), on_private },   { STR("meta"), on_private },   { STR("uuid"), on_private },
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

static void read_children(struct walk *w, uint64_t at, uint64_t end)
{
	struct box b;

	if (w->depth == DEPTH) {
		w->broken = true;
		return;
	}
	w->depth++;
	for (; next_box(w, at, end, &b); at = b.end)
		for (size_t i = 0; i < ARRAY_SIZE(boxes); i++)
			if (bytes_are(w->file, (size_t)b.at + 4, boxes[i].type))
				boxes[i].fn(w, &b);
	w->depth--;
}

int probe_iso(str bytes, struct probe *p)
{
	struct walk w = { .file = bytes, .p = p };

	read_children(&w, 0, bytes.n);
	return w.broken ? E_INVALID : 0;
}
