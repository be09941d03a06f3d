/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What is read of a stranger's archive in our own process: the list of its files, and the elements of its outbox. Every
 * view lies within the text, elements are in their order, and what is found by its name has that name.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "json/split.h"
#include "media/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at_list(struct arena *a, str text)
{
	int64_t bytes = 1000;
	struct unpacked *files;
	size_t n;

	if (!unpack_list_read(a, text, bytes, &files, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		const struct unpacked *found = unpack_find(files, n, files[i].name);

		assert(files[i].offset >= 0 && files[i].size >= 0);
		assert(files[i].offset + files[i].size <= bytes);
		assert(found && str_eq(found->name, files[i].name));
	}
}

static void look_at_items(struct arena *a, str text)
{
	const char *end = text.p;
	str *items;
	size_t n;

	if (json_split(a, text, STR("orderedItems"), 1000, &items, &n))
		return;
	assert(n <= 1000);
	for (size_t i = 0; i < n; i++) {
		assert(items[i].n > 0 && items[i].p >= end);
		end = items[i].p + items[i].n;
		assert(end <= text.p + text.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	str text = { (const char *)data, size };

	look_at_list(arena, text);
	look_at_items(arena, text);
	return 0;
}
