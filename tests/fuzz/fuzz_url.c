/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The text of a parsed URL parses to itself, resolves to itself, and holds nothing but printable
 * ASCII; decoding undoes encoding. The first line of the input is a URL, the second a reference.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "fetch/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct arena *a, str text)
{
	struct url u;
	bool ok = url_parse(a, text, &u);

	assert(ok && str_eq(url_format(a, &u), text));
	assert(text.n <= URL_LIMIT && url_same_host(text, text));
	assert(u.port > 0 && u.port <= 65535 && u.path.p[0] == '/');
	for (size_t i = 0; i < text.n; i++)
		assert(text.p[i] > ' ' && text.p[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	str rest = { (const char *)data, size }, first = STR_NULL, text, again;
	struct url u;
	bool ok;

	str_cut(&rest, '\n', &first);
	if (url_parse(arena, first, &u))
		check_text(arena, url_format(arena, &u));
	if (url_resolve(arena, first, rest, &text)) {
		check_text(arena, text);
		ok = url_resolve(arena, first, text, &again);
		assert(ok && str_eq(text, again));
	}
	ok = url_decode(arena, url_encode(arena, rest), true, &text);
	assert(ok && str_eq(text, rest));
	return 0;
}
