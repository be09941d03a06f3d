/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * URLs (RFC 3986, http and https only), split and resolved. Host names are lower-cased; userinfo
 * is refused.
 */
#ifndef FETCH_URL_H
#define FETCH_URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

#define URL_LIMIT 2048 /* bytes */

struct url {
	str scheme; /* "http" or "https" */
	str host; /* lower case, ASCII; IPv6 literals keep their brackets */
	unsigned port; /* always set */
	bool port_is_default;
	str authority; /* host, with :port when it is not the default */
	str path; /* starts with '/' */
	str query; /* without '?'; null when there is none */
	str target; /* path with ?query, as it stands in the request line */
};

/* False for anything but an absolute http(s) URL of at most URL_LIMIT bytes without control
 * characters or spaces. A fragment is dropped. A host that is a number in any notation but the
 * usual one (host.h), or ends in a dot, is refused. Bytes that may not stand in a request line are
 * percent-encoded in path, query and target. */
bool url_parse(struct arena *a, str text, struct url *ret) must_check;
/* The text of a parsed URL; parsing it again gives the same. */
str url_format(struct arena *a, const struct url *u);
/* reference against base (a Location header); false when the result is no http(s) URL. */
bool url_resolve(struct arena *a, str base, str reference, str *ret) must_check;
/* Both are URLs of the same host (and port). */
bool url_same_host(str one, str other);
/* Percent-encodes all but unreserved characters; decodes (false on a broken escape). */
str url_encode(struct arena *a, str s);
bool url_decode(struct arena *a, str s, bool plus_is_space, str *ret) must_check;

#endif
