/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* interaction: likes, boosts, pins and votes of local and remote identities on posts. */
#ifndef MODEL_INTERACTION_H
#define MODEL_INTERACTION_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/graph.h"
#include "sql/gen/interaction.h"

struct identity_row;
struct post_row;

extern const struct graph interaction_graph;

enum interaction_kind { INTERACTION_LIKE, INTERACTION_BOOST, INTERACTION_PIN, INTERACTION_VOTE };

/* As the acting identity, on a post that it may read. Again is no error. A boost needs a public or unlisted post, or
 * an own followers-only one (E_FORBIDDEN); a pin an own post that is not for mentioned ones, at most five (E_UNPROCESSABLE). */
int interaction_add(struct ctx *c, int64_t post_id, enum interaction_kind kind) must_check;
int interaction_remove(struct ctx *c, int64_t post_id, enum interaction_kind kind) must_check;

/* Inbound, called with a checked actor and a stored post. */
int interaction_received(struct ctx *c, const struct identity_row *actor,
			 const struct post_row *post, enum interaction_kind kind, str uri,
			 str value, usec published) must_check;
/* By the activity's URI, or by actor, post and kind when the URI is unknown here. */
int interaction_withdrawn(struct ctx *c, const struct identity_row *actor, str uri,
			  const struct post_row *post, enum interaction_kind kind) must_check;

#endif
