/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: whether a token is good is asked of the database at each use, so that whatever takes
 * it away does so at once.
 */
#include "model/token.h"

#include "crypt/hash.h"

#define TOUCH_AFTER USEC_DAY

int token_get(struct ctx *c, str token, const struct token_row **ret)
{
	const struct token_row *row;

	TRY(q_token_by_hash(c, hash_sha256(c->arena, token), c->domain_id, &row));
	if (c->now - row->last_used > TOUCH_AFTER)
		TRY(q_token_touch(c, row->id, c->domain_id, NULL));
	*ret = row;
	return 0;
}
