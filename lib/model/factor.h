/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * factor: what proves a log-in beside its password: codes that a program makes (TOTP, RFC 6238) and codes on paper.
 * Passkeys are in passkey.h. All of the ctx's user, but where a user is named.
 */
#ifndef MODEL_FACTOR_H
#define MODEL_FACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/factor.h"

#define RECOVERY_CODES 10

/* On the ctx's tenant: since when codes of a program count (0: not), passkeys, codes on paper that are left. */
int factor_standing(struct ctx *c, const struct factor_standing_row **ret) must_check;
/* E_FORBIDDEN when the ctx's user is staff of a tenant that asks its staff for a second factor, and has none. */
int factor_check_staff(struct ctx *c) must_check;

/* A key of 32 bytes for one purpose, which follows from the installation's own. */
int factor_key(struct ctx *c, const char *purpose, str *ret) must_check;

/*
 * The secret that is offered, the same until it counts: as people type it and as programs read it (otpauth:).
 * E_CONFLICT when one counts already.
 */
int totp_offer(struct ctx *c, str *ret_secret, str *ret_uri) must_check;
/* A code shows that the program has it: from now on it counts. E_INVALID, E_LIMITED, E_CONFLICT. */
int totp_confirm(struct ctx *c, str code, str address) must_check;
int totp_remove(struct ctx *c) must_check;

/* Ten codes in place of those that there were; they are known now only. */
int recovery_renew(struct ctx *c, strs *ret) must_check;

/*
 * A code of a user's program, or one from paper; each is taken once. Wrong ones are counted for where they come from,
 * and those of a program for the user as well, which paper and passkeys get by. E_UNAUTHORIZED, E_LIMITED.
 */
int factor_try(struct ctx *c, int64_t user_id, str code, str address) must_check;

/* Takes all factors of a user and ends the sessions; for the host role, which it tells the audit log. */
int factor_reset(struct ctx *c, int64_t user_id, str email) must_check;

/* What secrets of programs that make codes are sealed with here. */
int factor_sealing_key(struct ctx *c, str *ret) must_check;

#endif
