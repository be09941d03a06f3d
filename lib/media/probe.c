/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what a probe says is finite, not negative and within reason, whatever the file says. */
#include "media/probe.h"

#include <math.h>

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

int probe_file(enum format_id id, str bytes, struct probe *ret)
{
	struct probe p = { .id = id };

	if (!probes[id])
		return E_UNSUPPORTED;
	TRY(probes[id](bytes, &p));
	if (!p.has_video && !p.has_sound)
		return E_UNSUPPORTED;
	if (p.has_video && p.id == FORMAT_M4A)
		p.id = FORMAT_MP4;
	judge(&p);
	/* Tags of music are meant to be read; those of a video say where it was taken. */
	if (!p.has_video)
		p.n_blanks = 0;
	*ret = p;
	return 0;
}
