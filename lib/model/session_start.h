/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* session_start: what log-in and sign-up share; for these two files only. */
#ifndef MODEL_SESSION_START_H
#define MODEL_SESSION_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/session.h"

/*
 * A new session of a user, whose password was right, as one of the user's identities on the ctx's tenant. It waits, and
 * opens nothing, when the user has a second factor.
 */
int session_start(struct ctx *c, int64_t user_id, int64_t identity_id,
		  const struct session_client *client, str *ret_cookie) must_check;

/* One of somebody who proved more than a password; fresh: just now. */
int session_start_strong(struct ctx *c, int64_t user_id, int64_t identity_id, bool fresh,
			 const struct session_client *client, str *ret_cookie) must_check;
/* What a new cookie is stored as. */
struct session_secret {
	str cookie, token_hash, csrf_token;
};
struct session_secret session_secret_new(struct ctx *c);

/* Counts an attempt for the account and for the address it comes from; E_LIMITED. */
int session_throttle(struct ctx *c, str email, const struct session_client *client) must_check;

/*
 * On another thread: which of these stored passwords fits (n: none does), with the work of at least one. With
 * ret_hash the password is hashed as well, whatever fits; E_INVALID when it may not be one.
 */
int session_try_password(struct ctx *c, str password, const str *stored, size_t n, size_t *ret,
			 str *ret_hash) must_check;

#endif
