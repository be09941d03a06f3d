/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Bodies of forms; the first line is the media type. Each part is within the body, and parts come to
 * an end.
 */
#include <assert.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "server/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(str part, str whole)
{
	return str_is_null(part) ||
	       (part.p >= whole.p && part.n <= whole.n && part.p + part.n <= whole.p + whole.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a cleanup(arena_freep) = arena_new();
	str body = { (const char *)data, size }, type;
	struct multipart m;
	struct multipart_part p;
	size_t parts = 0;

	if (!str_cut(&body, '\n', &type) || !multipart_open(a, type, body, &m))
		return 0;
	while (multipart_next(&m, &p)) {
		assert(is_within(p.data, body) && is_within(p.name, body) &&
		       is_within(p.filename, body));
		assert(++parts <= size);
	}
	return 0;
}
