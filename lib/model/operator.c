/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: whether somebody is an operator is asked of the database at each use, and a session without a second factor
 * opens nothing but the way to one.
 */
#include "model/operator.h"

#include "crypt/hash.h"
#include "model/audit.h"
#include "model/factor.h"
#include "model/session_start.h"
#include "model/throttle.h"
#include "model/user.h"

#define USER_AGENT_LIMIT 255
#define ADDRESS_LIMIT 64
#define PASSKEY_TRIES 20 /* from one network ... */
#define PASSKEY_WINDOW (15 * USEC_MINUTE)

int operator_add(struct ctx *c, str email)
{
	const struct user_row *u;

	TRY(user_find(c, email, &u));
	return staff_grant(c, u->id, 0, STAFF_ADMIN, 0);
}

/* Either role makes one. */
static int revoke(struct ctx *c, int64_t user_id, enum staff_role role, bool *ret_was)
{
	int result = staff_revoke(c, user_id, 0, role);

	if (result == E_NOT_FOUND)
		return 0;
	*ret_was = !result;
	return result;
}

int operator_remove(struct ctx *c, str email)
{
	const struct user_row *u;
	bool was = false;

	TRY(user_find(c, email, &u));
	TRY(revoke(c, u->id, STAFF_ADMIN, &was));
	TRY(revoke(c, u->id, STAFF_OWNER, &was));
	if (!was)
		return fail(c, E_NOT_FOUND, "%.*s is no operator", STR_ARG(email));
	return q_operator_sessions_end(c, u->id, NULL);
}

int operator_list(struct ctx *c, const struct operator_row **ret, size_t *ret_n)
{
	return q_operator_list(c, ret, ret_n);
}

static str clean(struct ctx *c, str s, size_t limit)
{
	s = str_clip(s, limit);
	return str_is_utf8(s) && !str_is_null(s) ? str_dup(c->arena, s) : STR("");
}

int operator_let_in(struct ctx *c, int64_t user_id, const struct session_client *client,
		    str *ret_cookie)
{
	struct session_secret secret = session_secret_new(c);
	struct q_operator_session_add_args args = {
		.user_id = user_id,
		.token_hash = secret.token_hash,
		.csrf_token = secret.csrf_token,
		.address = clean(c, client->address, ADDRESS_LIMIT),
		.user_agent = clean(c, client->user_agent, USER_AGENT_LIMIT),
		.lifetime = SESSION_PATIENCE * 3,
	};

	TRY(q_operator_session_add(c, &args, NULL));
	*ret_cookie = secret.cookie;
	return 0;
}

int operator_log_in(struct ctx *c, str email, str password, const struct session_client *client,
		    str *ret_cookie)
{
	const struct operator_candidate_row *rows = NULL;
	size_t n = 0, fits;
	str *stored;

	TRY(session_throttle(c, email, client));
	email = str_trim(email);
	if (str_is_utf8(email))
		TRY(q_operator_candidates(c, email, &rows, &n));
	stored = arena_array(c->arena, n + 1, sizeof(*stored));
	for (size_t i = 0; i < n; i++)
		stored[i] = rows[i].password;
	TRY(session_try_password(c, password, stored, n, &fits, NULL));
	if (fits == n)
		return fail(c, E_UNAUTHORIZED, "the e-mail address or the password is wrong");
	return operator_let_in(c, rows[fits].user_id, client, ret_cookie);
}

int operator_session(struct ctx *c, str cookie, const struct operator_session_row **ret)
{
	return q_operator_session_get(c, hash_sha256(c->arena, cookie), ret);
}

/* From here on it is strong, under a cookie that was never sent before. */
static int pass(struct ctx *c, int64_t session_id, str email, str *ret_cookie)
{
	struct session_secret secret = session_secret_new(c);

	TRY(q_operator_session_pass(c, secret.token_hash, secret.csrf_token, OPERATOR_SESSION,
				    session_id, NULL));
	*ret_cookie = secret.cookie;
	return audit_add(c, "operator.log_in", email, STR(""));
}

int operator_prove(struct ctx *c, const struct operator_session_row *s, str code, str address,
		   str *ret_cookie)
{
	/* A program's code is set up here only by those who have nothing yet. */
	TRY(s->has_totp || s->has_passkey ? factor_try(c, s->user_id, code, address)
					  : totp_confirm(c, code, address));
	return pass(c, s->id, s->email, ret_cookie);
}

int operator_prove_passkey(struct ctx *c, const struct operator_session_row *s,
			   const struct passkey_answer *answer, str name, str *ret_cookie)
{
	const struct passkey_found_row *found;

	if (s->has_totp || s->has_passkey)
		TRY(passkey_prove(c, PASSKEY_SECOND, s->id, s->user_id, answer, &found));
	else
		TRY(operator_add_passkey(c, s, answer, name));
	return pass(c, s->id, s->email, ret_cookie);
}

int operator_add_passkey(struct ctx *c, const struct operator_session_row *s,
			 const struct passkey_answer *answer, str name)
{
	TRY(passkey_add(c, s->id, answer, name));
	return audit_add(c, "operator.passkey_add", s->email, STR(""));
}

int operator_remove_passkey(struct ctx *c, const struct operator_session_row *s, int64_t id)
{
	TRY(passkey_remove(c, id));
	return audit_add(c, "operator.passkey_remove", s->email, STR(""));
}

int operator_log_in_passkey(struct ctx *c, const struct passkey_answer *answer,
			    const struct session_client *client, str *ret_cookie)
{
	const struct operator_session_row *s;
	const struct passkey_found_row *found;
	str cookie;

	TRY(throttle_hit(c, "operator_passkey", throttle_network(c, client->address), PASSKEY_TRIES,
			 PASSKEY_WINDOW));
	TRY(passkey_prove(c, PASSKEY_LOG_IN, 0, 0, answer, &found));
	TRY(operator_let_in(c, found->user_id, client, &cookie));
	TRY(operator_session(c, cookie, &s));
	c->user_id = s->user_id;
	return pass(c, s->id, s->email, ret_cookie);
}

int operator_log_out(struct ctx *c, int64_t session_id)
{
	return q_operator_session_end(c, session_id, NULL);
}
