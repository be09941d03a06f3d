/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a code opens one set-up, and with it all other codes end; wrong ones are counted for where they come from
 * and against every code, so that nobody guesses one however many addresses they have.
 */
#include "model/setup.h"

#include "base/out.h"
#include "crypt/hash.h"
#include "model/audit.h"
#include "model/factor.h"
#include "model/operator.h"
#include "model/session_start.h"
#include "model/throttle.h"
#include "model/user.h"

#define CODE_LETTERS 12 /* of five bits each */
#define CODE_GROUP 4
#define CODE_TRIES 100 /* wrong ones, of all the world, until a code is worth nothing */
#define TRIES 10 /* from one network ... */
#define TRIES_WINDOW USEC_HOUR
#define TYPED_LIMIT 64 /* bytes */
#define LIFETIME_MAX (7 * USEC_DAY)

/* Without letters that are taken for others. */
static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

static str make_code(struct ctx *c)
{
	str random = random_bytes(c->arena, CODE_LETTERS);
	struct out o;

	out_init(&o, c->arena, TYPED_LIMIT);
	for (size_t i = 0; i < random.n; i++) {
		if (i && i % CODE_GROUP == 0)
			out_char(&o, '-');
		out_char(&o, letters[(unsigned char)random.p[i] % (sizeof(letters) - 1)]);
	}
	return out_view(&o);
}

/* What is compared: people leave out dashes, and type small letters. */
static str hash_code(struct ctx *c, str typed)
{
	struct out o;

	out_init(&o, c->arena, TYPED_LIMIT);
	for (size_t i = 0; i < typed.n; i++)
		if (char_is_alnum(typed.p[i]))
			out_char(&o, typed.p[i] >= 'a' && typed.p[i] <= 'z'
					     ? (char)(typed.p[i] - 'a' + 'A')
					     : typed.p[i]);
	return hash_sha256(c->arena, o.failed ? STR("") : out_view(&o));
}

int setup_code_new(struct ctx *c, usec lifetime, str *ret)
{
	str code = make_code(c);

	if (lifetime < USEC_MINUTE || lifetime > LIFETIME_MAX)
		return fail(c, E_INVALID, "a code is good for a minute to a week");
	TRY(q_setup_code_add(c, hash_code(c, code), lifetime, NULL));
	TRY(audit_add(c, "setup.code", STR("host"), STR("")));
	*ret = code;
	return 0;
}

int setup_code_is_good(struct ctx *c, str code, bool *ret)
{
	const struct setup_code_row *row;

	TRY(q_setup_code_get(c, hash_code(c, code), CODE_TRIES, &row));
	*ret = row->good;
	return 0;
}

int setup_codes_end(struct ctx *c)
{
	return q_setup_codes_end(c, NULL);
}

int setup_standing(struct ctx *c, const struct setup_standing_row **ret)
{
	return q_setup_standing(c, CODE_TRIES, ret);
}

int setup_is_open(struct ctx *c, bool *ret)
{
	const struct setup_standing_row *s;

	TRY(setup_standing(c, &s));
	*ret = s->has_code || s->has_visit;
	return 0;
}

static int wrong_code(struct ctx *c)
{
	TRY(q_setup_code_miss(c, NULL));
	return fail_at(c, "code",
		       fail(c, E_UNAUTHORIZED, "this code is wrong, too old, or was used already"));
}

int setup_begin(struct ctx *c, str code, str address, str *ret_cookie)
{
	struct session_secret secret = session_secret_new(c);
	const struct setup_code_taken_row *taken;
	str network = throttle_network(c, address);
	size_t n;

	TRY(throttle_hit(c, "setup", network, TRIES, TRIES_WINDOW));
	TRY(q_setup_code_take(c, hash_code(c, code), CODE_TRIES, &taken, &n));
	if (!n)
		return wrong_code(c);
	throttle_forget(c, "setup", network);
	TRY(q_setup_visit_add(c, secret.token_hash, str_clip(address, TYPED_LIMIT),
			      SETUP_VISIT_LIFETIME, NULL));
	TRY(audit_add(c, "setup.begin", STR("host"), STR("")));
	*ret_cookie = secret.cookie;
	return 0;
}

int setup_visit(struct ctx *c, str cookie, const struct setup_visit_row **ret)
{
	return q_setup_visit_get(c, hash_sha256(c->arena, cookie), ret);
}

int setup_visit_of(struct ctx *c, int64_t user_id, const struct setup_visit_row **ret)
{
	return q_setup_visit_of(c, user_id, ret);
}

static int is_operator(struct ctx *c, int64_t user_id, bool *ret)
{
	const struct operator_row *rows;
	size_t n;

	TRY(operator_list(c, &rows, &n));
	*ret = false;
	for (size_t i = 0; i < n; i++)
		*ret = *ret || rows[i].id == user_id;
	return 0;
}

/* Somebody who lost the way in: whoever has the machine's screen in front of them may change all of it anyway. */
static int begin_again(struct ctx *c, const struct setup_visit_row *v, str email, str password,
		       int64_t *ret_id)
{
	const struct user_row *u;
	bool may;

	TRY(user_find(c, email, &u));
	TRY(is_operator(c, u->id, &may));
	if (!may && v->user_id != u->id)
		return fail_at(c, "email",
			       fail(c, E_CONFLICT, "this address is somebody's log-in already"));
	TRY(user_set_password(c, u->id, password, 0));
	TRY(factor_reset(c, u->id, u->email));
	TRY(q_operator_sessions_end(c, u->id, NULL));
	*ret_id = u->id;
	return 0;
}

int setup_operator(struct ctx *c, const struct setup_visit_row *v, str email, str password,
		   const struct session_client *client, str *ret_cookie)
{
	int64_t id;
	int result = user_create(c, email, password, true, &id);

	if (result == E_CONFLICT)
		result = begin_again(c, v, email, password, &id);
	TRY(result);
	TRY(q_setup_visit_keep_user(c, id, v->id, NULL));
	TRY(operator_add(c, str_fmt(c->arena, "%lld", (long long)id)));
	return operator_let_in(c, id, client, ret_cookie);
}

int setup_keep_domain(struct ctx *c, const struct setup_visit_row *v, int64_t domain_id)
{
	return q_setup_visit_keep_domain(c, domain_id, v->id, NULL);
}

int setup_end(struct ctx *c, const struct setup_visit_row *v)
{
	TRY(setup_codes_end(c));
	TRY(q_setup_visit_end(c, v->id, v->user_id, NULL));
	return audit_add(c, "setup.end", STR("host"), STR(""));
}
