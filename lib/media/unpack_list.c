/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: whatever the bytes of a list are, an entry lies within the file that it is about. */
#include <stdlib.h>
#include <string.h>

#include "media/unpack.h"

bool unpack_is_archive(str bytes)
{
	return str_starts(bytes, STR("PK\x03\x04")) || str_starts(bytes, STR("\x1f\x8b"));
}

static bool read_line(str line, int64_t bytes, struct unpacked *ret)
{
	str offset, size;

	if (!str_cut(&line, ' ', &offset) || !str_cut(&line, ' ', &size) ||
	    !str_to_i64(offset, &ret->offset) || !str_to_i64(size, &ret->size))
		return false;
	ret->name = line;
	return ret->offset >= 0 && ret->size >= 0 && ret->size <= UNPACK_FILE_BYTES &&
	       ret->offset <= bytes && ret->size <= bytes - ret->offset && line.n > 0 &&
	       line.n <= UNPACK_NAME && str_is_utf8(line);
}

static int by_name(const void *one, const void *other)
{
	const struct unpacked *a = one, *b = other;

	return str_cmp(a->name, b->name);
}

bool unpack_list_read(struct arena *a, str list, int64_t bytes, struct unpacked **ret,
		      size_t *ret_n)
{
	struct unpacked *files = arena_array(a, UNPACK_FILES, sizeof(*files));
	size_t n = 0;
	str line;

	if (list.n > UNPACK_LIST)
		return false;
	while (list.n && str_cut(&list, '\n', &line)) {
		if (n == UNPACK_FILES || !read_line(line, bytes, &files[n]))
			return false;
		n++;
	}
	if (n)
		qsort(files, n, sizeof(*files), by_name);
	*ret = files;
	*ret_n = n;
	return true;
}

const struct unpacked *unpack_find(const struct unpacked *files, size_t n, str name)
{
	struct unpacked key = { .name = name };

	return n ? bsearch(&key, files, n, sizeof(*files), by_name) : NULL;
}
