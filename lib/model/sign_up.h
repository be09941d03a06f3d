/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sign_up: how somebody joins a tenant, by a page or by a program: its mode, its limits, an invitation, age, and
 * the proof that an address is theirs.
 */
#ifndef MODEL_SIGN_UP_H
#define MODEL_SIGN_UP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/table.h"
#include "model/instance.h"
#include "model/session.h"

/*
 * A new account on the ctx's tenant. Joins the log-in of the same address when the password fits, else makes a new one:
 * nothing reveals whether an address is known.
 */
struct sign_up {
	str invite; /* token; empty: none */
	str email, password, username;
	str reason; /* why they want to join, for the staff; may be null */
	str date_of_birth; /* YYYY-MM-DD, looked at and forgotten; may be null */
};

/* What stands between a new account and its use, in the order in which it is met. */
enum sign_up_state {
	SIGN_UP_DONE,
	SIGN_UP_UNCONFIRMED, /* a letter is on its way */
	SIGN_UP_PENDING, /* staff has to approve it */
};

/*
 * E_FORBIDDEN where nobody can join or a limit is reached, E_NOT_FOUND for the invitation, E_CONFLICT for the user name,
 * E_INVALID, E_LIMITED. With SIGN_UP_DONE *ret_cookie is that of a session.
 */
int sign_up(struct ctx *c, const struct sign_up *s, const struct session_client *client,
	    enum sign_up_state *ret, str *ret_cookie) must_check;
/* The same without logging in: for a program that signs somebody up. */
int sign_up_account(struct ctx *c, const struct sign_up *s, const struct session_client *client,
		    int64_t *ret_user_id, int64_t *ret_identity_id) must_check;
/* Of an account of the ctx's tenant. */
int sign_up_state(struct ctx *c, int64_t identity_id, enum sign_up_state *ret) must_check;

/* How far one who would join is asked why: see INSTANCE_SIGN_UP_REASON. */
enum sign_up_reason { REASON_NONE, REASON_OPTIONAL, REASON_REQUIRED };
extern const struct name sign_up_reasons[];
/* On the ctx's tenant as it is; REASON_NONE where no staff would read it. */
enum sign_up_reason sign_up_reason(const struct ctx *c, const struct instance *i);

enum sign_up_age { AGE_FINE, AGE_MISSING, AGE_NO_DAY, AGE_TOO_YOUNG };
/* A day of birth against what the tenant wants: AGE_FINE where it wants nothing. */
int sign_up_age(struct ctx *c, str day, enum sign_up_age *ret) must_check;
/* Whether the tenant has a least age, so that the day has to be asked for; 0: it has none. */
int sign_up_min_age(struct ctx *c, int64_t *ret) must_check;

/* Another letter for a sign-up that waits for its address; the same whether there is one. E_LIMITED by the client. */
int sign_up_resend(struct ctx *c, str email, const struct session_client *client) must_check;
/* For the ctx's own; with an address that is not null, to that one from now on. E_FORBIDDEN once it is confirmed. */
int sign_up_resend_own(struct ctx *c, str email) must_check;
/* Whether a link still works: E_NOT_FOUND. */
int sign_up_check_link(struct ctx *c, str token) must_check;
/* The address of a link is confirmed. E_NOT_FOUND for the link, E_CONFLICT when the address is another's by now. */
int sign_up_confirm(struct ctx *c, str token, enum sign_up_state *ret) must_check;

#endif
