/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: nothing is stored; what a browser keeps shows by itself that it is ours, for which address and how long. */
#include "model/device.h"

#include "crypt/hash.h"
#include "model/factor.h"

#define NONCE 16 /* bytes */

static int sign(struct ctx *c, str email, str nonce, int64_t ends, str *ret)
{
	str key;

	TRY(factor_key(c, "browsers that were in", &key));
	*ret = base64url_encode(
		c->arena,
		hash_hmac_sha256(c->arena, key,
				 str_fmt(c->arena, "%lld %lld %.*s %.*s", (long long)c->domain_id,
					 (long long)ends, STR_ARG(nonce),
					 STR_ARG(str_lower(c->arena, str_trim(email))))));
	return 0;
}

int device_make(struct ctx *c, str email, str *ret)
{
	int64_t ends = (c->now + DEVICE_LIFETIME) / USEC_SEC;
	str nonce = random_token(c->arena, NONCE), signature;

	TRY(sign(c, email, nonce, ends, &signature));
	*ret = str_fmt(c->arena, "%lld.%.*s.%.*s", (long long)ends, STR_ARG(nonce),
		       STR_ARG(signature));
	return 0;
}

bool device_is_known(struct ctx *c, str email, str device)
{
	str rest = device, ends, nonce, right;
	int64_t seconds;

	if (str_is_empty(device) || !str_cut(&rest, '.', &ends) || !str_cut(&rest, '.', &nonce) ||
	    !str_to_i64(ends, &seconds) || seconds < c->now / USEC_SEC)
		return false;
	return sign(c, email, nonce, seconds, &right) == 0 && secret_eq(right, rest);
}
