/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* block: blocks and mutes between identities. A block ends follows both ways and clears timelines. */
#ifndef MODEL_BLOCK_H
#define MODEL_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/graph.h"
#include "sql/gen/block.h"

struct identity_row;

extern const struct graph block_graph;

/* As the acting identity. Again is no error. expires 0: never. */
int block_add(struct ctx *c, int64_t target_id) must_check;
int block_remove(struct ctx *c, int64_t target_id) must_check;
int mute_add(struct ctx *c, int64_t target_id, bool notifications, usec expires) must_check;
int mute_remove(struct ctx *c, int64_t target_id) must_check;

/* Inbound. */
int block_received(struct ctx *c, const struct identity_row *source,
		   const struct identity_row *target, str uri) must_check;
int block_withdrawn(struct ctx *c, int64_t source_id, int64_t target_id) must_check;
int block_withdrawn_by_uri(struct ctx *c, int64_t source_id, str uri) must_check;

#endif
