/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* note: what an identity keeps in mind about another; nobody else sees it. */
#ifndef MODEL_NOTE_H
#define MODEL_NOTE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"

#define NOTE_LIMIT 2000 /* characters */

/* The acting identity's note on target; empty: none any more. E_UNPROCESSABLE over the limit. */
int note_set(struct ctx *c, int64_t target_id, str note) must_check;

#endif
