/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Keys and signatures; with hash.h and password.h the only door to OpenSSL and libxcrypt. The calls
 * here compute for up to a millisecond and never wait: callers in a fiber go through offload()
 * where concurrency.md says so (signing, key generation, password hashing).
 *
 * Private keys are stored as PKCS#8 DER (which loads in a tenth of a millisecond: keep them
 * loaded), public keys as SubjectPublicKeyInfo DER (which loads in a microsecond), and shown to
 * peers as PEM.
 */
#ifndef CRYPT_KEY_H
#define CRYPT_KEY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

struct key; /* a loaded private or public key; free with key_free */

enum key_kind { KEY_RSA, KEY_ED25519, KEY_EC_P256, KEY_RSA_PSS_ONLY, KEY_SECRET };

/* A new RSA-2048 pair: private and public DER. -EIO when the library fails. */
int key_generate_rsa(struct arena *a, str *ret_private, str *ret_public) must_check;
int key_generate_ed25519(struct arena *a, str *ret_private, str *ret_public) must_check;
int key_generate_p256(struct arena *a, str *ret_private, str *ret_public) must_check;

/* E_INVALID for bytes that are no such key, RSA below 1024 or over 8192 bits, or another kind. */
int key_load_private(str der, struct key **ret) must_check;
int key_load_public(str der, struct key **ret) must_check;
/* A shared secret of 1 to 8192 bytes, for KEY_HMAC_SHA256 and nothing else. */
int key_load_secret(str secret, struct key **ret) must_check;
/* PEM of SPKI or PKCS#1, also on one line or with spaces for line breaks, to SPKI DER. */
int key_public_from_pem(struct arena *a, str pem, str *ret_der) must_check;
str key_public_to_pem(struct arena *a, str der);
void key_free(struct key *k);
void key_freep(struct key **k);
enum key_kind key_kind(const struct key *k);

/* Signature schemes of RFC 9421 (section 3.3) and draft-cavage. */
enum key_scheme {
	KEY_RSA_V1_5_SHA256,
	KEY_RSA_V1_5_SHA512,
	KEY_RSA_PSS_SHA512,
	KEY_ED25519_PURE,
	KEY_ECDSA_P256_SHA256,
	KEY_HMAC_SHA256,
};

/* Raw signature bytes. E_INVALID when the scheme does not fit the key. */
int key_sign(struct arena *a, const struct key *k, enum key_scheme scheme, str data,
	     str *ret) must_check;
/* False for a wrong signature as for a scheme that does not fit. */
bool key_verify(const struct key *k, enum key_scheme scheme, str data, str signature);

#endif
