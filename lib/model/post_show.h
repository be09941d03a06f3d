/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* post_show: a post appears before the people of the ctx's tenant: on their home pages, the public timeline, as news. */
#ifndef MODEL_POST_SHOW_H
#define MODEL_POST_SHOW_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"

struct post_row;

/* In a transaction bound to the tenant; an edit is news for those alone whom it mentions. Again does nothing more. */
int post_show(struct ctx *c, const struct post_row *p, bool is_edit) must_check;
/* The same for one that the tenant held or removed until now: as if it came now, where it would have stood. */
int post_show_late(struct ctx *c, const struct post_row *p) must_check;
/* On the public timeline alone, where it would have stood. */
int post_list_late(struct ctx *c, const struct post_row *p) must_check;

#endif
