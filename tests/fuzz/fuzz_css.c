/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Whatever comes as a style sheet is refused or becomes one that loads nothing and escapes nothing; and what came of it is judged
 * to be itself.
 */
#include <assert.h>
#include <stdint.h>

#include "html/css.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const never[] = { "url(", "@import", "expression", "\\", "<", "/*" };
	struct arena *arena cleanup(arena_freep) = arena_new();
	struct ctx c;
	str made, again, lower;

	ctx_init(&c, arena);
	if (css_judge(&c, (str){ (const char *)data, size }, &made))
		return 0;
	assert(made.n <= CSS_LIMIT && str_is_utf8(made));
	lower = str_lower(arena, made);
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (i != 2 || str_find(lower, STR("expression("), 0) != SIZE_MAX)
			assert(str_find(lower, str_c(never[i]), 0) == SIZE_MAX);
	assert(css_judge(&c, made, &again) == 0);
	assert(str_eq(made, again));
	return 0;
}
