/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Whatever comes in, sanitised markup passes the strict checker and is its own sanitised form.
 */
#include <assert.h>
#include <stdint.h>

#include "base/ctx.h"
#include "html/html.h"
#include "tests/unit/html_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	struct ctx c;
	html first, again;
	str text;

	ctx_init(&c, arena);
	if (html_sanitise(&c, (str){ (const char *)data, size }, &first))
		return 0;
	assert(!check_markup(first.s, true));
	assert(html_sanitise(&c, first.s, &again) == 0);
	assert(str_eq(first.s, again.s));
	assert(html_to_text(&c, (str){ (const char *)data, size }, &text) == 0);
	return 0;
}
