/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* featured_tag: hashtags that an identity shows on its page, for all to see. */
#ifndef MODEL_FEATURED_TAG_H
#define MODEL_FEATURED_TAG_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "sql/gen/featured_tag.h"

#define FEATURED_TAG_LIMIT 10 /* of one identity */

/* Of anybody here. */
int featured_tags_get(struct ctx *c, int64_t identity_id, const struct featured_tag_row **ret,
		      size_t *ret_n) must_check;
/* The acting identity features a hashtag (with or without #). Again is no error. E_UNPROCESSABLE for what is none,
 * and over the limit. */
int featured_tag_add(struct ctx *c, str tag, const struct featured_tag_row **ret) must_check;
/* E_NOT_FOUND when it is not one of its own. */
int featured_tag_remove(struct ctx *c, int64_t id) must_check;
/* Not featuring it is no error. */
int featured_tag_remove_name(struct ctx *c, str tag) must_check;
/* What the acting identity might feature. */
int featured_tag_suggestions(struct ctx *c, const struct tag_suggestion_row **ret,
			     size_t *ret_n) must_check;

#endif
