/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Films: whatever the bytes are, a picture that comes of them is no larger than asked for.
 */
#include <assert.h>
#include <stdint.h>

#include "base/err.h"
#include "media/film.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(enum format_id id, str bytes)
{
	struct film_picture p = { 0 };
	struct film_order o = {
		.id = id, .bytes = bytes, .pixels = 1 << 20, .most_width = 40, .most_height = 30
	};

	if (film_picture(&o, &p))
		return;
	assert(p.pixels && p.width > 0 && p.width <= 40 && p.height > 0 && p.height <= 30);
	assert(p.full_width > 0 && p.full_height > 0);
	film_picture_done(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str s = { (const char *)data, size };

	assert(film_load() == 0);
	check(FORMAT_MP4, s);
	check(FORMAT_WEBM, s);
	return 0;
}
