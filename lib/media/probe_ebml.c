/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * WebM: EBML elements (RFC 8794, and Matroska's RFC 9559). Invariant: an element is read within its
 * parent, and elements are counted. What is neither needed to play picture and sound nor known to be
 * harmless becomes Void: elements that are in no table, and tracks of anything else with their blocks.
 */
#include "base/err.h"
#include "media/bytes.h"
#include "media/probe_part.h"

#define ELEMENTS 500000 /* most are blocks of clusters that do not tell their size */
#define DEPTH 6
#define OTHERS 8 /* tracks that are neither picture nor sound */

enum {
	ID_EBML = 0x1a45dfa3,
	ID_SEGMENT = 0x18538067,
	ID_SEEK_HEAD = 0x114d9b74,
	ID_CUES = 0x1c53bb6b,
	ID_VOID = 0xec,
	ID_INFO = 0x1549a966,
	ID_SCALE = 0x2ad7b1,
	ID_DURATION = 0x4489,
	ID_MUXER = 0x4d80, /* two texts that have to be there, and name programs */
	ID_WRITER = 0x5741,
	ID_TRACKS = 0x1654ae6b,
	ID_ENTRY = 0xae,
	ID_TRACK_NUMBER = 0xd7,
	ID_TRACK_TYPE = 0x83,
	ID_VIDEO = 0xe0,
	ID_WIDTH = 0xb0,
	ID_HEIGHT = 0xba,
	ID_CLUSTER = 0x1f43b675,
	ID_TIMESTAMP = 0xe7,
	ID_POSITION = 0xa7,
	ID_PREVIOUS_SIZE = 0xab,
	ID_GROUP = 0xa0,
	ID_BLOCK = 0xa1,
	ID_SIMPLE_BLOCK = 0xa3,
};

enum { TRACK_VIDEO = 1, TRACK_SOUND = 2 };

struct element {
	uint64_t id;
	size_t at, body, end; /* offsets in the file */
};

struct walk {
	str file;
	struct probe *p;
	unsigned elements, depth;
	double scale, duration; /* nanoseconds a unit; units */
	int64_t width, height;
	int64_t track_number, track_type; /* of the entry that is being read */
	int64_t others[OTHERS];
	size_t n_others;
	bool broken, has_clusters;
};

static void read_elements(struct walk *w, const struct element *parent);

/* A number whose first byte's leading zeros say how long it is; 0 bytes: none. */
static size_t read_number(str s, size_t at, bool keep_mark, uint64_t *ret)
{
	uint64_t first = bytes_be(s, at, 1);
	size_t n = 1;

	while (n <= 8 && !(first & (0x100u >> n)))
		n++;
	if (n > 8 || at > s.n || n > s.n - at)
		return 0;
	*ret = bytes_be(s, at, n);
	if (!keep_mark)
		*ret &= ((uint64_t)1 << (7 * n)) - 1;
	return n;
}

static double read_float(str s)
{
	union {
		uint32_t i;
		float f;
	} small = { .i = (uint32_t)bytes_be(s, 0, 4) };
	union {
		uint64_t i;
		double f;
	} large = { .i = bytes_be(s, 0, 8) };

	return s.n == 4 ? (double)small.f : s.n == 8 ? large.f : 0;
}

static int64_t read_uint(str s)
{
	return s.n <= 7 ? (int64_t)bytes_be(s, 0, s.n) : 0;
}

/* The ids of what a segment holds have four bytes, and nothing inside of a cluster has. */
static size_t open_end(struct walk *w, size_t at, size_t end)
{
	uint64_t id = 0, size = 0;

	while (at < end && w->elements++ < ELEMENTS) {
		size_t n_id = read_number(w->file, at, true, &id), n_size;

		if (!n_id || n_id == 4)
			return at;
		n_size = read_number(w->file, at + n_id, false, &size);
		if (!n_size || size > end - at - n_id - n_size)
			return end;
		at += n_id + n_size + (size_t)size;
	}
	return at < end ? at : end;
}

/* A size of ones alone means "to the end of the parent", or of a cluster to the next. False at the end, and
 * where no element is. */
static bool next_element(struct walk *w, size_t at, size_t end, struct element *ret)
{
	struct element e = { .at = at };
	uint64_t size = 0;
	size_t n_id = read_number(w->file, at, true, &e.id), n_size;

	if (at >= end || w->broken || !n_id || n_id > 4)
		return false;
	n_size = read_number(w->file, at + n_id, false, &size);
	if (!n_size || n_id + n_size > end - at)
		return false;
	if (w->elements++ >= ELEMENTS) {
		w->broken = true;
		return false;
	}
	e.body = at + n_id + n_size;
	e.end = size > end - e.body ? end : e.body + (size_t)size;
	if (size == ((uint64_t)1 << (7 * n_size)) - 1)
		e.end = e.id == ID_CLUSTER ? open_end(w, e.body, end) : end;
	*ret = e;
	return true;
}

static str body_of(const struct walk *w, const struct element *e)
{
	return str_slice(w->file, e->body, e->end);
}

static void add_blank(struct walk *w, size_t offset, size_t size, str head)
{
	if (size && !probe_blank(w->p, offset, size, head))
		w->broken = true;
}

/* Void of the same size, with a size as wide as it can be. */
static void blank_element(struct walk *w, const struct element *e)
{
	char head[9] = { (char)ID_VOID };
	size_t room = e->body - e->at - 1, size = e->end - e->at - 1;

	room = room < 1 ? 1 : room > 8 ? 8 : room;
	size -= room;
	for (size_t i = room; i > 0; i--, size >>= 8)
		head[i] = (char)(size & 0xff);
	head[1] = (char)(head[1] | (0x100 >> room));
	add_blank(w, e->at, e->end - e->at, (str){ head, room + 1 });
}

static void on_needed(struct walk *w unused, const struct element *e unused)
{
}

static void on_scale(struct walk *w, const struct element *e)
{
	w->scale = (double)read_uint(body_of(w, e));
}

static void on_duration(struct walk *w, const struct element *e)
{
	w->duration = read_float(body_of(w, e));
}

static void on_track_number(struct walk *w, const struct element *e)
{
	w->track_number = read_uint(body_of(w, e));
}

static void on_track_type(struct walk *w, const struct element *e)
{
	w->track_type = read_uint(body_of(w, e));
}

static void on_width(struct walk *w, const struct element *e)
{
	w->width = read_uint(body_of(w, e));
}

static void on_height(struct walk *w, const struct element *e)
{
	w->height = read_uint(body_of(w, e));
}

/* Blocks of a track that is described behind them were passed over already. */
static void on_entry(struct walk *w, const struct element *e)
{
	w->track_type = w->track_number = 0;
	read_elements(w, e);
	w->p->has_video |= w->track_type == TRACK_VIDEO;
	w->p->has_sound |= w->track_type == TRACK_SOUND;
	if (w->track_type == TRACK_VIDEO || w->track_type == TRACK_SOUND)
		return;
	if (w->n_others == OTHERS || w->has_clusters) {
		w->broken = true;
		return;
	}
	w->others[w->n_others++] = w->track_number;
	blank_element(w, e);
}

static bool is_of_others(const struct walk *w, const struct element *block)
{
	uint64_t number = 0;

	if (!w->n_others || !read_number(body_of(w, block), 0, false, &number))
		return false;
	for (size_t i = 0; i < w->n_others; i++)
		if (w->others[i] == (int64_t)number)
			return true;
	return false;
}

static void on_block(struct walk *w, const struct element *e)
{
	if (is_of_others(w, e))
		blank_element(w, e);
}

/* A group without its block is none. */
static void on_group(struct walk *w, const struct element *e)
{
	struct element child;

	for (size_t at = e->body; next_element(w, at, e->end, &child); at = child.end)
		if (child.id == ID_BLOCK && is_of_others(w, &child)) {
			blank_element(w, e);
			return;
		}
}

/* One that tells its size is looked into only when there is something to find. */
static void on_cluster(struct walk *w, const struct element *e)
{
	w->has_clusters = true;
	if (w->n_others)
		read_elements(w, e);
}

/* What is in no row is blanked where its parent is one of the strict ones, and else passed over. */
static const struct row {
	uint64_t parent, id;
	void (*fn)(struct walk *w, const struct element *e);
} rows[] = {
	{ 0, ID_EBML, on_needed },
	{ 0, ID_SEGMENT, read_elements },
	{ ID_SEGMENT, ID_SEEK_HEAD, on_needed },
	{ ID_SEGMENT, ID_CUES, on_needed },
	{ ID_SEGMENT, ID_INFO, read_elements },
	{ ID_SEGMENT, ID_TRACKS, read_elements },
	{ ID_SEGMENT, ID_CLUSTER, on_cluster },
	{ ID_INFO, ID_SCALE, on_scale },
	{ ID_INFO, ID_DURATION, on_duration },
	{ ID_INFO, ID_MUXER, on_needed },
	{ ID_INFO, ID_WRITER, on_needed },
	{ ID_TRACKS, ID_ENTRY, on_entry },
	{ ID_ENTRY, ID_TRACK_NUMBER, on_track_number },
	{ ID_ENTRY, ID_TRACK_TYPE, on_track_type },
	{ ID_ENTRY, ID_VIDEO, read_elements },
	{ ID_VIDEO, ID_WIDTH, on_width },
	{ ID_VIDEO, ID_HEIGHT, on_height },
	{ ID_CLUSTER, ID_TIMESTAMP, on_needed },
	{ ID_CLUSTER, ID_POSITION, on_needed },
	{ ID_CLUSTER, ID_PREVIOUS_SIZE, on_needed },
	{ ID_CLUSTER, ID_GROUP, on_group },
	{ ID_CLUSTER, ID_SIMPLE_BLOCK, on_block },
};

static bool is_strict(uint64_t parent)
{
	return parent == 0 || parent == ID_SEGMENT || parent == ID_INFO || parent == ID_TRACKS;
}

static void on_element(struct walk *w, uint64_t parent, const struct element *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].parent == parent && rows[i].id == e->id) {
			rows[i].fn(w, e);
			return;
		}
	if (is_strict(parent) && e->id != ID_VOID)
		blank_element(w, e);
}

static void read_elements(struct walk *w, const struct element *parent)
{
	struct element e;
	size_t at = parent->body;

	if (w->depth == DEPTH) {
		w->broken = true;
		return;
	}
	w->depth++;
	for (; next_element(w, at, parent->end, &e); at = e.end)
		on_element(w, parent->id, &e);
	w->depth--;
	/* Behind what is no element players may find some again. */
	if (at < parent->end && !w->broken && is_strict(parent->id))
		add_blank(w, at, parent->end - at, STR(""));
}

int probe_ebml(str bytes, struct probe *p)
{
	struct walk w = { .file = bytes, .p = p, .scale = 1e6 };

	read_elements(&w, &(struct element){ .end = bytes.n });
	if (w.broken)
		return E_INVALID;
	p->width = w.width;
	p->height = w.height;
	p->duration = w.duration * w.scale / 1e9;
	return 0;
}
