/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a key is the acting identity's and its program's, and stored as a digest. */
#include "model/idempotency.h"

#include "crypt/hash.h"
#include "sql/gen/scheduled.h"

str idempotency_key(struct ctx *c, int64_t application_id, str sent)
{
	str program;

	if (str_is_empty(sent))
		return STR_NULL;
	program = str_fmt(c->arena, "%lld:", (long long)application_id);
	return hash_sha256(c->arena, str_cat(c->arena, program, sent));
}

int idempotency_find(struct ctx *c, str key, int64_t *ret_post_id, int64_t *ret_scheduled_id)
{
	const struct idempotency_row *row;

	if (str_is_empty(key))
		return fail(c, E_NOT_FOUND, "there is no key");
	TRY(q_idempotency_find(c, c->identity_id, key, &row));
	*ret_post_id = row->post_id;
	*ret_scheduled_id = row->scheduled_id;
	return 0;
}

int idempotency_take(struct ctx *c, str key, int64_t post_id, int64_t scheduled_id)
{
	struct q_idempotency_take_args args = {
		.identity_id = c->identity_id,
		.key = key,
		.domain_id = c->domain_id,
		.post_id = post_id,
		.scheduled_id = scheduled_id,
	};
	size_t n;

	TRY(q_idempotency_take(c, &args, &n));
	return n ? 0 : fail(c, E_CONFLICT, "this request came before");
}
