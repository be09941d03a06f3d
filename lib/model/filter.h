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

#define FILTER_LIMIT 200 /* of one identity */
#define FILTER_KEYWORD_LIMIT 2000 /* of all filters of one identity */
#define FILTER_STATUS_LIMIT 2000 /* likewise */
#define FILTER_TEXT_LIMIT 512 /* characters of a title or keyword */

/* A filter with what it looks for. */
struct filter {
	const struct filter_row *row;
	const struct filter_keyword_row *keywords;
	size_t n_keywords;
	const struct filter_status_row *statuses;
	size_t n_statuses;
};

struct filter_keyword_draft {
	int64_t id; /* one that is there; 0: a new one */
	str keyword;
	bool whole_word;
	bool remove;
};
struct filter_draft {
	str title;
	strs contexts;
	str action; /* warn, hide or blur */
	usec expires; /* 0: never */
	const struct filter_keyword_draft *keywords;
	size_t n_keywords;
};

/* All filters of the acting identity, or one of them (E_NOT_FOUND), by a constant number of statements. */
int filters_list(struct ctx *c, struct filter **ret, size_t *ret_n) must_check;
int filter_get(struct ctx *c, int64_t id, struct filter *ret) must_check;
/* E_UNPROCESSABLE for what a filter cannot be, and over the limits. */
int filter_create(struct ctx *c, const struct filter_draft *d, int64_t *ret_id) must_check;
/* Sets all but keywords, of which it changes, adds and removes those of the draft. */
int filter_change(struct ctx *c, int64_t id, const struct filter_draft *d) must_check;
int filter_delete(struct ctx *c, int64_t id) must_check;

/* A keyword of a filter of the acting identity. E_NOT_FOUND for another's. */
int filter_keyword_add(struct ctx *c, int64_t filter_id, const struct filter_keyword_draft *d,
		       const struct filter_keyword_row **ret) must_check;
int filter_keyword_get(struct ctx *c, int64_t id, const struct filter_keyword_row **ret) must_check;
int filter_keyword_change(struct ctx *c, int64_t id,
			  const struct filter_keyword_draft *d) must_check;
int filter_keyword_delete(struct ctx *c, int64_t id) must_check;
/* The same, and its filter goes when that has nothing left. */
int filter_keyword_delete_last(struct ctx *c, int64_t id) must_check;

/* Posts that a filter has; one that is to be added must be readable. */
int filter_status_add(struct ctx *c, int64_t filter_id, int64_t post_id,
		      const struct filter_status_row **ret) must_check;
int filter_status_get(struct ctx *c, int64_t id, const struct filter_status_row **ret) must_check;
int filter_status_delete(struct ctx *c, int64_t id) must_check;

/* One filter that fits a status, and why. */
struct filter_match {
	const struct filter_rule_row *filter; /* id, title, contexts, action, expires */
	const str *keywords;
	size_t n_keywords;
	const int64_t *posts;
	size_t n_posts;
};
/* Whether it is meant for that context: "home", "public", ... */
bool filter_is_for(const struct filter_match *m, str context);

/*
 * Sets the filters of the viewer that fit each status (statuses_load does), by one statement; none for
 * nobody (0).
 */
int filters_apply(struct ctx *c, int64_t viewer, struct status *statuses, size_t n) must_check;

/* All that a reader sees of a post as plain text, folded by str_fold: markup only in content. */
str filter_text(struct ctx *c, str summary, str content, strs options, strs descriptions);
/* Whether a text (folded by str_fold) has a keyword (likewise): as a whole word, or anywhere. */
bool filter_fits(str text, str keyword, bool whole_word);

#endif
