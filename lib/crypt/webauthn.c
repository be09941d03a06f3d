/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the fixed head of authenticator data (host name, flags, counter) is judged here before the library reads
 * the rest, and no length of a stranger reaches the library beyond the limit.
 */
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <pthread.h>

#include "crypt/webauthn.h" /* own headers last: the library's use our attribute names for other things */

#include "base/err.h"
#include "crypt/hash.h"

#define HEAD 37 /* bytes: hash of the host name, flags, counter */
#define HASH 32
#define FLAG_PRESENT 0x01
#define FLAG_VERIFIED 0x04
#define FLAG_KEY 0x40 /* a new key follows */

static void start(void)
{
	fido_init(0);
}

static void start_library(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start);
}

static const unsigned char *bytes(str s)
{
	return (const unsigned char *)s.p;
}

static bool head_is_good(struct arena *a, str rp_id, str data, unsigned flags)
{
	if (data.n < HEAD || data.n > WEBAUTHN_DATA_LIMIT)
		return false;
	flags |= FLAG_PRESENT | FLAG_VERIFIED;
	return secret_eq(str_slice(data, 0, HASH), hash_sha256(a, rp_id)) &&
	       (bytes(data)[HASH] & flags) == flags;
}

static int64_t count_of(str data)
{
	const unsigned char *p = bytes(data) + HASH + 1;

	return (int64_t)p[0] << 24 | (int64_t)p[1] << 16 | (int64_t)p[2] << 8 | p[3];
}

static void free_cred(fido_cred_t **cred)
{
	fido_cred_free(cred);
}

static bool read_as(struct arena *a, int algorithm, str data, struct webauthn_credential *ret)
{
	fido_cred_t *cred cleanup(free_cred) = fido_cred_new();

	if (!cred || fido_cred_set_type(cred, algorithm) != FIDO_OK ||
	    fido_cred_set_authdata_raw(cred, bytes(data), data.n) != FIDO_OK ||
	    !fido_cred_id_len(cred) || !fido_cred_pubkey_len(cred))
		return false;
	*ret = (struct webauthn_credential){
		.id = str_dup(a, (str){ (const char *)fido_cred_id_ptr(cred),
					fido_cred_id_len(cred) }),
		.key = { algorithm, str_dup(a, (str){ (const char *)fido_cred_pubkey_ptr(cred),
						      fido_cred_pubkey_len(cred) }) },
		.sign_count = count_of(data),
	};
	return true;
}

int webauthn_register(struct arena *a, str rp_id, str authenticator_data,
		      struct webauthn_credential *ret)
{
	static const int algorithms[] = { WEBAUTHN_ES256, WEBAUTHN_EDDSA, WEBAUTHN_RS256 };

	start_library();
	if (!head_is_good(a, rp_id, authenticator_data, FLAG_KEY))
		return E_INVALID;
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
		if (read_as(a, algorithms[i], authenticator_data, ret))
			return 0;
	return E_INVALID;
}

static bool verify_es256(const fido_assert_t *proof, str key)
{
	es256_pk_t *pk = es256_pk_new();
	bool fits = pk && es256_pk_from_ptr(pk, key.p, key.n) == FIDO_OK &&
		    fido_assert_verify(proof, 0, COSE_ES256, pk) == FIDO_OK;

	es256_pk_free(&pk);
	return fits;
}

static bool verify_eddsa(const fido_assert_t *proof, str key)
{
	eddsa_pk_t *pk = eddsa_pk_new();
	bool fits = pk && eddsa_pk_from_ptr(pk, key.p, key.n) == FIDO_OK &&
		    fido_assert_verify(proof, 0, COSE_EDDSA, pk) == FIDO_OK;

	eddsa_pk_free(&pk);
	return fits;
}

static bool verify_rs256(const fido_assert_t *proof, str key)
{
	rs256_pk_t *pk = rs256_pk_new();
	bool fits = pk && rs256_pk_from_ptr(pk, key.p, key.n) == FIDO_OK &&
		    fido_assert_verify(proof, 0, COSE_RS256, pk) == FIDO_OK;

	rs256_pk_free(&pk);
	return fits;
}

static bool verify(const fido_assert_t *proof, const struct webauthn_key *key)
{
	switch (key->algorithm) {
	case WEBAUTHN_ES256:
		return verify_es256(proof, key->bytes);
	case WEBAUTHN_EDDSA:
		return verify_eddsa(proof, key->bytes);
	case WEBAUTHN_RS256:
		return verify_rs256(proof, key->bytes);
	default:
		return false;
	}
}

static void free_assert(fido_assert_t **proof)
{
	fido_assert_free(proof);
}

int webauthn_assert(struct arena *a, str rp_id, const struct webauthn_key *key,
		    const struct webauthn_assertion *w, int64_t *ret_sign_count)
{
	fido_assert_t *proof cleanup(free_assert) = NULL;

	start_library();
	if (!head_is_good(a, rp_id, w->authenticator_data, 0) || !w->signature.n)
		return E_INVALID;
	proof = fido_assert_new();
	if (!proof || fido_assert_set_count(proof, 1) != FIDO_OK ||
	    fido_assert_set_rp(proof, str_z(a, rp_id)) != FIDO_OK ||
	    fido_assert_set_clientdata(proof, bytes(w->client_data), w->client_data.n) != FIDO_OK ||
	    fido_assert_set_up(proof, FIDO_OPT_TRUE) != FIDO_OK ||
	    fido_assert_set_uv(proof, FIDO_OPT_TRUE) != FIDO_OK ||
	    fido_assert_set_authdata_raw(proof, 0, bytes(w->authenticator_data),
					 w->authenticator_data.n) != FIDO_OK ||
	    fido_assert_set_sig(proof, 0, bytes(w->signature), w->signature.n) != FIDO_OK ||
	    !verify(proof, key))
		return E_INVALID;
	*ret_sign_count = count_of(w->authenticator_data);
	return 0;
}
