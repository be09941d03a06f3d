/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the strictest rule wins over all suffixes of the host name and over host floor and
 * tenant; row-level security decides which rules are seen.
 */
#include "model/limit.h"

#include "fetch/url.h"
#include "sql/gen/limit.h"

#define SUFFIX_LIMIT 32 /* labels of a host name that are looked at */

int limit_of_host(struct ctx *c, str host, enum limit_severity *ret)
{
	str suffixes[SUFFIX_LIMIT];
	const struct limit_row *rows;
	size_t n = 0, n_rows;
	size_t colon = str_find_char(host, ':', 0);

	host = str_lower(c->arena, str_slice(host, 0, colon));
	while (host.n && n < SUFFIX_LIMIT) {
		size_t dot = str_find_char(host, '.', 0);

		suffixes[n++] = host;
		host = dot == SIZE_MAX ? STR_NULL : str_from(host, dot + 1);
	}
	TRY(q_limit_of_hosts(c, (strs){ suffixes, n }, &rows, &n_rows));
	*ret = LIMIT_NONE;
	for (size_t i = 0; i < n_rows; i++) {
		if (str_eq(rows[i].severity, STR("block")))
			*ret = LIMIT_BLOCK;
		else if (*ret == LIMIT_NONE)
			*ret = LIMIT_LIMIT;
	}
	return 0;
}

int limit_of_uri(struct ctx *c, str uri, enum limit_severity *ret)
{
	struct url url;

	if (!url_parse(c->arena, uri, &url))
		return fail(c, E_INVALID, "%.*s is no http(s) URL", STR_ARG(str_clip(uri, 200)));
	return limit_of_host(c, url.host, ret);
}
