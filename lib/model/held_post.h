/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * held_post: posts of somebody whom staff holds. Until staff accepts one it has the visibility "held": its author sees it, and
 * staff, and nobody else here or elsewhere. Each function runs as the acting staff, whose grant the caller has judged.
 */
#ifndef MODEL_HELD_POST_H
#define MODEL_HELD_POST_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/timeline.h"
#include "sql/gen/held_post.h"

/* Newest first. */
int held_post_list(struct ctx *c, const struct page *p, const struct held_post_row **ret,
		   size_t *ret_n) must_check;
/* It appears, as if it were new; or never does. E_NOT_FOUND when it does not wait. */
int held_post_accept(struct ctx *c, int64_t post_id) must_check;
int held_post_refuse(struct ctx *c, int64_t post_id) must_check;

#endif
