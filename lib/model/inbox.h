/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * inbox: what other servers send. inbox_accept is the one place where an incoming activity is
 * believed or not; after it, the signer is known and is the actor. inbox_process is the one
 * dispatcher, a table from type to handler.
 */
#ifndef MODEL_INBOX_H
#define MODEL_INBOX_H

#include <stdint.h>

#include "ap/signature.h"
#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/graph.h"

extern const struct graph inbox_graph;

#define INBOX_BODY_LIMIT (256 * 1024) /* bytes */

/*
 * Checks size, form, signature, key (fetched once when unknown or rotated), signer against actor,
 * blocks of tenant and host; stores durably. 0: stored, dropped on purpose (blocked, replayed, of
 * no interest, Delete of an unknown actor), all answered 202. E_UNAUTHORIZED with the reason for unsigned, forged, foreign or
 * stale ones; E_INVALID for what is no activity.
 */
int inbox_accept(struct ctx *c, const struct http_message *m) must_check;

/* The identity that signed a GET (authorised fetch); E_NOT_FOUND when it is unsigned, E_UNAUTHORIZED when forged. */
struct identity_row;
int inbox_signer(struct ctx *c, const struct http_message *m,
		 const struct identity_row **ret) must_check;

/* Does what the stored activity says: 0 done, E_LATER try again, any other condition: refused, with the reason. */
int inbox_process(struct ctx *c, int64_t message_id) must_check;

#endif
