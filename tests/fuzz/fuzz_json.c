/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Whatever parses must read back from its dump as the same document, and canonical text must be
 * its own canonical text.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	const struct json *first, *again;
	struct ctx c;
	str canonical;
	int result;

	ctx_init(&c, arena);
	if (json_parse(&c, (str){ (const char *)data, size }, &first))
		return 0;
	canonical = json_canonical(&c, first);
	result = json_parse(&c, json_dump(&c, first), &again);
	assert(result == 0);
	assert(str_eq(json_canonical(&c, again), canonical));
	result = json_parse(&c, canonical, &again);
	assert(result == 0);
	assert(str_eq(json_canonical(&c, again), canonical));
	return 0;
}
