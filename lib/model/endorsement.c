/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: who is endorsed is followed (the trigger follow_ended() takes others away). */
#include "model/endorsement.h"

#include "sql/gen/endorsement.h"

int endorsement_add(struct ctx *c, int64_t target_id)
{
	const struct endorsement_added_row *added;

	TRY(q_endorsement_add(c, c->identity_id, target_id, c->domain_id, ENDORSEMENT_LIMIT,
			      &added));
	if (!added->followed)
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: You must be already following the account");
	if (!added->done)
		return fail(c, E_UNPROCESSABLE, "nobody can feature more than %d accounts",
			    ENDORSEMENT_LIMIT);
	return 0;
}

int endorsement_remove(struct ctx *c, int64_t target_id)
{
	return q_endorsement_remove(c, c->identity_id, c->domain_id, target_id, NULL);
}
