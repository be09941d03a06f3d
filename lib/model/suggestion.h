/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* suggestion: whom an identity may want to follow. */
#ifndef MODEL_SUGGESTION_H
#define MODEL_SUGGESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "sql/gen/suggestion.h"

/* For the acting identity, best first; row->friends: those that it follows follow them. */
int suggestions_get(struct ctx *c, int64_t limit, const struct suggestion_row **ret,
		    size_t *ret_n) must_check;
/* Never again. Whoever was not suggested is no error. */
int suggestion_dismiss(struct ctx *c, int64_t target_id) must_check;

#endif
