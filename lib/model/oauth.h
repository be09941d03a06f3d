/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * oauth: how a program gets a token (OAuth 2, RFC 6749): a person allows it on a page of ours and it
 * gets a code, which it redeems once, with its proof key when it sent one (RFC 7636); or it gets one
 * for itself. Messages of errors begin with the word that RFC 6749 has for them, before ": ".
 */
#ifndef MODEL_OAUTH_H
#define MODEL_OAUTH_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/application.h"
#include "sql/gen/token.h"

#define OAUTH_CODE_LIFETIME (10 * USEC_MINUTE)
/* The page that shows a code to be typed in, with the code behind. */
#define OAUTH_NATIVE_PATH "/oauth/authorize/native?code="

/* What a program asks for, as it stands in the address that it leads a browser to. */
struct oauth_request {
	str client_id, redirect_uri, response_type, scope, state;
	str code_challenge, code_challenge_method;
};
/* The same, understood. */
struct oauth_ask {
	const struct application_row *application;
	str redirect_uri; /* one of the application's */
	strs scopes;
	str challenge; /* empty: none */
};

/*
 * First who asks and where the answer goes: any error is for the person alone (E_INVALID with words). *ret has
 * application and redirect_uri.
 */
int oauth_check_client(struct ctx *c, const struct oauth_request *q,
		       struct oauth_ask *ret) must_check;
/* Then what is asked for: E_INVALID "word: ..." is for the program. */
int oauth_check_ask(struct ctx *c, const struct oauth_request *q, struct oauth_ask *ask) must_check;

/* The ctx's user allows it, to act as an identity of theirs on this tenant; E_NOT_FOUND when it is not theirs. */
int oauth_allow(struct ctx *c, const struct oauth_ask *ask, int64_t identity_id,
		str *ret_code) must_check;
/* Whether a text can be a code at all. */
bool oauth_code_is_sound(str code);

/*
 * The redirect address with an answer in its query: code, or error and error_description; and the state
 * as it came. Null values are left out.
 */
struct oauth_answer {
	str code, error, error_description, state;
};
str oauth_redirect(struct ctx *c, str redirect_uri, const struct oauth_answer *answer);

struct oauth_token {
	int64_t id;
	str token; /* stored as a hash: it is known now only */
	strs scopes;
	usec created;
};

/*
 * Redeems a code of this application, once: a second use ends the token that came of the first. E_INVALID
 * "invalid_grant: ..." for everything that is wrong with it.
 */
struct oauth_redemption {
	str code, redirect_uri, verifier;
	str user_agent;
};
int oauth_redeem(struct ctx *c, const struct application_row *a, const struct oauth_redemption *r,
		 struct oauth_token *ret) must_check;
/*
 * A token for the application itself (user and identity 0), or for somebody that it may act for. E_INVALID
 * "invalid_scope: ..." for more than the application registered.
 */
struct oauth_grant {
	int64_t application_id, user_id, identity_id;
	strs scopes;
	str user_agent;
};
int oauth_grant_token(struct ctx *c, const struct oauth_grant *g,
		      struct oauth_token *ret) must_check;
int oauth_client_token(struct ctx *c, const struct application_row *a, str scope, str user_agent,
		       struct oauth_token *ret) must_check;

/*
 * The application gives a token up (RFC 7009); one that is not there any more is no error. E_FORBIDDEN
 * "unauthorized_client: ..." when it is another's.
 */
int oauth_revoke(struct ctx *c, const struct application_row *a, str token) must_check;

#endif
