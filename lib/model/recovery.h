/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* recovery: what people log in with: a new password for who lost theirs, and changes of password and address. */
#ifndef MODEL_RECOVERY_H
#define MODEL_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/session.h"
#include "sql/gen/mail.h"

/* A letter with a link to who has an account of this address here; the same whether there is one. E_UNPROCESSABLE
 * when no letters are sent. */
int recovery_ask(struct ctx *c, str email, const struct session_client *client) must_check;
/* E_NOT_FOUND for a link that does not work. */
int recovery_check(struct ctx *c, str token) must_check;
/* All sessions and all tokens of programs end, on every tenant. E_INVALID for the password, whose link stays good. */
int recovery_reset(struct ctx *c, str token, str password) must_check;

/* Whether this is the password of the ctx's user. E_UNAUTHORIZED; E_LIMITED after many tries. */
int recovery_own_password(struct ctx *c, str password) must_check;
/* Of the ctx's user: all other sessions end, tokens of programs stay. E_UNAUTHORIZED when the old one is wrong. */
int recovery_change_password(struct ctx *c, str old, str password, int64_t session_id) must_check;
/* A letter to the new address, whose link changes it; likewise. E_UNPROCESSABLE when no letters are sent. */
int recovery_change_address(struct ctx *c, str password, str email,
			    const struct session_client *client) must_check;
int recovery_check_address(struct ctx *c, str token) must_check;
/* E_CONFLICT when it belongs to another log-in by now. The old address hears of it. */
int recovery_confirm_address(struct ctx *c, str token) must_check;

/* What the ctx's user is told of by mail. */
extern const char *const mail_wish_kinds[]; /* of notifications, NULL-ended */
int mail_wish_get(struct ctx *c, const struct mail_wish_row **ret) must_check;
/* Kinds that are none are left out. */
int mail_wish_change(struct ctx *c, strs kinds, bool log_ins) must_check;

#endif
