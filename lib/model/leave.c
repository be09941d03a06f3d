/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: the sessions and tokens of who left end in the same transaction. */
#include "model/leave.h"

#include "db/db.h"
#include "model/audit.h"
#include "model/identity.h"
#include "model/recovery.h"

static int end(struct ctx *c, void *arg)
{
	const struct identity_row *self = arg;

	TRY(identity_delete(c, self->id));
	TRY(q_identity_remove_users(c, self->id, NULL));
	return audit_add(c, "identity.leave", identity_handle(c->arena, self), STR(""));
}

int leave(struct ctx *c, str name, str password)
{
	const struct identity_row *self;
	struct identity_row copy;

	TRY(q_identity_by_id(c, c->identity_id, &self));
	name = str_trim(name);
	if (str_starts(name, STR("@")))
		name = str_from(name, 1);
	if (!str_eq_fold(name, self->username))
		return fail(c, E_INVALID, "that is not the name of this account");
	TRY(recovery_own_password(c, password));
	copy = *self;
	return db_transaction(c, end, &copy);
}
