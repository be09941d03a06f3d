/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What clients say of a post that they want to be written: parameters of POST and PUT of statuses. */
#ifndef SERVER_API_STATUS_DRAFT_H
#define SERVER_API_STATUS_DRAFT_H

#include "base/attr.h"
#include "base/ctx.h"
#include "model/post.h"
#include "server/api/params.h"
#include "server/http.h"

/*
 * A draft. Everything is optional here; what it must have the model says. A language that is none
 * counts as not said. E_UNPROCESSABLE for words that are none, E_NOT_FOUND for a parent that is not there.
 */
int status_draft_read(struct ctx *c, const struct request *q, const struct params *p,
		      struct post_draft *ret) must_check;
/* "public", "followers", "nobody"; absent: *ret stays as it is. */
int status_policy_read(struct ctx *c, const struct params *p, enum quote_policy *ret) must_check;
/* The policy that a post of ours has. */
enum quote_policy status_policy_of(const struct post_row *p);
/* The post that a status's id means: a boost's is its post's. */
int status_proper_id(struct ctx *c, int64_t id, int64_t *ret) must_check;

/* The post of the path, readable to who acts; else E_NOT_FOUND in the API's words. */
int status_find_post(struct ctx *c, const struct request *q,
		     const struct post_row **ret) must_check;
/* A post, or a boost in which it is, as the answer. */
int status_respond_post(struct ctx *c, int64_t id, struct response *r) must_check;
int status_respond_boost(struct ctx *c, int64_t boost_id, struct response *r) must_check;

#endif
