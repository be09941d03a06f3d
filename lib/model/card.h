/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* card: a page that a post links to, shown as the page describes itself. */
#ifndef MODEL_CARD_H
#define MODEL_CARD_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/graph.h"
#include "sql/gen/card.h"

struct post_row;

extern const struct graph card_graph;

#define CARD_PAGE_LIMIT (2 * 1024 * 1024) /* bytes of a page */

/* The first link of a post becomes its card, or none when it has media, quotes or links to nothing. The ctx is bound to
 * the post's tenant. */
int card_choose(struct ctx *c, const struct post_row *p) must_check;
/* The stator's part: asks the page. E_UNSUPPORTED and the like: it has no card. */
int card_fetch(struct ctx *c, int64_t id) must_check;

#endif
