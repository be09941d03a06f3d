/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * One request and its answer, without redirects. Not for other rooms.
 */
#ifndef FETCH_EXCHANGE_H
#define FETCH_EXCHANGE_H

#include "base/attr.h"
#include "base/ctx.h"
#include "fetch/fetch.h"
#include "fetch/url.h"

struct hop {
	str method;
	struct url url;
	str text; /* of the url */
	str body;
	const struct fetch_header *headers;
	size_t n_headers;
	size_t limit; /* bytes of the answer's body */
	const int *sink;
	const struct fetch_sigv4 *sigv4;
	usec deadline; /* monotonic */
};

/* As fetch(), for one hop that the guard allows by its URL. */
int exchange_run(struct ctx *c, const struct hop *hop, struct fetch_response *ret) must_check;

#endif
