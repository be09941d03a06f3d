/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a part ends where its delimiter begins; what follows a body that breaks off is no part,
 * so a cut upload is never taken for a whole one.
 */
#include "server/multipart.h"

#define BOUNDARY_LIMIT 200 /* bytes; RFC 2046 says 70 */
#define HEADS_LIMIT (8 * 1024) /* bytes of a part's header lines */

/* The value of "name=value" or "name="value"" among parameters behind the first ';'. */
static str parameter(str header, str name)
{
	str value = STR_NULL;
	size_t at = str_find_char(header, ';', 0);

	while (at != SIZE_MAX) {
		str rest = str_trim(str_from(header, at + 1));
		size_t equals = str_find_char(rest, '=', 0), end;

		if (equals == SIZE_MAX)
			break;
		if (equals + 1 < rest.n && rest.p[equals + 1] == '"') {
			end = str_find_char(rest, '"', equals + 2);
			value = str_slice(rest, equals + 2, end);
		} else {
			end = str_find_char(rest, ';', equals);
			value = str_trim(str_slice(rest, equals + 1, end));
		}
		if (str_eq_fold(str_trim(str_slice(rest, 0, equals)), name))
			return value;
		header = str_from(rest, end);
		at = str_find_char(header, ';', 0);
	}
	return STR_NULL;
}

bool multipart_open(struct arena *a, str media_type, str body, struct multipart *ret)
{
	str boundary = parameter(media_type, STR("boundary")), first;

	if (!str_starts_fold(media_type, STR("multipart/form-data")) || str_is_empty(boundary) ||
	    boundary.n > BOUNDARY_LIMIT)
		return false;
	ret->delimiter = str_cat(a, STR("\r\n--"), boundary);
	/* The first stands at the start, without a line end before it. */
	first = str_from(ret->delimiter, 2);
	ret->rest = str_starts(body, first) ? str_from(body, first.n) : STR("");
	return true;
}

/* A header line of that name among a part's. */
static str header(str heads, str name)
{
	str line;

	while (str_cut(&heads, '\n', &line)) {
		size_t colon = str_find_char(line, ':', 0);

		if (colon != SIZE_MAX && str_eq_fold(str_slice(line, 0, colon), name))
			return str_trim(str_from(line, colon + 1));
	}
	return STR_NULL;
}

bool multipart_next(struct multipart *m, struct multipart_part *ret)
{
	str heads, disposition;
	size_t begin, end;

	if (!str_starts(m->rest, STR("\r\n")))
		return false;
	begin = str_find(str_slice(m->rest, 0, HEADS_LIMIT), STR("\r\n\r\n"), 0);
	end = begin == SIZE_MAX ? SIZE_MAX : str_find(m->rest, m->delimiter, begin + 2);
	if (end == SIZE_MAX)
		return false;
	heads = str_slice(m->rest, 2, begin);
	disposition = header(heads, STR("content-disposition"));
	*ret = (struct multipart_part){
		.name = parameter(disposition, STR("name")),
		.filename = parameter(disposition, STR("filename")),
		.type = header(heads, STR("content-type")),
		.data = str_slice(m->rest, begin + 4, end),
	};
	m->rest = str_from(m->rest, end + m->delimiter.n);
	return true;
}
