/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * operator: who runs the installation, and their sessions on its console. An operator is a log-in with a grant on the
 * whole installation. All of this is for the host role.
 */
#ifndef MODEL_OPERATOR_H
#define MODEL_OPERATOR_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/passkey.h"
#include "model/session.h"
#include "sql/gen/operator.h"

#define OPERATOR_SESSION (12 * USEC_HOUR)

int operator_add(struct ctx *c, str email) must_check;
/* Takes what makes one, and ends the sessions. E_NOT_FOUND. */
int operator_remove(struct ctx *c, str email) must_check;
int operator_list(struct ctx *c, const struct operator_row **ret, size_t *ret_n) must_check;

/*
 * A password opens a session that is not strong: it only asks for the second factor, or for setting one up. The same
 * answer and the same work for everybody who is none. E_UNAUTHORIZED, E_LIMITED.
 */
int operator_log_in(struct ctx *c, str email, str password, const struct session_client *client,
		    str *ret_cookie) must_check;
/* A session that is not strong, of somebody who proved otherwise who they are. */
int operator_let_in(struct ctx *c, int64_t user_id, const struct session_client *client,
		    str *ret_cookie) must_check;
/* The live session of a cookie; E_NOT_FOUND. */
int operator_session(struct ctx *c, str cookie, const struct operator_session_row **ret) must_check;
/* A code makes it strong, under another cookie: of a program, from paper, or the first of a program that is set up
 * here. E_UNAUTHORIZED, E_INVALID, E_LIMITED. */
int operator_prove(struct ctx *c, const struct operator_session_row *s, str code, str address,
		   str *ret_cookie) must_check;
/*
 * The same by a passkey of the console: one that is there, or the first proof of those who have none, which is added
 * under that name.
 */
int operator_prove_passkey(struct ctx *c, const struct operator_session_row *s,
			   const struct passkey_answer *answer, str name,
			   str *ret_cookie) must_check;
/* One more, or one less; the last thing that proves somebody stays: E_NOT_FOUND. */
int operator_add_passkey(struct ctx *c, const struct operator_session_row *s,
			 const struct passkey_answer *answer, str name) must_check;
int operator_remove_passkey(struct ctx *c, const struct operator_session_row *s,
			    int64_t id) must_check;
/* A passkey alone opens a strong session, of whoever has it. E_UNAUTHORIZED, E_LIMITED. */
int operator_log_in_passkey(struct ctx *c, const struct passkey_answer *answer,
			    const struct session_client *client, str *ret_cookie) must_check;
int operator_log_out(struct ctx *c, int64_t session_id) must_check;

#endif
