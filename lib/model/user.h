/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * user: a person's log-in, which may hold identities and staff grants on several tenants. A tenant sees those that
 * hold one of its identities or grants; the host role sees all.
 */
#ifndef MODEL_USER_H
#define MODEL_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "sql/gen/user.h"

#define EMAIL_LIMIT 254 /* bytes */

/* An e-mail address with its host in the one form of host names; E_INVALID. */
int email_normalise(struct ctx *c, str email, str *ret) must_check;

/* Hashes on another thread; E_INVALID says what a password has to be like. */
int user_hash_password(struct ctx *c, str password, str *ret_hash) must_check;

/*
 * A new log-in on the operator's word. confirmed: the address is theirs; then E_CONFLICT when it
 * belongs to another already.
 */
int user_create(struct ctx *c, str email, str password, bool confirmed, int64_t *ret_id) must_check;
/* By address, or by id in digits. E_CONFLICT when several have the address and it belongs to none. */
int user_find(struct ctx *c, str email_or_id, const struct user_row **ret) must_check;
/* Ends all sessions of the user, on every tenant, but for one of this tenant's; keep_session_id 0: all. */
int user_set_password(struct ctx *c, int64_t id, str password, int64_t keep_session_id) must_check;
/* Locks out with all sessions and tokens at once, or lets in again. For the host role. */
int user_ban(struct ctx *c, int64_t id, bool banned) must_check;

/* What a user may do beyond the own account; a higher one includes the lower ones. */
enum staff_role { STAFF_NONE, STAFF_MODERATOR, STAFF_ADMIN, STAFF_OWNER };
extern const struct name staff_roles[]; /* "moderator", "admin", "owner" */

/* On a tenant, or on the installation (0). Again is no error. expires 0: never. */
int staff_grant(struct ctx *c, int64_t user_id, int64_t domain_id, enum staff_role role,
		usec expires) must_check;
/* E_NOT_FOUND when there is no such grant. */
int staff_revoke(struct ctx *c, int64_t user_id, int64_t domain_id,
		 enum staff_role role) must_check;
/* The highest role of the ctx's user on the ctx's tenant. */
int staff_role_get(struct ctx *c, enum staff_role *ret) must_check;

#endif
