/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What was read as an item, a list or a dictionary is written in one way, which reads as itself. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "ap/sfv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the text in its canonical form; false when it is none of this type. */
static bool canonical(struct arena *a, int type, str text, str *ret)
{
	struct sfv_members m;
	struct sfv_item item;
	struct out o;
	bool good;

	out_init(&o, a, SIZE_MAX);
	if (type == 0) {
		good = sfv_parse_item(a, text, &item);
		if (good)
			sfv_put_item(&o, &item);
	} else if (type == 1) {
		good = sfv_parse_list(a, text, &m);
		if (good)
			sfv_put_list(&o, &m);
	} else {
		good = sfv_parse_dictionary(a, text, &m);
		if (good)
			sfv_put_dictionary(&o, &m);
	}
	*ret = out_view(&o);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	str first, again;

	for (int type = 0; type < 3; type++) {
		if (!canonical(arena, type, (str){ (const char *)data, size }, &first))
			continue;
		if (!canonical(arena, type, first, &again))
			assert(0);
		assert(str_eq(first, again));
	}
	return 0;
}
