/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hashtag: tags of posts, case-folded; counted by the stator. */
#ifndef MODEL_HASHTAG_H
#define MODEL_HASHTAG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/graph.h"

extern const struct graph hashtag_graph;

#define HASHTAG_LIMIT 100 /* characters */

/* Without # and in lower case (Unicode), clipped; the null str when nothing is left. */
str hashtag_fold(struct ctx *c, str tag);
/* Whether a name (with or without #) is a hashtag as a whole: what a post's text would find. */
bool hashtag_is_valid(struct ctx *c, str tag);
/* Sets the hashtags of a post to exactly these (names as written). */
int hashtag_set(struct ctx *c, int64_t post_id, const str *tags, size_t n) must_check;

#endif
