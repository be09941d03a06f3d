/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tag: hashtags as somebody sees them: how much they were used lately on the tenant, and whether one follows them. */
#ifndef MODEL_TAG_H
#define MODEL_TAG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/timeline.h"
#include "sql/gen/tag.h"

#define TAG_DAYS 7
#define TAG_FOLLOW_LIMIT 1000 /* hashtags that one identity may follow */

struct tag_count {
	usec day; /* its midnight, UTC */
	int64_t uses, accounts;
};
struct tag {
	int64_t id; /* 0: nobody used it yet */
	int64_t entry_id; /* place in its list */
	str name, display; /* folded; as first written */
	int64_t posts; /* public ones here that carry it */
	struct tag_count days[TAG_DAYS]; /* today first */
	bool following, featuring; /* the acting identity does */
};

/* What these rows are to the acting identity, by two statements. */
int tags_load(struct ctx *c, const struct tag_row *rows, size_t n, struct tag **ret) must_check;
/* The tag of a name as written; one that nobody used is one without an id. E_NOT_FOUND for what is no hashtag. */
int tag_get(struct ctx *c, str name, struct tag **ret) must_check;
/* The acting identity follows it, or no longer. E_NOT_FOUND likewise, E_UNPROCESSABLE over TAG_FOLLOW_LIMIT. */
int tag_follow(struct ctx *c, str name, bool follow) must_check;
/* Those that the acting identity follows. */
int tags_followed(struct ctx *c, const struct page *p, struct tag **ret, size_t *ret_n) must_check;
/* Those that trend on the tenant, best first. */
int tags_trending(struct ctx *c, int64_t limit, int64_t offset, struct tag **ret,
		  size_t *ret_n) must_check;

/* Links that trend on the tenant, best first, with their days. */
struct trending_link {
	int64_t id;
	str url;
	struct tag_count days[TAG_DAYS];
};
int links_trending(struct ctx *c, int64_t limit, int64_t offset, struct trending_link **ret,
		   size_t *ret_n) must_check;

/* Counts what trends on the bound tenant anew: for the stator. */
int trends_refresh(struct ctx *c) must_check;

#endif
