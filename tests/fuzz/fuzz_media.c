/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Files of any kind: what a probe says is within reason, what was stripped is its own stripped form.
 */
#include <assert.h>
#include <math.h>
#include <stdint.h>

#include "base/err.h"
#include "media/probe.h"
#include "media/strip.h"

#define LIMIT (8 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_strip(enum format_id id, str s)
{
	struct arena *a cleanup(arena_freep) = arena_new();
	struct out once, twice;
	str first, second;

	out_init(&once, a, LIMIT);
	out_init(&twice, a, LIMIT);
	if (strip_picture(id, s, &once) || out_done(&once, &first))
		return;
	assert(first.n <= s.n + 64);
	assert(strip_picture(id, first, &twice) == 0 && out_done(&twice, &second) == 0);
	assert(str_eq(first, second));
}

static void check_probe(enum format_id id, str s)
{
	static struct probe p;

	if (probe_file(id, s, &p))
		return;
	assert(isfinite(p.duration) && p.duration >= 0);
	assert(p.width >= 0 && p.height >= 0 && p.cover.n <= s.n && p.n_blanks <= PROBE_BLANKS);
	for (size_t i = 0; i < p.n_blanks; i++)
		assert(p.blanks[i].n_head <= p.blanks[i].size &&
		       p.blanks[i].offset + p.blanks[i].size <= s.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str s = { (const char *)data, size };
	enum format_id id = format_sniff(s);

	for (int each = FORMAT_NONE + 1; each < FORMAT_COUNT; each++)
		if (each == (int)id || size < 4096)
			check_probe((enum format_id)each, s);
	if (id != FORMAT_NONE)
		check_strip(id, s);
	return 0;
}
