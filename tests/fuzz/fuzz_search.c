/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Any question can be read; what comes of it is within its limits, is text when the question was, and each
 * mark begins as the index has it.
 */
#include <assert.h>
#include <stdint.h>

#include "model/filter.h"
#include "model/search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(strs list, bool is_utf8, bool marks)
{
	assert(list.n <= SEARCH_TERM_LIMIT);
	for (size_t i = 0; i < list.n; i++) {
		assert(list.p[i].n > 0);
		assert(!is_utf8 || str_is_utf8(list.p[i]));
		assert(!marks || (list.p[i].p[0] == '#' && list.p[i].n > 2));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	str text = { (const char *)data, size };
	bool is_utf8 = str_is_utf8(text);
	struct search_question q;
	struct ctx c;

	if (size > SEARCH_LIMIT)
		return 0;
	ctx_init(&c, arena);
	search_parse(&c, text, &q);
	check(q.terms, is_utf8, false);
	check(q.no_terms, is_utf8, false);
	check(q.marks, is_utf8, true);
	check(q.no_marks, is_utf8, true);
	check(q.from, is_utf8, false);
	check(q.no_from, is_utf8, false);
	assert(!(q.library && q.public));
	/* The same bytes as words of filters: half of them looked for in the whole. */
	assert(filter_fits(text, str_slice(text, 0, size / 2), false) == (size / 2 > 0));
	(void)filter_fits(text, str_from(text, size / 2), true);
	return 0;
}
