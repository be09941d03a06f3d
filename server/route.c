/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: routes are data; a pattern matches a whole path or nothing. ':' captures one or more
 * bytes other than '/', as few as make the rest fit, and what it captures is decoded once.
 */
#include "fetch/url.h"
#include "server/http.h"

#define CAPTURES 4

struct capture {
	str raw[CAPTURES];
	size_t n;
};

/* The pattern behind ':' decides where the capture ends: at its next literal byte. */
static bool match(const char *pattern, str path, struct capture *ret)
{
	struct capture found = { .n = 0 };

	while (*pattern) {
		size_t end = 0;

		if (*pattern != ':') {
			if (path.n == 0 || path.p[0] != *pattern)
				return false;
			path = str_from(path, 1);
			pattern++;
			continue;
		}
		pattern++;
		while (end < path.n && path.p[end] != '/' && (end == 0 || path.p[end] != *pattern))
			end++;
		if (end == 0 || found.n == CAPTURES)
			return false;
		found.raw[found.n++] = str_slice(path, 0, end);
		path = str_from(path, end);
	}
	if (path.n)
		return false;
	*ret = found;
	return true;
}

static bool decode(struct arena *a, const struct capture *found, str args[CAPTURES])
{
	for (size_t i = 0; i < found->n; i++)
		if (!url_decode(a, found->raw[i], false, &args[i]) || !str_is_utf8(args[i]))
			return false;
	return true;
}

int route_find(const struct route *const *tables, struct arena *a, enum method method, str path,
	       str args[CAPTURES], const struct route **ret)
{
	bool other_method = false;
	struct capture found;

	for (; *tables; tables++)
		for (const struct route *r = *tables; r->pattern; r++) {
			if (!match(r->pattern, path, &found))
				continue;
			if (!(r->methods & method)) {
				other_method = true;
				continue;
			}
			if (!decode(a, &found, args))
				return E_INVALID;
			*ret = r;
			return 0;
		}
	return other_method ? E_METHOD : E_NOT_FOUND;
}
