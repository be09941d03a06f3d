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

int token_list(struct ctx *c, const struct token_grant_row **ret, size_t *ret_n)
{
	return q_token_list(c, c->user_id, c->domain_id, ret, ret_n);
}

int token_revoke(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_token_revoke(c, id, c->domain_id, c->user_id, &n));
	return n ? 0 : fail(c, E_NOT_FOUND, "this application was not let in, or is out already");
}
