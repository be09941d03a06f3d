/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tag_review: what a tenant's staff wants among hashtags and trends. The caller has judged that it may; all is written down. */
#ifndef MODEL_TAG_REVIEW_H
#define MODEL_TAG_REVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/moderation.h"

struct tag_decision {
	bool usable, listable;
	bool trendable, decides_trend; /* the latter: the former is a decision */
	str display; /* how it is written; empty: as now */
};

/* E_NOT_FOUND. */
int tag_review_get(struct ctx *c, int64_t id, const struct admin_tag_row **ret) must_check;
/* E_NOT_FOUND; E_UNPROCESSABLE when display is another word. */
int tag_review_set(struct ctx *c, int64_t id, const struct tag_decision *d) must_check;
/* Hashtags whose name begins so, the most used first. */
int tag_review_search(struct ctx *c, str prefix, const struct admin_tag_row **ret,
		      size_t *ret_n) must_check;
/* Something that trends, of a kind ("tag", "post" or "link"), may, or may not. E_NOT_FOUND. */
int trend_review(struct ctx *c, str kind, int64_t id, bool allowed) must_check;

#endif
