/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server: another server of the fediverse, with what we remember of talking to it: the signature form
 * that it accepts, and a circuit breaker that opens when it fails.
 */
#ifndef MODEL_SERVER_H
#define MODEL_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/graph.h"
#include "sql/gen/server.h"

extern const struct graph server_graph;

/* The row of a host (with :port when not the default), made when it is new. */
int server_of_host(struct ctx *c, str host, int64_t *ret_id) must_check;
int server_of_uri(struct ctx *c, str uri, int64_t *ret_id) must_check;

/* The breaker closes: an exchange worked. It opens for a growing while (30 s to an hour) or for retry_after: one
 * failed, hard when nothing was answered at all. */
int server_worked(struct ctx *c, int64_t id) must_check;
int server_failed(struct ctx *c, int64_t id, bool hard, usec retry_after) must_check;
/* Remembers the form of signature that was accepted: "cavage" or "rfc9421". */
int server_prefers(struct ctx *c, int64_t id, const char *form) must_check;

/* Fetches NodeInfo and stores what it says. */
int server_refresh(struct ctx *c, int64_t id) must_check;

#endif
