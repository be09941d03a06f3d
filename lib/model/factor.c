/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a secret is stored sealed and a code on paper as a keyed hash; one statement takes a code and says whether
 * it was there, so that two who try it at once do not both have it.
 */
#include "model/factor.h"

#include "crypt/hash.h"
#include "crypt/seal.h"
#include "db/db.h"
#include "fetch/url.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/push.h"
#include "model/throttle.h"
#include "sql/gen/user.h"

#define SECRET_BYTES 20 /* RFC 4226, 4: as long as the hash */
#define STEP (30 * USEC_SEC)
#define DIGITS 6
#define MODULUS 1000000

#define PAPER_BYTES 10
#define PAPER_CHARS 16
#define PAPER_GROUP 4
#define SECRET_GROUP 4 /* letters of a secret that stand together */

#define TRIES 10 /* of a user from one network ... */
#define TRIES_WINDOW (15 * USEC_MINUTE)
#define PROGRAM_TRIES 100 /* of a user from anywhere ... */
#define PROGRAM_WINDOW USEC_DAY

int factor_standing(struct ctx *c, const struct factor_standing_row **ret)
{
	return q_factor_standing(c, c->user_id, c->domain_id, ret);
}

int factor_check_staff(struct ctx *c)
{
	const struct factor_lack_row *row;

	TRY(q_factor_lack(c, c->user_id, &row));
	return row->lacks ? fail(c, E_FORBIDDEN,
				 "This community asks its staff for a second factor: set one up")
			  : 0;
}

int factor_key(struct ctx *c, const char *purpose, str *ret)
{
	return push_derive_key(c, str_c(purpose), ret);
}

int factor_sealing_key(struct ctx *c, str *ret)
{
	return factor_key(c, "secrets of programs that make codes", ret);
}

/* Codes of a program */

static uint32_t code_at(struct ctx *c, str secret, int64_t step)
{
	char counter[8];
	const unsigned char *mac, *cut;

	for (size_t i = 0; i < sizeof(counter); i++)
		counter[i] = (char)(step >> (56 - 8 * i) & 0xff);
	mac = (const unsigned char *)hash_hmac_sha1(c->arena, secret,
						    (str){ counter, sizeof(counter) })
		      .p;
	cut = mac + (mac[19] & 15);
	return ((uint32_t)(cut[0] & 0x7f) << 24 | (uint32_t)cut[1] << 16 | (uint32_t)cut[2] << 8 |
		cut[3]) %
	       MODULUS;
}

/* The interval that a code belongs to: the present one, or one beside it for clocks that go wrong; 0: none. */
static int64_t step_of(struct ctx *c, str secret, str code)
{
	int64_t now = c->now / STEP, found = 0;

	for (int64_t step = now - 1; step <= now + 1; step++) {
		str right = str_fmt(c->arena, "%0*u", DIGITS, code_at(c, secret, step));

		if (secret_eq(right, code))
			found = step;
	}
	return found;
}

/* Codes and paper are typed with spaces and in any case. */
static str tidy(struct ctx *c, str typed)
{
	struct out o;

	out_init(&o, c->arena, 64);
	for (size_t i = 0; i < typed.n; i++)
		if (char_is_alnum(typed.p[i]))
			out_char(&o, typed.p[i] >= 'a' && typed.p[i] <= 'z'
					     ? (char)(typed.p[i] - 'a' + 'A')
					     : typed.p[i]);
	return o.failed ? STR("") : out_view(&o);
}

static bool looks_like_code(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is_digit(s.p[i]))
			return false;
	return s.n == DIGITS;
}

static int wrong(struct ctx *c)
{
	return fail_at(c, "code",
		       fail(c, E_UNAUTHORIZED, "this code is wrong, too old, or was used already"));
}

static int try_program(struct ctx *c, int64_t user_id, str code, bool confirm)
{
	const struct totp_row *row;
	str key, secret;
	int64_t step;
	size_t n = 0;
	int result;

	TRY(throttle_hit(c, "factor_program", str_fmt(c->arena, "%lld", (long long)user_id),
			 PROGRAM_TRIES, PROGRAM_WINDOW));
	result = q_totp_get(c, user_id, &row);
	if (result == E_NOT_FOUND)
		return wrong(c);
	TRY(result);
	TRY(factor_sealing_key(c, &key));
	TRY(seal_open(c->arena, key, row->secret, &secret));
	step = step_of(c, secret, code);
	if (step)
		TRY(q_totp_take(c, step, confirm, user_id, &n));
	return n ? 0 : wrong(c);
}

static int count_try(struct ctx *c, int64_t user_id, str address)
{
	str who = str_fmt(c->arena, "%lld %.*s", (long long)user_id,
			  STR_ARG(throttle_network(c, address)));

	return throttle_hit(c, "factor", who, TRIES, TRIES_WINDOW);
}

static int make_secret(struct ctx *c, str key, str *ret)
{
	*ret = random_bytes(c->arena, SECRET_BYTES);
	return q_totp_offer(c, c->user_id, seal(c->arena, key, *ret), NULL);
}

/* Key URI format, as all programs read it. */
static int write_uri(struct ctx *c, str secret, str *ret)
{
	const struct user_row *user;
	str site = url_encode(c->arena, c->domain->title);

	TRY(q_user_by_id(c, c->user_id, &user));
	*ret = str_fmt(c->arena, "otpauth://totp/%.*s:%.*s?secret=%.*s&issuer=%.*s", STR_ARG(site),
		       STR_ARG(url_encode(c->arena, user->email)), STR_ARG(secret), STR_ARG(site));
	return 0;
}

/* As people read it off and type it. */
static str in_groups(struct ctx *c, str code, size_t size, char between)
{
	struct out o;

	out_init(&o, c->arena, 256);
	for (size_t i = 0; i < code.n; i++) {
		if (i && i % size == 0)
			out_char(&o, between);
		out_char(&o, code.p[i]);
	}
	return out_view(&o);
}

int totp_offer(struct ctx *c, str *ret_secret, str *ret_uri)
{
	const struct totp_row *row;
	str key, secret;
	int result;

	TRY(factor_sealing_key(c, &key));
	result = q_totp_get(c, c->user_id, &row);
	if (result && result != E_NOT_FOUND)
		return result;
	if (result == 0 && row->confirmed)
		return fail(c, E_CONFLICT, "there is a program that makes codes already");
	if (result || seal_open(c->arena, key, row->secret, &secret))
		TRY(make_secret(c, key, &secret));
	secret = base32_encode(c->arena, secret);
	*ret_secret = in_groups(c, secret, SECRET_GROUP, ' ');
	return write_uri(c, secret, ret_uri);
}

int totp_confirm(struct ctx *c, str code, str address)
{
	const struct factor_standing_row *standing;
	int result;

	TRY(factor_standing(c, &standing));
	if (standing->totp)
		return fail(c, E_CONFLICT, "there is a program that makes codes already");
	TRY(count_try(c, c->user_id, address));
	result = try_program(c, c->user_id, tidy(c, code), true);
	return result == E_UNAUTHORIZED
		       ? fail_at(c, "code",
				 fail(c, E_INVALID, "this code does not fit: is the clock right?"))
		       : result;
}

int totp_remove(struct ctx *c)
{
	return q_totp_remove(c, c->user_id, NULL);
}

/* Codes on paper */

static int hash_paper(struct ctx *c, int64_t user_id, str code, str *ret)
{
	str key;

	TRY(factor_key(c, "codes on paper", &key));
	*ret = hash_hmac_sha256(c->arena, key,
				str_fmt(c->arena, "%lld %.*s", (long long)user_id, STR_ARG(code)));
	return 0;
}

struct renewal {
	strs hashes;
};

static int renew(struct ctx *c, void *arg)
{
	const struct renewal *r = arg;

	TRY(q_recovery_drop(c, c->user_id, NULL));
	return q_recovery_add(c, c->user_id, r->hashes, NULL);
}

int recovery_renew(struct ctx *c, strs *ret)
{
	str *codes = arena_array(c->arena, RECOVERY_CODES, sizeof(*codes));
	str *hashes = arena_array(c->arena, RECOVERY_CODES, sizeof(*hashes));
	struct renewal r = { .hashes = { hashes, RECOVERY_CODES } };

	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		str code = base32_encode(c->arena, random_bytes(c->arena, PAPER_BYTES));

		TRY(hash_paper(c, c->user_id, code, &hashes[i]));
		codes[i] = in_groups(c, code, PAPER_GROUP, '-');
	}
	TRY(db_transaction(c, renew, &r));
	*ret = (strs){ codes, RECOVERY_CODES };
	return 0;
}

static int try_paper(struct ctx *c, int64_t user_id, str code)
{
	str hash;
	size_t n;

	TRY(hash_paper(c, user_id, code, &hash));
	TRY(q_recovery_take(c, user_id, hash, &n));
	return n ? 0 : wrong(c);
}

int factor_try(struct ctx *c, int64_t user_id, str code, str address)
{
	TRY(count_try(c, user_id, address));
	code = tidy(c, code);
	if (looks_like_code(code))
		return try_program(c, user_id, code, false);
	return code.n == PAPER_CHARS ? try_paper(c, user_id, code) : wrong(c);
}

int factor_reset(struct ctx *c, int64_t user_id, str email)
{
	TRY(q_factor_reset(c, user_id, NULL));
	return audit_add(c, "user.factors_reset", email, STR(""));
}
