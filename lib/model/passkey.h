/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * passkey: keys of authenticators (WebAuthn Level 3) of log-ins on one tenant, or of operators on the console (a ctx
 * without a tenant). The relying party is the host name that the pages are served under.
 */
#ifndef MODEL_PASSKEY_H
#define MODEL_PASSKEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/factor.h"

#define PASSKEYS 20 /* of a log-in on a tenant */
#define PASSKEY_NAME_LIMIT 60 /* characters */

enum passkey_purpose { PASSKEY_ADD, PASSKEY_LOG_IN, PASSKEY_SECOND, PASSKEY_CONFIRM };

/* What a page gives the browser to make or use a key, as its script reads it. */
struct passkey_offer {
	str challenge; /* base64url */
	str rp_id;
	str user_handle; /* base64url; empty: whoever has a key */
	str known; /* ids of the keys that the log-in has, in base64url with spaces between */
};
/*
 * For a session (0: nobody is logged in), on the ctx's tenant, good for five minutes and once. user_id 0: nobody in
 * particular.
 */
int passkey_offer(struct ctx *c, enum passkey_purpose purpose, int64_t session_id, int64_t user_id,
		  struct passkey_offer *ret) must_check;

/* What the browser answered, all in base64url; for a new key the last two are empty. */
struct passkey_answer {
	str id, client_data, authenticator_data, signature, user_handle;
};

int passkey_list(struct ctx *c, const struct passkey_row **ret, size_t *ret_n) must_check;
/* Adds one for the ctx's user; the name may be empty. E_INVALID, E_CONFLICT when it is known or there are too many. */
int passkey_add(struct ctx *c, int64_t session_id, const struct passkey_answer *answer,
		str name) must_check;
/* E_NOT_FOUND for somebody else's. */
int passkey_remove(struct ctx *c, int64_t id) must_check;
/*
 * Whose key proved it; user_id 0: anybody's will do. E_UNAUTHORIZED when the challenge is not ours, too old or used, for
 * another origin, purpose or session, or when the proof is wrong or its counter went back.
 */
int passkey_prove(struct ctx *c, enum passkey_purpose purpose, int64_t session_id, int64_t user_id,
		  const struct passkey_answer *answer,
		  const struct passkey_found_row **ret) must_check;

#endif
