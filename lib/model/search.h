/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * search: finding people, hashtags and posts. Whoever asks finds public posts of those who want to be found
 * (indexable), their own, and what they had to do with; never more than post_is_readable() lets them.
 */
#ifndef MODEL_SEARCH_H
#define MODEL_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/account.h"
#include "model/post.h"
#include "model/tag.h"
#include "model/timeline.h"

#define SEARCH_LIMIT 2048 /* bytes of a question */
#define SEARCH_TERM_LIMIT 20 /* words, phrases and operators of one */

/* What a question means: words and operators, with those that are to be absent apart. */
struct search_question {
	strs terms, no_terms; /* words and "phrases" */
	strs marks, no_marks; /* what the index calls has:, is:, language: and hashtags */
	strs from, no_from; /* handles, "me" for oneself */
	str language; /* empty: any */
	usec after, before; /* first moment and the one behind the last; 0: no bound */
	bool library, public; /* in:library, in:public; neither: both */
	bool nothing; /* it can mean no post at all */
};
/*
 * Reads a question as people type it: words, "a phrase", -word, #tag, and the operators from:, has:, is:,
 * in:, language:, before:, after:, during:, each also with '-' before it where that has a meaning. What is
 * no operator is a word. Anything can be read.
 */
void search_parse(struct ctx *c, str text, struct search_question *ret);

/* A page of posts by words, newest first; p as for timelines. author_id: only theirs; 0: anybody's. */
int search_posts(struct ctx *c, str text, int64_t author_id, const struct page *p, int64_t offset,
		 struct status **ret, size_t *ret_n) must_check;

struct search_range {
	int64_t limit, offset;
};
/* Accounts whose names have words that begin so; following: only those that the acting identity follows. */
int search_accounts(struct ctx *c, str text, bool following, struct search_range range,
		    struct account **ret, size_t *ret_n) must_check;
/* Hashtags that begin so; used: only those that a public post carries. */
int search_tags(struct ctx *c, str text, bool used, struct search_range range, struct tag **ret,
		size_t *ret_n) must_check;

/* What a handle or an address leads to: one of both. */
struct search_found {
	const struct identity_row *person;
	int64_t post_id;
};
/*
 * Who has a handle, or what is at an address, as far as it is here; with fetch, others are asked, for a
 * person who is logged in and not too often (E_LIMITED). E_NOT_FOUND; other conditions say why it could not
 * be had.
 */
int search_find(struct ctx *c, str text, bool fetch, struct search_found *ret) must_check;

/* For the stator: a post is to be found by what it says now. The database forgets a deleted one by itself. */
int search_index(struct ctx *c, const struct post_row *p) must_check;

#endif
