/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the strictest rule wins over all suffixes of the host name and over host floor and
 * tenant; row-level security decides which rules are seen.
 */
#include "model/limit.h"

#include "fetch/url.h"

#define SUFFIX_LIMIT 32 /* labels of a host name that are looked at */

strs limit_suffixes(struct ctx *c, str host)
{
	str *suffixes = arena_array(c->arena, SUFFIX_LIMIT, sizeof(*suffixes));
	size_t n = 0;

	host = str_lower(c->arena, str_slice(host, 0, str_find_char(host, ':', 0)));
	while (host.n && n < SUFFIX_LIMIT) {
		size_t dot = str_find_char(host, '.', 0);

		suffixes[n++] = host;
		host = dot == SIZE_MAX ? STR_NULL : str_from(host, dot + 1);
	}
	return (strs){ suffixes, n };
}

int limit_of_host(struct ctx *c, str host, enum limit_severity *ret)
{
	const struct limit_row *rows;
	size_t n_rows;

	TRY(q_limit_of_hosts(c, limit_suffixes(c, host), &rows, &n_rows));
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

int limit_rejects_reports(struct ctx *c, str uri, bool *ret)
{
	const struct limit_reports_row *row;
	struct url url;

	*ret = false;
	if (!url_parse(c->arena, uri, &url))
		return 0;
	TRY(q_limit_rejects_reports(c, limit_suffixes(c, url.host), &row));
	*ret = row->rejected;
	return 0;
}

int identity_limits_get(struct ctx *c, int64_t identity_id, struct identity_limits_row *ret)
{
	const struct identity_limits_row *row;

	*ret = (struct identity_limits_row){ 0 };
	if (!c->domain_id)
		return 0;
	TRY(q_identity_limits(c, identity_id, c->domain_id, &row));
	*ret = *row;
	return 0;
}

static bool is_among(int64_t id, const struct domain_number_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].domain_id == id)
			return true;
	return false;
}

int limit_drop_blocking(struct ctx *c, str uri, i64s *domains)
{
	const struct domain_number_row *blocking;
	int64_t *kept;
	size_t n = 0, n_blocking;
	struct url url;

	if (domains->n == 0)
		return 0;
	if (!url_parse(c->arena, uri, &url))
		return fail(c, E_INVALID, "%.*s is no http(s) URL", STR_ARG(str_clip(uri, 200)));
	TRY(q_limit_blocking_domains(c, limit_suffixes(c, url.host), &blocking, &n_blocking));
	kept = arena_array(c->arena, domains->n, sizeof(*kept));
	for (size_t i = 0; i < domains->n; i++)
		if (!is_among(domains->p[i], blocking, n_blocking))
			kept[n++] = domains->p[i];
	*domains = (i64s){ kept, n };
	return 0;
}
