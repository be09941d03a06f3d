/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: sealing never fails; a library that cannot encrypt leaves nothing safe to do, so the
 * process ends.
 */
#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "crypt/seal.h" /* own headers last: OpenSSL's use our attribute names for other things */

#include "base/err.h"
#include "crypt/hash.h"

#define NONCE 12
#define TAG 16

static void cipher_freep(EVP_CIPHER_CTX **p)
{
	EVP_CIPHER_CTX_free(*p);
}

static unsigned char *bytes(str s)
{
	return (unsigned char *)(uintptr_t)s.p;
}

str seal(struct arena *a, str key, str text)
{
	EVP_CIPHER_CTX *x cleanup(cipher_freep) = EVP_CIPHER_CTX_new();
	unsigned char *p = arena_alloc(a, NONCE + text.n + TAG), *body = p + NONCE;
	int n = 0, rest = 0;

	assert(key.n == SEAL_KEY);
	memcpy(p, random_bytes(a, NONCE).p, NONCE);
	if (!x || EVP_EncryptInit_ex(x, EVP_aes_256_gcm(), NULL, bytes(key), p) != 1 ||
	    EVP_EncryptUpdate(x, body, &n, bytes(text), (int)text.n) != 1 ||
	    EVP_EncryptFinal_ex(x, body + n, &rest) != 1 ||
	    EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_GET_TAG, TAG, body + text.n) != 1)
		abort();
	return (str){ (char *)p, NONCE + text.n + TAG };
}

int seal_open(struct arena *a, str key, str sealed, str *ret)
{
	EVP_CIPHER_CTX *x cleanup(cipher_freep) = EVP_CIPHER_CTX_new();
	size_t length = sealed.n - NONCE - TAG;
	unsigned char *p;
	int n = 0, rest = 0;

	assert(key.n == SEAL_KEY);
	if (sealed.n < NONCE + TAG)
		return E_INVALID;
	p = arena_alloc(a, length + 1);
	if (!x || EVP_DecryptInit_ex(x, EVP_aes_256_gcm(), NULL, bytes(key), bytes(sealed)) != 1 ||
	    EVP_DecryptUpdate(x, p, &n, bytes(sealed) + NONCE, (int)length) != 1 ||
	    EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_SET_TAG, TAG, bytes(sealed) + NONCE + length) !=
		    1 ||
	    EVP_DecryptFinal_ex(x, p + n, &rest) != 1)
		return E_INVALID;
	*ret = (str){ (char *)p, length };
	return 0;
}
