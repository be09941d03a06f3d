/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * WebM: EBML elements (RFC 8794, and Matroska's RFC 9559). Invariant: an element is read within its
 * parent, elements are counted, and reading ends where the clusters begin.
 */
#include "base/err.h"
#include "media/bytes.h"
#include "media/probe_part.h"

#define ELEMENTS 4096
#define DEPTH 6

enum {
	ID_SEGMENT = 0x18538067,
	ID_INFO = 0x1549a966,
	ID_SCALE = 0x2ad7b1,
	ID_DURATION = 0x4489,
	ID_TRACKS = 0x1654ae6b,
	ID_ENTRY = 0xae,
	ID_TRACK_TYPE = 0x83,
	ID_VIDEO = 0xe0,
	ID_WIDTH = 0xb0,
	ID_HEIGHT = 0xba,
	ID_CLUSTER = 0x1f43b675,
};

struct walk {
	struct probe *p;
	unsigned elements, depth;
	double scale, duration; /* nanoseconds a unit; units */
	int64_t width, height;
	bool broken, ended;
};

static void read_elements(struct walk *w, str s);

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

static void on_track_type(struct walk *w, str s)
{
	w->p->has_video |= read_uint(s) == 1;
	w->p->has_sound |= read_uint(s) == 2;
}

static void on_element(struct walk *w, uint64_t id, str s)
{
	switch (id) {
	case ID_SEGMENT:
	case ID_INFO:
	case ID_TRACKS:
	case ID_ENTRY:
	case ID_VIDEO:
		read_elements(w, s);
		break;
	case ID_SCALE:
		w->scale = (double)read_uint(s);
		break;
	case ID_DURATION:
		w->duration = read_float(s);
		break;
	case ID_TRACK_TYPE:
		on_track_type(w, s);
		break;
	case ID_WIDTH:
		w->width = read_uint(s);
		break;
	case ID_HEIGHT:
		w->height = read_uint(s);
		break;
	case ID_CLUSTER:
		w->ended = true;
		break;
	default:
		break;
	}
}

/* A size of ones alone means "to the end of the parent". */
static bool next_element(struct walk *w, str *s, uint64_t *ret_id, str *ret_body)
{
	uint64_t size = 0, rest;
	size_t n_id = read_number(*s, 0, true, ret_id), n_size;

	if (s->n == 0 || w->ended || w->broken)
		return false;
	n_size = n_id ? read_number(*s, n_id, false, &size) : 0;
	if (!n_size || w->elements++ == ELEMENTS) {
		w->broken = true;
		return false;
	}
	rest = s->n - n_id - n_size;
	if (size == ((uint64_t)1 << (7 * n_size)) - 1 || size > rest)
		size = rest;
	*ret_body = str_slice(*s, n_id + n_size, n_id + n_size + (size_t)size);
	*s = str_from(*s, n_id + n_size + (size_t)size);
	return true;
}

static void read_elements(struct walk *w, str s)
{
	uint64_t id = 0;
	str body;

	if (w->depth == DEPTH) {
		w->broken = true;
		return;
	}
	w->depth++;
	while (next_element(w, &s, &id, &body))
		on_element(w, id, body);
	w->depth--;
}

int probe_ebml(str bytes, struct probe *p)
{
	struct walk w = { .p = p, .scale = 1e6 };

	read_elements(&w, bytes);
	if (w.broken)
		return E_INVALID;
	p->width = w.width;
	p->height = w.height;
	p->duration = w.duration * w.scale / 1e9;
	return 0;
}
