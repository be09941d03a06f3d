/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sharing: identities of a log-in on the ctx's tenant, and identities that several log-ins hold. An owner decides who
 * else holds it; a member acts as it. All of the ctx's user.
 */
#ifndef MODEL_SHARING_H
#define MODEL_SHARING_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "sql/gen/sharing.h"

#define SHARING_LIMIT 20 /* log-ins that hold an identity or were asked to */
#define SHARING_LIFETIME (14 * USEC_DAY) /* of an invitation */

enum sharing_role { SHARING_NONE, SHARING_MEMBER, SHARING_OWNER };
extern const struct name sharing_roles[]; /* "member", "owner" */

/* A further identity. E_OVER_QUOTA over the tenant's cap, E_INVALID, E_CONFLICT. */
int sharing_create(struct ctx *c, str username, int64_t *ret_id) must_check;
/* How many the ctx's user owns, and may. */
int sharing_cap(struct ctx *c, int64_t *ret_owned, int64_t *ret_cap) must_check;

/* What the ctx's user is to an identity. */
int sharing_role_of(struct ctx *c, int64_t identity_id, enum sharing_role *ret) must_check;
/* Asks the owner of another identity of this tenant, by its handle. E_FORBIDDEN unless one owns it; E_NOT_FOUND,
 * E_CONFLICT when they hold it already or there are too many. */
int sharing_ask(struct ctx *c, int64_t identity_id, str handle, enum sharing_role role) must_check;
/* An owner takes an invitation back. */
int sharing_withdraw(struct ctx *c, int64_t identity_id, int64_t guest_id) must_check;
/* Whom the invitation asked accepts it or not; E_NOT_FOUND. */
int sharing_answer(struct ctx *c, int64_t identity_id, int64_t guest_id, bool accepts) must_check;
/* An owner takes it from somebody, or one leaves. E_CONFLICT for the last owner.
 */
int sharing_remove(struct ctx *c, int64_t identity_id, int64_t user_id) must_check;

#endif
