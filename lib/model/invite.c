/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: one statement checks and counts a use, so that a last use is taken once. */
#include "model/invite.h"

#include <assert.h>

#include "crypt/hash.h"
#include "model/audit.h"
#include "model/domain.h"

#define TOKEN_BYTES 15
#define NOTE_MAX_CHARS 200

int invite_create(struct ctx *c, const struct invite_draft *d, const struct invite_row **ret)
{
	struct q_invite_add_args args = {
		.domain_id = c->domain_id,
		.token = random_token(c->arena, TOKEN_BYTES),
		.note = str_is_null(d->note) ? STR("") : str_trim(d->note),
		.uses = d->uses,
		.expires = d->expires,
		.created_by = c->user_id,
	};

	assert(c->domain_id);
	if (!str_is_utf8(args.note) || str_chars(args.note) > NOTE_MAX_CHARS)
		return fail_at(c, "note",
			       fail(c, E_INVALID, "a note has at most %d characters",
				    NOTE_MAX_CHARS));
	if (d->uses < 0 || d->uses > INVITE_USES_LIMIT)
		return fail_at(c, "uses",
			       fail(c, E_INVALID,
				    "an invitation has 1 to %d uses, or 0 for no limit",
				    INVITE_USES_LIMIT));
	if (d->expires && d->expires <= c->now)
		return fail(c, E_INVALID, "the invitation would have ended already");
	TRY(q_invite_add(c, &args, ret));
	return audit_add(c, "invite.add", str_fmt(c->arena, "%lld", (long long)(*ret)->id),
			 STR(""));
}

static int not_valid(struct ctx *c)
{
	return fail_at(c, "invite",
		       fail(c, E_NOT_FOUND, "this invitation is not valid, or not any more"));
}

int invite_find(struct ctx *c, str token, const struct invite_row **ret)
{
	int result = q_invite_by_token(c, c->domain_id, token, ret);

	return result == E_NOT_FOUND ? not_valid(c) : result;
}

int invite_take(struct ctx *c, str token)
{
	size_t n;

	TRY(q_invite_take(c, c->domain_id, token, &n));
	return n ? 0 : not_valid(c);
}

int invite_used(struct ctx *c, str token, int64_t identity_id)
{
	return q_invite_use(c, identity_id, c->domain_id, token, NULL);
}

int invite_guests(struct ctx *c, const struct invite_used_row **ret, size_t *ret_n)
{
	return q_invite_uses(c, c->domain_id, ret, ret_n);
}

int invite_list(struct ctx *c, const struct invite_row **ret, size_t *ret_n)
{
	return q_invite_list(c, c->domain_id, INVITE_LIST_LIMIT, ret, ret_n);
}

int invite_withdraw(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_invite_remove(c, c->domain_id, id, &n));
	if (!n)
		return fail(c, E_NOT_FOUND, "there is no invitation %lld", (long long)id);
	return audit_add(c, "invite.withdraw", str_fmt(c->arena, "%lld", (long long)id), STR(""));
}

str invite_url(struct ctx *c, const struct invite_row *i)
{
	return str_fmt(c->arena, "%.*s" INVITE_PATH "%.*s", STR_ARG(c->domain->origin),
		       STR_ARG(i->token));
}
