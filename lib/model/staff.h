/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* staff: what each role of a tenant's staff may do. One table; whoever judges asks it with a live grant. */
#ifndef MODEL_STAFF_H
#define MODEL_STAFF_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/user.h"

enum capability {
	CAPABILITY_NONE, /* nothing that needs a role */
	CAPABILITY_DASHBOARD, /* numbers */
	CAPABILITY_REPORTS, /* complaints */
	CAPABILITY_USERS, /* accounts: look, approve, limit */
	CAPABILITY_TAXONOMIES, /* hashtags and trends */
	CAPABILITY_BLOCKS, /* addresses that nobody joins from or with */
	CAPABILITY_FEDERATION, /* servers */
	CAPABILITY_DELETION, /* of an account with all that it wrote */
	CAPABILITY_ADDRESSES, /* of e-mail and of networks that people use */
	CAPABILITY_AUDIT, /* what the staff did */
	CAPABILITY_ROLES, /* who else is staff */
	CAPABILITY_SETTINGS, /* what the community says, how it looks, who may join */
	CAPABILITY_EMOJI, /* custom emoji */
	CAPABILITY_ANNOUNCEMENTS, /* what all are told */
	CAPABILITY_INVITES, /* who is asked to join, by anybody */
	CAPABILITY_WEBHOOKS, /* programs elsewhere that are told */
	CAPABILITY_POLICIES, /* rules that judge posts by themselves */
	CAPABILITIES
};

/* The lowest role that may; a higher one may as well. */
enum staff_role staff_role_needed(enum capability what);
/* E_FORBIDDEN unless the ctx's user holds a live grant on the ctx's tenant that allows it. */
int staff_may(struct ctx *c, enum capability what) must_check;

#endif
