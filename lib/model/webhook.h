/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * webhook: programs that a tenant's staff wants to be told what happens. The database makes a call for each of them in the
 * transaction of what happened; the stator makes it, signed, through lib/fetch and its guard. The caller of what changes one has
 * judged that the acting staff may; all is written down.
 */
#ifndef MODEL_WEBHOOK_H
#define MODEL_WEBHOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "fetch/fetch.h"
#include "model/graph.h"
#include "sql/gen/webhook.h"

extern const struct graph webhook_graph;

#define WEBHOOK_LIMIT 20 /* of a tenant */
#define WEBHOOK_TEMPLATE_LIMIT 10000 /* characters */

/* What they may hear of, NULL-ended, in the words of Mastodon. */
extern const char *const webhook_events[];

struct webhook_draft {
	str url; /* https, or what the guard of lib/fetch opens */
	strs events; /* at least one */
	str template; /* JSON with {{object.username}} and the like in it; empty: the usual document */
	bool enabled;
};

int webhook_list(struct ctx *c, const struct webhook_row **ret, size_t *ret_n) must_check;
/* E_NOT_FOUND, for another tenant's as well. */
int webhook_get(struct ctx *c, int64_t id, const struct webhook_row **ret) must_check;
/* A new one; *ret_secret is shown once. E_INVALID says what is wrong, E_LIMITED when there are too many. */
int webhook_add(struct ctx *c, const struct webhook_draft *d, int64_t *ret_id,
		str *ret_secret) must_check;
int webhook_change(struct ctx *c, int64_t id, const struct webhook_draft *d) must_check;
/* Another secret, which is shown once, from the next call on. */
int webhook_rotate(struct ctx *c, int64_t id, str *ret_secret) must_check;
int webhook_remove(struct ctx *c, int64_t id) must_check;
/* Tells it something now. */
int webhook_test(struct ctx *c, int64_t id) must_check;
/* What it was told last, newest first. */
int webhook_calls(struct ctx *c, int64_t id, const struct webhook_call_row **ret,
		  size_t *ret_n) must_check;

/*
 * The request of a call: for the stator. X-Hub-Signature is HMAC-SHA-256 of the body, as Mastodon's; X-Rookery-Signature that of the
 * time, a full stop and the body, so that who checks it and X-Rookery-Timestamp takes nothing twice. E_GONE when there is nothing
 * left to tell.
 */
int webhook_request(struct ctx *c, const struct webhook_job_row *job,
		    struct fetch_request *ret) must_check;

/* What secrets of webhooks are sealed with here. */
int webhook_sealing_key(struct ctx *c, str *ret) must_check;

#endif
