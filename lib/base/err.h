/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Errors are int. 0: it worked. Negative: broken (a negative errno: database lost, file not
 * readable); callers only forward it, up to main, the request or the job. Positive: a condition
 * from this enum that the caller handles or forwards on purpose. The message for people is kept in
 * the ctx by fail(). One table maps a condition to its name, its HTTP status and to whether
 * another try may help.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#include "base/attr.h"

enum err {
	E_OK = 0,
	E_INVALID, /* the input breaks a rule */
	E_UNAUTHORIZED, /* who is asking is not proved */
	E_FORBIDDEN, /* proved, and not allowed */
	E_NOT_FOUND, /* not there, or not for these eyes */
	E_METHOD, /* the thing exists, the verb does not */
	E_NOT_ACCEPTABLE, /* no representation that the peer accepts */
	E_CONFLICT, /* it exists already, or changed meanwhile */
	E_GONE, /* it was there, and was deleted */
	E_TOO_LARGE, /* over a limit of size */
	E_UNSUPPORTED, /* media type or form not understood */
	E_MISDIRECTED, /* no tenant here has that host name */
	E_UNPROCESSABLE, /* well-formed, but cannot be done */
	E_OVER_QUOTA, /* the tenant has no room left */
	E_LIMITED, /* too often; later again */
	E_LATER, /* not now: a dependency is away, another try may work */
	E_REMOTE, /* the other server answered something unusable */
	E_REFUSED, /* a guard of ours refused (SSRF, blocked server) */
	E_END, /* one past the last, not an error */
};

/* Forwards any result but 0. */
#define TRY(expr)                          \
	do {                               \
		int try_result = (expr);   \
		if (try_result)            \
			return try_result; \
	} while (0)

/* Short stable name, "not_found"; "broken" for a negative value. */
const char *err_name(int err);

/* HTTP status (RFC 9110) that a server answers with: 404, 403 ...; 500 for a negative value. */
int err_http_status(int err);

/* Whether the same work may succeed later without a change of its input. */
bool err_is_transient(int err);

#endif
