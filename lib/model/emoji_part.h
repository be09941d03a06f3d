/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files of emoji (emoji*.c) share. Nothing else includes this. */
#ifndef MODEL_EMOJI_PART_H
#define MODEL_EMOJI_PART_H

#include "model/emoji.h"

/* The next :shortcode: at or after *at, which then is at the colon that ends it; false at the end. */
bool emoji_next_code(str text, size_t *at, str *ret);
/* One that was loaded; NULL: there is none, or it was not expected. */
const struct emoji_row *emoji_known(struct ctx *c, struct emoji_origin from, str code);

#endif
