/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a grant is asked of the database at each use, so that one that ended allows nothing. */
#include "model/staff.h"

#include <assert.h>

#include "model/factor.h"

static const enum staff_role needed[CAPABILITIES] = {
	[CAPABILITY_NONE] = STAFF_NONE,
	[CAPABILITY_DASHBOARD] = STAFF_MODERATOR,
	[CAPABILITY_REPORTS] = STAFF_MODERATOR,
	[CAPABILITY_USERS] = STAFF_MODERATOR,
	[CAPABILITY_TAXONOMIES] = STAFF_MODERATOR,
	[CAPABILITY_BLOCKS] = STAFF_ADMIN,
	[CAPABILITY_FEDERATION] = STAFF_ADMIN,
	[CAPABILITY_DELETION] = STAFF_ADMIN,
	[CAPABILITY_ADDRESSES] = STAFF_ADMIN,
	[CAPABILITY_AUDIT] = STAFF_MODERATOR,
	[CAPABILITY_ROLES] = STAFF_ADMIN,
	[CAPABILITY_SETTINGS] = STAFF_ADMIN,
	[CAPABILITY_EMOJI] = STAFF_ADMIN,
	[CAPABILITY_ANNOUNCEMENTS] = STAFF_ADMIN,
	[CAPABILITY_INVITES] = STAFF_MODERATOR,
	[CAPABILITY_WEBHOOKS] = STAFF_ADMIN,
	[CAPABILITY_POLICIES] = STAFF_ADMIN,
};

enum staff_role staff_role_needed(enum capability what)
{
	assert(what < CAPABILITIES);
	return needed[what];
}

int staff_may(struct ctx *c, enum capability what)
{
	enum staff_role role;

	TRY(staff_role_get(c, &role));
	if (role < staff_role_needed(what))
		return fail(c, E_FORBIDDEN, "This action is not allowed");
	return factor_check_staff(c);
}
