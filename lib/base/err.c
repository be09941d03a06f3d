/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: each enumerator of enum err has exactly one row here; a unit test walks the table.
 */
#include "base/err.h"

#include <stddef.h>

static const struct {
	const char *name;
	int status;
	bool transient;
} table[] = {
	[E_OK] = { "ok", 200, false },
	[E_INVALID] = { "invalid", 400, false },
	[E_UNAUTHORIZED] = { "unauthorized", 401, false },
	[E_FORBIDDEN] = { "forbidden", 403, false },
	[E_NOT_FOUND] = { "not_found", 404, false },
	[E_METHOD] = { "method_not_allowed", 405, false },
	[E_NOT_ACCEPTABLE] = { "not_acceptable", 406, false },
	[E_CONFLICT] = { "conflict", 409, false },
	[E_GONE] = { "gone", 410, false },
	[E_TOO_LARGE] = { "too_large", 413, false },
	[E_UNSUPPORTED] = { "unsupported", 415, false },
	[E_MISDIRECTED] = { "misdirected", 421, false },
	[E_UNPROCESSABLE] = { "unprocessable", 422, false },
	[E_OVER_QUOTA] = { "over_quota", 422, false },
	[E_LIMITED] = { "limited", 429, true },
	[E_LATER] = { "later", 503, true },
	[E_REMOTE] = { "remote", 502, true },
	[E_REFUSED] = { "refused", 403, false },
	[E_END] = { "end", 500, false },
};

static bool is_condition(int err)
{
	return err >= 0 && (size_t)err < ARRAY_SIZE(table);
}

const char *err_name(int err)
{
	return is_condition(err) ? table[err].name : "broken";
}

int err_http_status(int err)
{
	return is_condition(err) ? table[err].status : 500;
}

bool err_is_transient(int err)
{
	return err < 0 || (is_condition(err) && table[err].transient);
}
