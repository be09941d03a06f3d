/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Forms of passkeys, and pages that want a fresh proof of who somebody is. */
#ifndef SERVER_WEB_PROOF_H
#define SERVER_WEB_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/passkey.h"
#include "server/http.h"
#include "server/web/auth_page.h"

#define SCRIPT_PASSKEY "passkey.js"

/* A form with a challenge of its own for a session (0: none) and a user (0: whoever has a key). */
int proof_form(struct ctx *c, enum passkey_purpose purpose, int64_t session_id, int64_t user_id,
	       const char *action, struct passkey_view *ret) must_check;
/* What such a form brought. */
struct passkey_answer proof_answer(const struct request *q);

/*
 * True when the person of the session has to prove who they are before this page is shown or this form obeyed: then
 * the response leads there, and from there to a path (the null str: to this page).
 */
bool proof_is_asked(struct ctx *c, const struct request *q, str next, struct response *r);

#endif
