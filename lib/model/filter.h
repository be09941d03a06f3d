/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * filter: what an identity does not want to read, or not without a warning. Filters are matched here, on
 * what a post says in plain text; which of those that match a page obeys, its reader decides by context
 * and action.
 */
#ifndef MODEL_FILTER_H
#define MODEL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/filter.h"

struct status;

/* One filter that fits a status, and why. */
struct filter_match {
	const struct filter_rule_row *filter; /* id, title, contexts, action, expires */
	const str *keywords;
	size_t n_keywords;
	const int64_t *posts;
	size_t n_posts;
};

/*
 * Sets the filters of the viewer that fit each status (statuses_load does), by one statement; none for
 * nobody (0).
 */
int filters_apply(struct ctx *c, int64_t viewer, struct status *statuses, size_t n) must_check;

/* Whether a text (folded by str_fold) has a keyword (likewise): as a whole word, or anywhere. */
bool filter_fits(str text, str keyword, bool whole_word);

#endif
