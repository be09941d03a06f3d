/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a session that waits opens nothing, and when it does it has another cookie and another form token, so that
 * who planted the first cookie has nothing.
 */
#include "model/factor.h"
#include "model/passkey.h"
#include "model/session.h"
#include "model/session_start.h"
#include "model/throttle.h"

#include "crypt/hash.h"

#define PASSKEY_TRIES 50 /* from one network */
#define PASSWORD_TRIES 10
#define TRIES_WINDOW (15 * USEC_MINUTE)

int session_waiting(struct ctx *c, str cookie, const struct session_waiting_row **ret)
{
	return q_session_waiting(c, hash_sha256(c->arena, cookie), c->domain_id, ret);
}

static int pass(struct ctx *c, int64_t session_id, str *ret_cookie)
{
	struct session_secret secret = session_secret_new(c);
	size_t n;

	TRY(q_session_pass(c,
			   &(struct q_session_pass_args){
				   .token_hash = secret.token_hash,
				   .csrf_token = secret.csrf_token,
				   .lifetime = SESSION_LIFETIME,
				   .id = session_id,
				   .domain_id = c->domain_id,
			   },
			   &n));
	if (!n)
		return fail(c, E_UNAUTHORIZED, "that took too long: log in again");
	*ret_cookie = secret.cookie;
	return 0;
}

int session_pass_code(struct ctx *c, const struct session_waiting_row *w, str code,
		      const struct session_client *client, str *ret_cookie)
{
	TRY(factor_try(c, w->user_id, code, client->address));
	return pass(c, w->id, ret_cookie);
}

int session_pass_passkey(struct ctx *c, const struct session_waiting_row *w,
			 const struct passkey_answer *answer, str *ret_cookie)
{
	const struct passkey_found_row *found;

	TRY(passkey_prove(c, PASSKEY_SECOND, w->id, w->user_id, answer, &found));
	return pass(c, w->id, ret_cookie);
}

int session_log_in_passkey(struct ctx *c, const struct passkey_answer *answer,
			   const struct session_client *client, str *ret_cookie)
{
	const struct passkey_found_row *found;

	TRY(throttle_hit(c, "log_in_passkey", throttle_network(c, client->address), PASSKEY_TRIES,
			 TRIES_WINDOW));
	TRY(passkey_prove(c, PASSKEY_LOG_IN, 0, 0, answer, &found));
	return session_start_strong(c, found->user_id, found->identity_id, true, client,
				    ret_cookie);
}

bool session_is_proved(const struct ctx *c, const struct session_row *session)
{
	return session->proved && c->now - session->proved < SESSION_PROOF;
}

int session_prove_password(struct ctx *c, int64_t session_id, str password,
			   const struct session_client *client)
{
	const struct factor_password_row *stored;
	str who = str_fmt(c->arena, "%lld %.*s", (long long)c->user_id,
			  STR_ARG(throttle_network(c, client->address)));
	size_t fits;

	TRY(throttle_hit(c, "prove_password", who, PASSWORD_TRIES, TRIES_WINDOW));
	TRY(q_factor_password(c, c->user_id, &stored));
	TRY(session_try_password(c, password, &stored->password, 1, &fits, NULL));
	if (fits)
		return fail(c, E_UNAUTHORIZED, "this is not your password");
	throttle_forget(c, "prove_password", who);
	return q_session_prove(c, false, session_id, c->domain_id, NULL);
}

int session_prove_passkey(struct ctx *c, int64_t session_id, const struct passkey_answer *answer)
{
	const struct passkey_found_row *found;

	TRY(passkey_prove(c, PASSKEY_CONFIRM, session_id, c->user_id, answer, &found));
	return q_session_prove(c, true, session_id, c->domain_id, NULL);
}

int session_strengthen(struct ctx *c, int64_t session_id)
{
	return q_session_prove(c, true, session_id, c->domain_id, NULL);
}
