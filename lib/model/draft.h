/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * draft: what a post was to be, as text that can be stored and read again; and posts that somebody began and keeps to go on
 * with, whose uploads are kept as long.
 */
#ifndef MODEL_DRAFT_H
#define MODEL_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/post.h"
#include "sql/gen/draft.h"

#define DRAFT_LIMIT 50 /* of one identity */
#define DRAFT_DUE_LIMIT 40 /* bytes */

/* A post's draft as JSON, without its uploads, and back. E_TOO_LARGE; E_INVALID for what is none. */
int post_draft_write(struct ctx *c, const struct post_draft *d, str *ret) must_check;
int post_draft_read(struct ctx *c, str text, struct post_draft *ret) must_check;

/*
 * Keeps a post of the acting identity: in the place of one that it has, or (id 0, or it is gone) as a new one.
 * Nothing has to be right about it. E_UNPROCESSABLE when there are DRAFT_LIMIT already.
 */
int draft_save(struct ctx *c, int64_t id, const struct post_draft *d, str due) must_check;
/* The acting identity's, last written first; one of them (E_NOT_FOUND). */
int draft_list(struct ctx *c, const struct draft_row **ret, size_t *ret_n) must_check;
int draft_get(struct ctx *c, int64_t id, const struct draft_row **ret) must_check;
/* Forgets one; its uploads but these are uploads again, which nobody keeps. One that is gone is no error. */
int draft_drop(struct ctx *c, int64_t id, i64s kept) must_check;

#endif
