/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What authenticators make (WebAuthn Level 3): new keys and proofs of having them. The only door to libfido2, of
 * which nothing is used that speaks to a device. What the browser says around it (client data) is judged by the caller.
 */
#ifndef CRYPT_WEBAUTHN_H
#define CRYPT_WEBAUTHN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

#define WEBAUTHN_ES256 (-7) /* COSE algorithms (RFC 9053) */
#define WEBAUTHN_EDDSA (-8)
#define WEBAUTHN_RS256 (-257)
#define WEBAUTHN_DATA_LIMIT 4096 /* bytes of authenticator data */

struct webauthn_key {
	int algorithm;
	str bytes; /* raw: x and y, the point, or modulus and exponent */
};

struct webauthn_credential {
	str id;
	struct webauthn_key key;
	int64_t sign_count;
};

/*
 * A new key in authenticator data (6.1), made for a host name by somebody who was there and was verified. E_INVALID
 * for anything else. Who made the authenticator is not asked for (attestation "none").
 */
int webauthn_register(struct arena *a, str rp_id, str authenticator_data,
		      struct webauthn_credential *ret) must_check;

struct webauthn_assertion {
	str client_data, authenticator_data, signature;
};
/* A proof with a key, for a host name, by somebody who was there and was verified (7.2, 16 to 21). E_INVALID. */
int webauthn_assert(struct arena *a, str rp_id, const struct webauthn_key *key,
		    const struct webauthn_assertion *proof, int64_t *ret_sign_count) must_check;

#endif
