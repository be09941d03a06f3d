/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * multipart: the parts of a multipart/form-data body (RFC 7578), as views into it: a large file is
 * copied nowhere.
 */
#ifndef SERVER_MULTIPART_H
#define SERVER_MULTIPART_H

#include <stdbool.h>

#include "base/str.h"

struct multipart {
	str rest; /* behind the parts that were read */
	str delimiter; /* CRLF and boundary, in the arena */
};

struct multipart_part {
	str name; /* of the field */
	str filename, type; /* null: it is no file; not said */
	str data;
};

/* False when the media type is not multipart/form-data with a boundary. */
bool multipart_open(struct arena *a, str media_type, str body, struct multipart *ret);
/* The next part; false behind the last, and where the body is broken. */
bool multipart_next(struct multipart *m, struct multipart_part *ret);

#endif
