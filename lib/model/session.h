/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * session: log-ins of browsers, as rows that can be revoked; the cookie's value is stored as a hash.
 */
#ifndef MODEL_SESSION_H
#define MODEL_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/session.h"

#define SESSION_LIFETIME (30 * USEC_DAY)
#define SESSION_PATIENCE (10 * USEC_MINUTE) /* for a second factor */
#define SESSION_PROOF (10 * USEC_MINUTE) /* how long a password counts as just typed */
/* Where tickets are redeemed, with the ticket behind. */
#define SESSION_TICKET_PATH "/auth/ticket/?ticket="

struct session_client {
	str address; /* of the browser */
	str user_agent;
	str device; /* what it keeps of having been in (device.h); may be null */
};

/*
 * Logs in on the ctx's tenant: throttled per account and per address (E_LIMITED), the same answer (E_UNAUTHORIZED) and
 * the same time for a wrong password, an unknown address and a banned user. *ret_cookie is what the browser keeps.
 */
int session_log_in(struct ctx *c, str email, str password, const struct session_client *client,
		   str *ret_cookie) must_check;
/* The live session of a cookie; E_NOT_FOUND. Touches last_seen at most every five minutes. */
int session_get(struct ctx *c, str cookie, const struct session_row **ret) must_check;
/*
 * That of a cookie whose identity staff disabled or suspended: no route knows it but the one where such a person reads
 * why, and appeals. E_NOT_FOUND.
 */
int session_shut_out(struct ctx *c, str cookie, const struct session_shut_out_row **ret) must_check;
int session_log_out(struct ctx *c, int64_t session_id) must_check;
/* Those of the logged-in user on this tenant, newest first; ends one of them (E_NOT_FOUND for another's). */
int session_list(struct ctx *c, const struct session_row **ret, size_t *ret_n) must_check;
int session_revoke(struct ctx *c, int64_t session_id) must_check;

/* Another identity of the user: on this tenant the session changes and *ret_url is the null str; on another one it is
 * the address there with a one-time ticket, which leads to a path there. E_NOT_FOUND for an identity that is not the
 * user's. */
int session_switch(struct ctx *c, const struct session_row *session, int64_t identity_id, str next,
		   str *ret_url) must_check;
/* Whom a ticket lets somebody act as, before they use it. E_NOT_FOUND as below. */
int session_ticket(struct ctx *c, str ticket, int64_t *ret_identity_id) must_check;

/* E_NOT_FOUND for a ticket that is used up, too old or of another tenant. */
int session_redeem(struct ctx *c, str ticket, const struct session_client *client,
		   str *ret_cookie) must_check;

/* What a browser calls itself, for people: "Firefox on Windows". */
str session_device(struct arena *a, str user_agent);

/*
 * The second step of a log-in, and proofs in between.
 */
struct passkey_answer;

/* The session of a cookie that waits for its second factor; E_NOT_FOUND. */
int session_waiting(struct ctx *c, str cookie, const struct session_waiting_row **ret) must_check;
/* A code or a passkey ends the waiting, under another cookie. E_UNAUTHORIZED, E_LIMITED. */
int session_pass_code(struct ctx *c, const struct session_waiting_row *w, str code,
		      const struct session_client *client, str *ret_cookie) must_check;
int session_pass_passkey(struct ctx *c, const struct session_waiting_row *w,
			 const struct passkey_answer *answer, str *ret_cookie) must_check;
/* A passkey alone; E_UNAUTHORIZED, E_LIMITED. */
int session_log_in_passkey(struct ctx *c, const struct passkey_answer *answer,
			   const struct session_client *client, str *ret_cookie) must_check;

/* Whether the person of a session proved who they are not long ago. */
bool session_is_proved(const struct ctx *c, const struct session_row *session);
/* The ctx's user proves it now; E_UNAUTHORIZED, E_LIMITED. */
int session_prove_password(struct ctx *c, int64_t session_id, str password,
			   const struct session_client *client) must_check;
int session_prove_passkey(struct ctx *c, int64_t session_id,
			  const struct passkey_answer *answer) must_check;
/* The ctx's user has a second factor now, which this session knows. */
int session_strengthen(struct ctx *c, int64_t session_id) must_check;

#endif
