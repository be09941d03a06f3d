/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: the cost is bounded by what the statement looks at, not by how many there are. */
#include "model/suggestion.h"

int suggestions_get(struct ctx *c, int64_t limit, const struct suggestion_row **ret, size_t *ret_n)
{
	return q_suggestion_list(c, c->identity_id, c->domain_id, limit, ret, ret_n);
}

int suggestion_dismiss(struct ctx *c, int64_t target_id)
{
	return q_suggestion_dismiss(c, c->identity_id, c->domain_id, target_id, NULL);
}
