/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: an identity that somebody holds has an owner, and only owners change who holds it. */
#include "model/sharing.h"

#include "db/db.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/instance.h"
#include "model/limit.h"

const struct name sharing_roles[] = {
	{ "member", SHARING_MEMBER },
	{ "owner", SHARING_OWNER },
	{ NULL, 0 },
};

int sharing_cap(struct ctx *c, int64_t *ret_owned, int64_t *ret_cap)
{
	const struct sharing_count_row *row;
	struct instance instance;

	TRY(instance_load(c, &instance));
	TRY(q_sharing_count(c, c->domain_id, c->user_id, &row));
	*ret_owned = row->n;
	return str_to_i64(instance.settings[INSTANCE_IDENTITIES].value, ret_cap)
		       ? 0
		       : fail(c, E_INVALID, "the cap of identities is no number");
}

struct creation {
	str username;
	int64_t id;
};

static int create(struct ctx *c, void *arg)
{
	struct creation *n = arg;
	int64_t owned, cap;

	TRY(sharing_cap(c, &owned, &cap));
	if (owned >= cap)
		return fail(c, E_OVER_QUOTA, "there are %lld identities here, and no more may be",
			    (long long)owned);
	return identity_create(c, n->username, c->user_id, &n->id);
}

int sharing_create(struct ctx *c, str username, int64_t *ret_id)
{
	struct creation n = { .username = username };

	TRY(db_transaction(c, create, &n));
	*ret_id = n.id;
	return 0;
}

int sharing_role_of(struct ctx *c, int64_t identity_id, enum sharing_role *ret)
{
	const struct sharing_role_row *row;
	int role = SHARING_NONE, result;

	result = q_sharing_role(c, identity_id, c->user_id, c->domain_id, &row);
	if (result && result != E_NOT_FOUND)
		return result;
	if (!result)
		name_to_value(sharing_roles, row->role, &role);
	*ret = (enum sharing_role)role;
	return 0;
}

static int need_owner(struct ctx *c, int64_t identity_id)
{
	enum sharing_role role;

	TRY(sharing_role_of(c, identity_id, &role));
	if (role == SHARING_NONE)
		return fail(c, E_NOT_FOUND, "this log-in holds no such identity");
	return role == SHARING_OWNER ? 0 : fail(c, E_FORBIDDEN, "only an owner of it may do that");
}

int sharing_ask(struct ctx *c, int64_t identity_id, str handle, enum sharing_role role)
{
	const struct identity_row *guest;
	size_t n;
	int result;

	TRY(need_owner(c, identity_id));
	result = identity_find(c, handle, &guest);
	if (result == E_NOT_FOUND ||
	    (!result && (guest->domain_id != c->domain_id || guest->deleted || guest->is_system)))
		return fail(c, E_NOT_FOUND, "there is nobody of that name in this community");
	TRY(result);
	TRY(q_sharing_ask(c,
			  &(struct q_sharing_ask_args){
				  .identity_id = identity_id,
				  .guest_id = guest->id,
				  .domain_id = c->domain_id,
				  .role = str_c(name_of_value(sharing_roles, (int)role)),
				  .invited_by = c->user_id,
				  .lifetime = SHARING_LIFETIME,
				  .limit = SHARING_LIMIT,
			  },
			  &n));
	return n ? 0 : fail(c, E_CONFLICT, "they share it already, or too many do");
}

int sharing_withdraw(struct ctx *c, int64_t identity_id, int64_t guest_id)
{
	TRY(need_owner(c, identity_id));
	return q_sharing_withdraw(c, identity_id, guest_id, c->domain_id, NULL);
}

int sharing_answer(struct ctx *c, int64_t identity_id, int64_t guest_id, bool accepts)
{
	enum sharing_role role;
	size_t n = 1;

	TRY(sharing_role_of(c, guest_id, &role));
	if (role == SHARING_OWNER && accepts)
		TRY(q_sharing_accept(c, identity_id, guest_id, c->domain_id, c->user_id, &n));
	else if (role == SHARING_OWNER)
		TRY(q_sharing_withdraw(c, identity_id, guest_id, c->domain_id, &n));
	return role == SHARING_OWNER && n
		       ? 0
		       : fail(c, E_NOT_FOUND, "there is no such invitation any more");
}

int sharing_remove(struct ctx *c, int64_t identity_id, int64_t user_id)
{
	size_t n;

	if (user_id != c->user_id)
		TRY(need_owner(c, identity_id));
	TRY(q_sharing_remove(c, identity_id, user_id, c->domain_id, &n));
	return n ? 0 : fail(c, E_CONFLICT, "an identity keeps at least one owner");
}
