/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what a probe says is finite, not negative and within reason, whatever the file says. */
#include "media/probe.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "media/probe_part.h"

static int (*const probes[FORMAT_COUNT])(str bytes, struct probe *p) = {
	[FORMAT_MP4] = probe_iso,   [FORMAT_MOV] = probe_iso, [FORMAT_M4A] = probe_iso,
	[FORMAT_WEBM] = probe_ebml, [FORMAT_MP3] = probe_mp3, [FORMAT_OGG] = probe_ogg,
	[FORMAT_FLAC] = probe_flac, [FORMAT_WAV] = probe_wav,
};

static bool is_size(int64_t pixels)
{
	return pixels > 0 && pixels <= PROBE_PIXELS;
}

static void judge(struct probe *p)
{
	if (!is_size(p->width) || !is_size(p->height))
		p->width = p->height = 0;
	if (!isfinite(p->duration) || p->duration < 0 || p->duration > PROBE_SECONDS)
		p->duration = 0;
	if (p->has_video)
		return;
	p->width = p->height = 0;
	if (p->id == FORMAT_MP4 || p->id == FORMAT_MOV)
		p->id = FORMAT_M4A;
	if (p->id == FORMAT_WEBM)
		p->id = FORMAT_WEBA;
}

bool probe_blank(struct probe *p, uint64_t offset, uint64_t size, str head)
{
	struct probe_blank *last = p->n_blanks ? &p->blanks[p->n_blanks - 1] : NULL;
	struct probe_blank b = { .offset = offset, .size = size, .n_head = (uint32_t)head.n };

	if (last && !last->n_head && !head.n && last->offset + last->size == offset) {
		last->size += size;
		return true;
	}
	if (p->n_blanks == PROBE_BLANKS || head.n > sizeof(b.head) || head.n > size)
		return false;
	memcpy(b.head, head.p, head.n);
	p->blanks[p->n_blanks++] = b;
	return true;
}

int probe_file(enum format_id id, str bytes, struct probe *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->id = id;
	if (!probes[id])
		return E_UNSUPPORTED;
	TRY(probes[id](bytes, ret));
	if (!ret->has_video && !ret->has_sound)
		return E_UNSUPPORTED;
	if (ret->has_video && ret->id == FORMAT_M4A)
		ret->id = FORMAT_MP4;
	judge(ret);
	/* Tags of music are meant to be read; those of a video say where it was taken. */
	if (!ret->has_video)
		ret->n_blanks = 0;
	return 0;
}
