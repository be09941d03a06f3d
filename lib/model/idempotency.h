/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * idempotency: a request for a post that comes twice within an hour gives one post. The key is
 * taken in the transaction that writes what came of the request, so that it holds whenever the
 * server dies.
 */
#ifndef MODEL_IDEMPOTENCY_H
#define MODEL_IDEMPOTENCY_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

/* What is kept of the key that a program sent; no key gives none. */
str idempotency_key(struct ctx *c, int64_t application_id, str sent);
/* The post, or the post for later (else 0), that came of the acting identity's request; E_NOT_FOUND. */
int idempotency_find(struct ctx *c, str key, int64_t *ret_post_id,
		     int64_t *ret_scheduled_id) must_check;
/* In a transaction; E_CONFLICT when it is taken. */
int idempotency_take(struct ctx *c, str key, int64_t post_id, int64_t scheduled_id) must_check;

#endif
