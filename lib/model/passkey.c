/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a challenge says by itself what it is for and until when, under a key of ours, so that asking for one
 * costs a stranger's page nothing; it is stored when it was answered, which works once.
 */
#include "model/passkey.h"

#include "base/out.h"
#include "crypt/hash.h"
#include "crypt/webauthn.h"
#include "json/json.h"
#include "model/domain.h"
#include "model/factor.h"

#define NONCE 16 /* bytes */
#define MAC 32
#define LIFETIME (5 * USEC_MINUTE)
#define HANDLE 32 /* bytes */
#define ANSWER_LIMIT 8192 /* bytes of one part */

/* The rows of a tenant's log-ins, or those of operators on the console, which is no tenant. */

static int rows_of(struct ctx *c, int64_t user_id, const struct passkey_row **ret, size_t *ret_n)
{
	return c->domain_id ? q_passkey_list(c, user_id, c->domain_id, ret, ret_n)
			    : q_operator_passkey_list(c, user_id, ret, ret_n);
}

static int find_row(struct ctx *c, str credential_id, const struct passkey_found_row **ret)
{
	return c->domain_id ? q_passkey_find(c, c->domain_id, credential_id, ret)
			    : q_operator_passkey_find(c, credential_id, ret);
}

static int use_row(struct ctx *c, int64_t id, int64_t count, size_t *ret_n)
{
	return c->domain_id ? q_passkey_use(c, count, id, c->domain_id, ret_n)
			    : q_operator_passkey_use(c, count, id, ret_n);
}

static int add_row(struct ctx *c, const struct q_passkey_add_args *args, size_t *ret_n)
{
	const struct q_operator_passkey_add_args own = {
		.user_id = args->user_id,
		.credential_id = args->credential_id,
		.algorithm = args->algorithm,
		.public_key = args->public_key,
		.sign_count = args->sign_count,
		.name = args->name,
		.limit = args->limit,
	};

	return c->domain_id ? q_passkey_add(c, args, ret_n)
			    : q_operator_passkey_add(c, &own, ret_n);
}

static str host_of(const struct domain *d)
{
	str host = str_from(d->origin, str_find(d->origin, STR("://"), 0) + 3);

	return str_slice(host, 0, str_find_char(host, ':', 0));
}

static str sign(struct ctx *c, str key, enum passkey_purpose purpose, int64_t session_id, str text)
{
	return hash_hmac_sha256(c->arena, key,
				str_fmt(c->arena, "%d %lld %lld %.*s", (int)purpose,
					(long long)c->domain_id, (long long)session_id,
					STR_ARG(hex_encode(c->arena, text))));
}

/* nonce, end in microseconds, MAC */
static int make_challenge(struct ctx *c, enum passkey_purpose purpose, int64_t session_id, str *ret)
{
	usec ends = c->now + LIFETIME;
	char end[8];
	str key, text;

	for (size_t i = 0; i < sizeof(end); i++)
		end[i] = (char)(ends >> (56 - 8 * i) & 0xff);
	TRY(factor_key(c, "challenges of passkeys", &key));
	text = str_cat(c->arena, random_bytes(c->arena, NONCE), (str){ end, sizeof(end) });
	*ret = base64url_encode(c->arena,
				str_cat(c->arena, text, sign(c, key, purpose, session_id, text)));
	return 0;
}

static int refuse(struct ctx *c)
{
	return fail(c, E_UNAUTHORIZED, "the passkey did not prove it: reload the page, try again");
}

static int check_challenge(struct ctx *c, enum passkey_purpose purpose, int64_t session_id,
			   str challenge)
{
	str key, raw, text;
	usec ends = 0;

	if (!base64url_decode(c->arena, challenge, &raw) || raw.n != NONCE + 8 + MAC)
		return refuse(c);
	text = str_slice(raw, 0, NONCE + 8);
	TRY(factor_key(c, "challenges of passkeys", &key));
	if (!secret_eq(str_from(raw, NONCE + 8), sign(c, key, purpose, session_id, text)))
		return refuse(c);
	for (size_t i = 0; i < 8; i++)
		ends = ends << 8 | (unsigned char)raw.p[NONCE + i];
	return ends > c->now ? 0 : refuse(c);
}

static int spend(struct ctx *c, str challenge)
{
	size_t n;

	TRY(c->domain_id ? q_challenge_spend(c, c->domain_id, challenge, c->now + LIFETIME, &n)
			 : q_operator_challenge_spend(c, challenge, c->now + LIFETIME, &n));
	return n ? 0 : refuse(c);
}

/* The same for all keys of a log-in on a tenant, and says nothing of who it is. */
static int handle_of(struct ctx *c, int64_t user_id, str *ret)
{
	str key;

	TRY(factor_key(c, "handles of passkeys", &key));
	*ret = str_slice(hash_hmac_sha256(c->arena, key,
					  str_fmt(c->arena, "%lld %lld", (long long)c->domain_id,
						  (long long)user_id)),
			 0, HANDLE);
	return 0;
}

static str ids_of(struct ctx *c, const struct passkey_row *rows, size_t n)
{
	struct out o;

	out_init(&o, c->arena, (size_t)PASSKEYS * 2048);
	for (size_t i = 0; i < n; i++) {
		if (i)
			out_char(&o, ' ');
		out_str(&o, base64url_encode(c->arena, rows[i].credential_id));
	}
	return o.n ? out_view(&o) : STR("");
}

int passkey_offer(struct ctx *c, enum passkey_purpose purpose, int64_t session_id, int64_t user_id,
		  struct passkey_offer *ret)
{
	struct passkey_offer offer = { .rp_id = host_of(c->domain),
				       .user_handle = STR(""),
				       .known = STR("") };
	const struct passkey_row *rows;
	str handle;
	size_t n;

	TRY(make_challenge(c, purpose, session_id, &offer.challenge));
	if (user_id) {
		TRY(rows_of(c, user_id, &rows, &n));
		TRY(handle_of(c, user_id, &handle));
		offer.user_handle = base64url_encode(c->arena, handle);
		offer.known = ids_of(c, rows, n);
	}
	*ret = offer;
	return 0;
}

int passkey_list(struct ctx *c, const struct passkey_row **ret, size_t *ret_n)
{
	return rows_of(c, c->user_id, ret, ret_n);
}

struct decoded {
	str id, client_data, authenticator_data, signature, user_handle;
	str challenge; /* as the client data have it */
};

static bool decode(struct ctx *c, str text, str *ret)
{
	return text.n <= ANSWER_LIMIT && base64url_decode(c->arena, text, ret);
}

static bool decode_all(struct ctx *c, const struct passkey_answer *a, struct decoded *ret)
{
	return decode(c, a->id, &ret->id) && decode(c, a->client_data, &ret->client_data) &&
	       decode(c, a->authenticator_data, &ret->authenticator_data) &&
	       decode(c, a->signature, &ret->signature) &&
	       decode(c, a->user_handle, &ret->user_handle);
}

/* What the browser says it was asked, and by whom (WebAuthn, 5.8.1). */
static int read_client_data(struct ctx *c, const char *type, struct decoded *d)
{
	const struct json *j;

	if (json_parse(c, d->client_data, &j))
		return refuse(c);
	d->challenge = json_get_str(j, "challenge");
	if (!str_eq_c(json_get_str(j, "type"), type) ||
	    !str_eq(json_get_str(j, "origin"), c->domain->origin) ||
	    json_get_bool(j, "crossOrigin"))
		return refuse(c);
	return 0;
}

static int read_answer(struct ctx *c, enum passkey_purpose purpose, int64_t session_id,
		       const struct passkey_answer *answer, struct decoded *ret)
{
	if (!decode_all(c, answer, ret))
		return refuse(c);
	TRY(read_client_data(c, purpose == PASSKEY_ADD ? "webauthn.create" : "webauthn.get", ret));
	return check_challenge(c, purpose, session_id, ret->challenge);
}

static int check_name(struct ctx *c, str *name)
{
	*name = str_trim(*name);
	if (str_is_empty(*name))
		*name = STR("Passkey");
	return str_is_utf8(*name) && str_chars(*name) <= PASSKEY_NAME_LIMIT
		       ? 0
		       : fail_at(c, "name",
				 fail(c, E_INVALID, "a name has at most %d characters",
				      PASSKEY_NAME_LIMIT));
}

int passkey_add(struct ctx *c, int64_t session_id, const struct passkey_answer *answer, str name)
{
	struct webauthn_credential made;
	struct decoded d = { 0 };
	size_t n;

	TRY(check_name(c, &name));
	TRY(read_answer(c, PASSKEY_ADD, session_id, answer, &d));
	if (webauthn_register(c->arena, host_of(c->domain), d.authenticator_data, &made) ||
	    !str_eq(made.id, d.id))
		return refuse(c);
	TRY(spend(c, d.challenge));
	TRY(add_row(c,
		    &(struct q_passkey_add_args){
			    .domain_id = c->domain_id,
			    .user_id = c->user_id,
			    .credential_id = made.id,
			    .algorithm = made.key.algorithm,
			    .public_key = made.key.bytes,
			    .sign_count = made.sign_count,
			    .name = name,
			    .limit = PASSKEYS,
		    },
		    &n));
	return n ? 0 : fail(c, E_CONFLICT, "this passkey is known already, or there are too many");
}

int passkey_remove(struct ctx *c, int64_t id)
{
	size_t n;

	if (c->domain_id)
		TRY(q_passkey_remove(c, id, c->user_id, c->domain_id, &n));
	else
		TRY(q_operator_passkey_remove(c, id, c->user_id, &n));
	return n ? 0
		 : fail(c, E_NOT_FOUND,
			c->domain_id ? "there is no such passkey"
				     : "there is no such passkey, or nothing else proves you");
}

static int check_handle(struct ctx *c, int64_t user_id, const struct decoded *d)
{
	str handle;

	if (!d->user_handle.n)
		return 0;
	TRY(handle_of(c, user_id, &handle));
	return secret_eq(handle, d->user_handle) ? 0 : refuse(c);
}

static int check_proof(struct ctx *c, const struct passkey_found_row *row, const struct decoded *d,
		       int64_t *ret_count)
{
	const struct webauthn_key key = { (int)row->algorithm, row->public_key };
	const struct webauthn_assertion proof = { d->client_data, d->authenticator_data,
						  d->signature };

	return webauthn_assert(c->arena, host_of(c->domain), &key, &proof, ret_count) ? refuse(c)
										      : 0;
}

int passkey_prove(struct ctx *c, enum passkey_purpose purpose, int64_t session_id, int64_t user_id,
		  const struct passkey_answer *answer, const struct passkey_found_row **ret)
{
	const struct passkey_found_row *row;
	struct decoded d = { 0 };
	int64_t count;
	size_t n;
	int result;

	TRY(read_answer(c, purpose, session_id, answer, &d));
	result = find_row(c, d.id, &row);
	if (result == E_NOT_FOUND || (!result && user_id && row->user_id != user_id))
		return refuse(c);
	TRY(result);
	TRY(check_handle(c, row->user_id, &d));
	TRY(check_proof(c, row, &d, &count));
	TRY(spend(c, d.challenge));
	TRY(use_row(c, row->id, count, &n));
	if (!n)
		return refuse(c);
	*ret = row;
	return 0;
}
