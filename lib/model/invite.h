/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* invite: invitations to make an account on the ctx's tenant. */
#ifndef MODEL_INVITE_H
#define MODEL_INVITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/invite.h"

#define INVITE_USES_LIMIT 100000
#define INVITE_LIST_LIMIT 500

struct invite_draft {
	str note; /* for whom; private */
	int64_t uses; /* 0: without limit */
	usec expires; /* 0: never */
};

/* By the ctx's user (0: the operator). */
int invite_create(struct ctx *c, const struct invite_draft *d,
		  const struct invite_row **ret) must_check;
/* One that can still be used; E_NOT_FOUND for any other. */
int invite_find(struct ctx *c, str token, const struct invite_row **ret) must_check;
/* Takes one use, in the transaction that makes the account; E_NOT_FOUND when none was left. */
int invite_take(struct ctx *c, str token) must_check;
/* Somebody came by it. */
int invite_used(struct ctx *c, str token, int64_t identity_id) must_check;
/* Who came by which, last first. */
int invite_guests(struct ctx *c, const struct invite_used_row **ret, size_t *ret_n) must_check;
/* Newest first, also those that ended. */
int invite_list(struct ctx *c, const struct invite_row **ret, size_t *ret_n) must_check;
int invite_withdraw(struct ctx *c, int64_t id) must_check;

/* Where the link of an invitation leads: the sign-up page of the tenant, with the token behind. */
#define INVITE_PATH "/auth/signup/?invite="
str invite_url(struct ctx *c, const struct invite_row *i);

#endif
