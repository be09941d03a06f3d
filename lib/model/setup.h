/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * setup: the first hour of an operator. A one-time code, which the machine's own screen shows, opens the set-up under
 * the console's name to one browser; it ends with the operator's log-in made and a community begun. All of this is for
 * the host role.
 */
#ifndef MODEL_SETUP_H
#define MODEL_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/session.h"
#include "sql/gen/setup.h"

#define SETUP_CODE_LIFETIME USEC_HOUR
#define SETUP_VISIT_LIFETIME (2 * USEC_HOUR)
#define SETUP_PATH "/setup/"

/* A new code, in the form in which people read it; it is stored as a hash only. */
int setup_code_new(struct ctx *c, usec lifetime, str *ret) must_check;
/* Whether it still opens anything. */
int setup_code_is_good(struct ctx *c, str code, bool *ret) must_check;
/* No code opens anything any more. */
int setup_codes_end(struct ctx *c) must_check;

/* What is there: a code that is good, a set-up under way, an operator. */
int setup_standing(struct ctx *c, const struct setup_standing_row **ret) must_check;
/* Whether a stranger finds anything at SETUP_PATH. */
int setup_is_open(struct ctx *c, bool *ret) must_check;

/* A code begins a set-up, once; the cookie is what the browser keeps. E_UNAUTHORIZED, E_LIMITED. */
int setup_begin(struct ctx *c, str code, str address, str *ret_cookie) must_check;
/* The one of a cookie, or of the operator whom it made; E_NOT_FOUND. */
int setup_visit(struct ctx *c, str cookie, const struct setup_visit_row **ret) must_check;
int setup_visit_of(struct ctx *c, int64_t user_id, const struct setup_visit_row **ret) must_check;

/*
 * The operator's log-in, and the session of the console that asks for a second factor next. Whoever is an operator
 * already begins again with this password and without the factors that there were. E_CONFLICT when the address belongs
 * to somebody else, E_INVALID.
 */
int setup_operator(struct ctx *c, const struct setup_visit_row *v, str email, str password,
		   const struct session_client *client, str *ret_cookie) must_check;
int setup_keep_domain(struct ctx *c, const struct setup_visit_row *v, int64_t domain_id) must_check;
/* From now on there is nothing at SETUP_PATH. */
int setup_end(struct ctx *c, const struct setup_visit_row *v) must_check;

#endif
