/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What both versions of the API of filters share. */
#ifndef SERVER_API_FILTER_H
#define SERVER_API_FILTER_H

#include "base/attr.h"
#include "base/ctx.h"
#include "server/api/params.h"
#include "server/http.h"

/* Sets when a filter ends by expires_in, in seconds from now: null, empty or 0 are never. Absent: it stays. */
int filter_read_expires(struct ctx *c, const struct request *q, const struct params *p,
			usec *ret) must_check;

#endif
