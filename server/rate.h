/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rate: how often a program may ask. Counted by token, by network address and by tenant, in windows
 * of fixed length. Most counts are of this process alone and lost with it: with n servers the limit
 * is n times as high. What is dear (rows that stay) is counted in the database for all of them.
 */
#ifndef SERVER_RATE_H
#define SERVER_RATE_H

#include "base/attr.h"
#include "base/ctx.h"
#include "server/http.h"

/* Counts a request by tenant and address; E_LIMITED. Writes the tightest window into r->rate. */
int rate_count_address(struct ctx *c, const struct route *route, const struct request *q,
		       struct response *r) must_check;
/* The same by q->token, which is known by now. */
int rate_count_token(struct ctx *c, const struct route *route, const struct request *q,
		     struct response *r) must_check;

#endif
