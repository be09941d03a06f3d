/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * list: some of those whom an identity follows, read apart from the others. The posts of members of
 * an exclusive list are not on the home page: the view home_exclusions of the database.
 */
#ifndef MODEL_LIST_H
#define MODEL_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "sql/gen/list.h"

#define LIST_LIMIT 50 /* of one identity */
#define LIST_MEMBERS_LIMIT 500 /* of one list */
#define LIST_TITLE_LIMIT 255 /* characters */

/* All are about lists of the acting identity; E_NOT_FOUND for another's. */
int list_get(struct ctx *c, int64_t id, const struct list_row **ret) must_check;
int lists_get(struct ctx *c, const struct list_row **ret, size_t *ret_n) must_check;
/* Those that somebody is on. */
int lists_with(struct ctx *c, int64_t member_id, const struct list_row **ret,
	       size_t *ret_n) must_check;

/* title, replies_policy ("followed", "list", "none") and exclusive of l. E_UNPROCESSABLE. */
int list_create(struct ctx *c, const struct list_row *l, const struct list_row **ret) must_check;
int list_edit(struct ctx *c, const struct list_row *l) must_check;
int list_delete(struct ctx *c, int64_t id) must_check;

/* All or none: E_NOT_FOUND when one is not followed, E_UNPROCESSABLE when one is on it or there is no room. */
int list_add(struct ctx *c, int64_t id, i64s members) must_check;
/* Who is not on it is no error. */
int list_remove(struct ctx *c, int64_t id, i64s members) must_check;

#endif
