/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a code makes one token at most. Its row is locked while it is redeemed and remembers
 * the token, so that of two uses, also at once, the second one ends what the first one made.
 */
#include "model/oauth.h"

#include "base/out.h"
#include "crypt/hash.h"
#include "db/db.h"
#include "fetch/url.h"
#include "model/scope.h"
#include "model/token.h"
#include "sql/gen/oauth.h"

#define STATE_LIMIT 2048 /* bytes */
#define CHALLENGE_CHARS 43 /* of a SHA-256 in base64url */
#define VERIFIER_MIN 43 /* characters: RFC 7636, 4.1 */
#define VERIFIER_MAX 128
#define CODE_CHARS 43 /* of TOKEN_BYTES in base64url */
#define USER_AGENT_LIMIT 255 /* bytes that are kept */
#define ANSWER_LIMIT 16384 /* bytes of a redirect with everything that it carries */

int oauth_check_client(struct ctx *c, const struct oauth_request *q, struct oauth_ask *ret)
{
	int result = application_find(c, q->client_id, &ret->application);

	if (result == E_NOT_FOUND)
		return fail(c, E_INVALID, "this application is not known here");
	TRY(result);
	if (str_is_empty(q->redirect_uri) ||
	    !application_knows_redirect(ret->application, q->redirect_uri))
		return fail(c, E_INVALID,
			    "the address that would get the answer is none of this application's");
	if (q->state.n > STATE_LIMIT)
		return fail(c, E_INVALID, "what the application wants back is too long");
	ret->redirect_uri = q->redirect_uri;
	return 0;
}

/* Unreserved characters of RFC 3986, as challenges and verifiers have them. */
static bool is_unreserved(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is_alnum(s.p[i]) && str_find_char(STR("-._~"), s.p[i], 0) == SIZE_MAX)
			return false;
	return true;
}

/* RFC 7636; "plain" protects nothing that a log of addresses would not show. */
static int check_challenge(struct ctx *c, const struct oauth_request *q, struct oauth_ask *ask)
{
	ask->challenge = STR("");
	if (str_is_empty(q->code_challenge) && str_is_empty(q->code_challenge_method))
		return 0;
	if (!str_eq(q->code_challenge_method, STR("S256")))
		return fail(c, E_INVALID,
			    "invalid_request: The code_challenge_method must be S256.");
	if (q->code_challenge.n != CHALLENGE_CHARS || !is_unreserved(q->code_challenge))
		return fail(c, E_INVALID, "invalid_request: The code_challenge is malformed.");
	ask->challenge = q->code_challenge;
	return 0;
}

int oauth_check_ask(struct ctx *c, const struct oauth_request *q, struct oauth_ask *ask)
{
	if (!str_eq(q->response_type, STR("code")))
		return fail(c, E_INVALID,
			    "unsupported_response_type: The authorization server does not support "
			    "this response type.");
	TRY(scopes_parse(c, q->scope, &ask->scopes));
	if (!scopes_within(ask->scopes, ask->application->scopes))
		return fail(c, E_INVALID,
			    "invalid_scope: The requested scope goes beyond what the application "
			    "registered.");
	return check_challenge(c, q, ask);
}

int oauth_allow(struct ctx *c, const struct oauth_ask *ask, int64_t identity_id, str *ret_code)
{
	str code = random_token(c->arena, TOKEN_BYTES);
	struct q_oauth_code_add_args args = {
		.code_hash = hash_sha256(c->arena, code),
		.application_id = ask->application->id,
		.redirect_uri = ask->redirect_uri,
		.scopes = ask->scopes,
		.challenge = ask->challenge,
		.lifetime = OAUTH_CODE_LIFETIME,
		.identity_id = identity_id,
		.user_id = c->user_id,
		.domain_id = c->domain_id,
	};
	size_t n;

	TRY(q_oauth_code_add(c, &args, &n));
	if (!n)
		return fail(c, E_NOT_FOUND, "this log-in holds no such identity");
	*ret_code = code;
	return 0;
}

bool oauth_code_is_sound(str code)
{
	return code.n == CODE_CHARS && is_unreserved(code);
}

static void add_pair(struct ctx *c, struct out *o, const char *name, str value)
{
	str so_far = out_view(o);

	if (str_is_null(value))
		return;
	out_char(o, str_find_char(so_far, '?', 0) == SIZE_MAX ? '?' : '&');
	out_fmt(o, "%s=%.*s", name, STR_ARG(url_encode(c->arena, value)));
}

str oauth_redirect(struct ctx *c, str redirect_uri, const struct oauth_answer *answer)
{
	struct out o;
	str location;

	out_init(&o, c->arena, ANSWER_LIMIT);
	out_str(&o, redirect_uri);
	add_pair(c, &o, "code", answer->code);
	add_pair(c, &o, "error", answer->error);
	add_pair(c, &o, "error_description", answer->error_description);
	add_pair(c, &o, "state", answer->state);
	return out_done(&o, &location) ? redirect_uri : location;
}

int oauth_grant_token(struct ctx *c, const struct oauth_grant *g, struct oauth_token *ret)
{
	str agent = str_clip(g->user_agent, USER_AGENT_LIMIT);
	struct oauth_token made = { .token = random_token(c->arena, TOKEN_BYTES),
				    .scopes = g->scopes };
	struct q_token_add_args args = {
		.domain_id = c->domain_id,
		.application_id = g->application_id,
		.user_id = g->user_id,
		.identity_id = g->identity_id,
		.token_hash = hash_sha256(c->arena, made.token),
		.scopes = g->scopes,
		.user_agent = agent.n && str_is_utf8(agent) ? agent : STR(""),
	};
	const struct token_made_row *row;

	TRY(q_token_add(c, &args, &row));
	made.id = row->id;
	made.created = row->created;
	*ret = made;
	return 0;
}

int oauth_client_token(struct ctx *c, const struct application_row *a, str scope, str user_agent,
		       struct oauth_token *ret)
{
	struct oauth_grant g = { .application_id = a->id, .user_agent = user_agent };

	TRY(scopes_parse(c, scope, &g.scopes));
	if (!scopes_within(g.scopes, a->scopes))
		return fail(c, E_INVALID,
			    "invalid_scope: The requested scope goes beyond what the application "
			    "registered.");
	return oauth_grant_token(c, &g, ret);
}

static int bad_grant(struct ctx *c)
{
	return fail(c, E_INVALID,
		    "invalid_grant: The provided authorization grant is invalid, expired, revoked, "
		    "does not match the redirection URI used in the authorization request, or was "
		    "issued to another client.");
}

/* A challenge wants its verifier, and none wants none: who took the challenge away is noticed. */
static bool verifier_fits(struct ctx *c, str challenge, str verifier)
{
	if (str_is_empty(challenge))
		return str_is_empty(verifier);
	if (verifier.n < VERIFIER_MIN || verifier.n > VERIFIER_MAX || !is_unreserved(verifier))
		return false;
	return secret_eq(base64url_encode(c->arena, hash_sha256(c->arena, verifier)), challenge);
}

struct redeeming {
	const struct application_row *application;
	const struct oauth_redemption *redemption;
	str hash;
	bool refused; /* what was changed stands all the same */
	struct oauth_token token;
};

static int use(struct ctx *c, struct redeeming *r, const struct oauth_code_row *code)
{
	struct oauth_grant g = {
		.application_id = code->application_id,
		.user_id = code->user_id,
		.identity_id = code->identity_id,
		.scopes = code->scopes,
		.user_agent = r->redemption->user_agent,
	};

	TRY(oauth_grant_token(c, &g, &r->token));
	return q_oauth_code_use(c, r->token.id, r->hash, c->domain_id, NULL);
}

static int redeem(struct ctx *c, void *arg)
{
	struct redeeming *r = arg;
	const struct oauth_code_row *code;
	int result = q_oauth_code_lock(c, r->hash, c->domain_id, &code);

	r->refused = true;
	if (result == E_NOT_FOUND)
		return 0;
	TRY(result);
	if (code->application_id != r->application->id)
		return 0;
	if (code->token_id)
		return q_token_end(c, code->token_id, c->domain_id, NULL);
	if (code->expires <= c->now || !str_eq(code->redirect_uri, r->redemption->redirect_uri) ||
	    !verifier_fits(c, code->challenge, r->redemption->verifier))
		return 0;
	r->refused = false;
	return use(c, r, code);
}

int oauth_redeem(struct ctx *c, const struct application_row *a, const struct oauth_redemption *d,
		 struct oauth_token *ret)
{
	struct redeeming r = { .application = a, .redemption = d };

	if (!oauth_code_is_sound(d->code))
		return bad_grant(c);
	r.hash = hash_sha256(c->arena, d->code);
	TRY(db_transaction(c, redeem, &r));
	if (r.refused)
		return bad_grant(c);
	*ret = r.token;
	return 0;
}

int oauth_revoke(struct ctx *c, const struct application_row *a, str token)
{
	const struct token_holder_row *held;
	int result = q_token_holder(c, hash_sha256(c->arena, token), c->domain_id, &held);

	if (result == E_NOT_FOUND)
		return 0;
	TRY(result);
	if (held->application_id != a->id)
		return fail(c, E_FORBIDDEN,
			    "unauthorized_client: You are not authorized to revoke this token");
	return q_token_end(c, held->id, c->domain_id, NULL);
}
