/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * move: from one account to another. Each has to name the other: the new one the old one among its aliases (alsoKnownAs),
 * the old one where it moved (movedTo). Followers here follow the new one then; those elsewhere are told (Move, FEP-7628)
 * and do so by themselves.
 */
#ifndef MODEL_MOVE_H
#define MODEL_MOVE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/graph.h"
#include "model/identity.h"
#include "sql/gen/move.h"

extern const struct graph move_graph;

#define MOVE_ALIASES 10 /* of one identity */
#define MOVE_PAUSE (30 * USEC_DAY) /* between two moves of one */

/* An account, by handle or address, is an alias of the acting identity. E_UNPROCESSABLE: too many, or itself. */
int move_add_alias(struct ctx *c, str text) must_check;
/* ... no longer. Not being one is no error. */
int move_remove_alias(struct ctx *c, str uri) must_check;

/*
 * The acting identity moves; asks the new account's server whether it names this one (else E_UNPROCESSABLE).
 * E_UNAUTHORIZED for a wrong password, E_LIMITED within MOVE_PAUSE of the last move.
 */
int move_start(struct ctx *c, str handle, str password) must_check;
/* It is here again. Followers who left do not come back by themselves. */
int move_undo(struct ctx *c) must_check;

/* The stator's part: tells followers elsewhere, and has those here follow. */
int move_do(struct ctx *c, int64_t id) must_check;
/* Another server says that an actor of its moved: its followers on the ctx's tenant follow, when both name each other. */
int move_received(struct ctx *c, const struct identity_row *old, str target_uri) must_check;

#endif
