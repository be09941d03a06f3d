/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: each message has a key and a salt of its own, so no key encrypts twice and the nonce,
 * which follows from both, is never used again. Messages are one record long.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "crypt/webpush.h" /* own headers last: OpenSSL's use our attribute names for other things */

#include "base/err.h"
#include "base/out.h"
#include "crypt/hash.h"
#include "crypt/key.h"

#define RECORD_SIZE 4096
#define TAG 16
#define KEY_BYTES 16
#define NONCE_BYTES 12
#define SECRET_BYTES 32
#define BUFFER_LIMIT 8192

/* SubjectPublicKeyInfo of P-256 up to the point (RFC 5480). */
static const unsigned char spki_head[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
					   0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
					   0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };

static void pkey_freep(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static void pkey_ctx_freep(EVP_PKEY_CTX **p)
{
	EVP_PKEY_CTX_free(*p);
}

static void cipher_freep(EVP_CIPHER_CTX **p)
{
	EVP_CIPHER_CTX_free(*p);
}

static void pkcs8_freep(PKCS8_PRIV_KEY_INFO **p)
{
	PKCS8_PRIV_KEY_INFO_free(*p);
}

/* NULL for bytes that are no point of the curve. */
static EVP_PKEY *load_point(str point)
{
	unsigned char der[sizeof(spki_head) + WEBPUSH_POINT];
	const unsigned char *p = der;
	EVP_PKEY *key;

	if (point.n != WEBPUSH_POINT || point.p[0] != 4)
		return NULL;
	memcpy(der, spki_head, sizeof(spki_head));
	memcpy(der + sizeof(spki_head), point.p, point.n);
	key = d2i_PUBKEY(NULL, &p, sizeof(der));
	ERR_clear_error();
	return key;
}

static EVP_PKEY *load_private(str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	PKCS8_PRIV_KEY_INFO *info cleanup(pkcs8_freep) =
		d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.n);
	EVP_PKEY *key = info ? EVP_PKCS82PKEY(info) : NULL;

	ERR_clear_error();
	return key;
}

bool webpush_is_receiver(const struct webpush_receiver *to)
{
	EVP_PKEY *key cleanup(pkey_freep) = load_point(to->point);

	return key && to->auth.n == WEBPUSH_AUTH;
}

/* The point of a private key. */
static int point_of(struct arena *a, const EVP_PKEY *key, str *ret)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	if (n != (int)sizeof(spki_head) + WEBPUSH_POINT) {
		OPENSSL_free(der);
		return E_INVALID;
	}
	*ret = (str){ arena_copy(a, der + sizeof(spki_head), WEBPUSH_POINT), WEBPUSH_POINT };
	OPENSSL_free(der);
	return 0;
}

/* What only the two holders of the keys can compute. */
static int agree(struct arena *a, EVP_PKEY *mine, EVP_PKEY *theirs, str *ret)
{
	EVP_PKEY_CTX *x cleanup(pkey_ctx_freep) = EVP_PKEY_CTX_new(mine, NULL);
	unsigned char *secret = arena_alloc(a, SECRET_BYTES);
	size_t n = SECRET_BYTES;

	if (!x || EVP_PKEY_derive_init(x) != 1 || EVP_PKEY_derive_set_peer(x, theirs) != 1 ||
	    EVP_PKEY_derive(x, secret, &n) != 1) {
		ERR_clear_error();
		return E_INVALID;
	}
	*ret = (str){ (char *)secret, n };
	return 0;
}

static str join(struct arena *a, const str *parts, size_t n)
{
	struct out o;
	str all = STR("");

	out_init(&o, a, BUFFER_LIMIT);
	for (size_t i = 0; i < n; i++)
		out_str(&o, parts[i]);
	return out_done(&o, &all) ? STR_NULL : all;
}

/* HKDF-Expand (RFC 5869, 2.3) for at most one block. */
static str expand(struct arena *a, str key, str info, size_t n)
{
	str parts[] = { info, STR("\1") };

	return str_slice(hash_hmac_sha256(a, key, join(a, parts, ARRAY_SIZE(parts))), 0, n);
}

struct keys {
	str key, nonce;
};

/* RFC 8291, 3.3 and 3.4. */
static struct keys keys_of_final(struct arena *a, const struct webpush_receiver *to, str secret,
				 const struct webpush_message *m)
{
	str info[] = { STR("WebPush: info\0"), to->point, m->point };
	str input = expand(a, hash_hmac_sha256(a, to->auth, secret),
			   join(a, info, ARRAY_SIZE(info)), SECRET_BYTES);
	str prk = hash_hmac_sha256(a, m->salt, input);

	return (struct keys){
		expand(a, prk, STR("Content-Encoding: aes128gcm\0"), KEY_BYTES),
		expand(a, prk, STR("Content-Encoding: nonce\0"), NONCE_BYTES),
	};
}

/* draft-ietf-webpush-encryption-04, 3.3; draft-ietf-httpbis-encryption-encoding-03, 3.2 and 3.3. */
static struct keys keys_of_draft(struct arena *a, const struct webpush_receiver *to, str secret,
				 const struct webpush_message *m)
{
	str input = expand(a, hash_hmac_sha256(a, to->auth, secret),
			   STR("Content-Encoding: auth\0"), SECRET_BYTES);
	str prk = hash_hmac_sha256(a, m->salt, input);
	str context[] = { STR_NULL, STR("P-256\0\0\x41"), to->point, STR("\0\x41"), m->point };
	struct keys k;

	context[0] = STR("Content-Encoding: aesgcm\0");
	k.key = expand(a, prk, join(a, context, ARRAY_SIZE(context)), KEY_BYTES);
	context[0] = STR("Content-Encoding: nonce\0");
	k.nonce = expand(a, prk, join(a, context, ARRAY_SIZE(context)), NONCE_BYTES);
	return k;
}

/* AES-128-GCM with the tag behind the text. */
static int encrypt(struct arena *a, const struct keys *k, str text, str *ret)
{
	EVP_CIPHER_CTX *x cleanup(cipher_freep) = EVP_CIPHER_CTX_new();
	unsigned char *p = arena_alloc(a, text.n + TAG);
	int n = 0, rest = 0;

	if (!x ||
	    EVP_EncryptInit_ex(x, EVP_aes_128_gcm(), NULL, (const unsigned char *)k->key.p,
			       (const unsigned char *)k->nonce.p) != 1 ||
	    EVP_EncryptUpdate(x, p, &n, (const unsigned char *)text.p, (int)text.n) != 1 ||
	    EVP_EncryptFinal_ex(x, p + n, &rest) != 1 ||
	    EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_GET_TAG, TAG, p + n + rest) != 1)
		return -EIO;
	*ret = (str){ (char *)p, (size_t)(n + rest) + TAG };
	return 0;
}

static int seal_final(struct arena *a, const struct webpush_receiver *to, str secret, str text,
		      struct webpush_message *m)
{
	struct keys k = keys_of_final(a, to, secret, m);
	/* RFC 8188, 2.1: salt, size of records, length and bytes of the key's name. */
	str parts[] = { m->salt, STR("\0\0\x10\0\x41"), m->point, STR_NULL };
	str padded[] = { text, STR("\2") };

	TRY(encrypt(a, &k, join(a, padded, ARRAY_SIZE(padded)), &parts[3]));
	m->body = join(a, parts, ARRAY_SIZE(parts));
	return 0;
}

static int seal_draft(struct arena *a, const struct webpush_receiver *to, str secret, str text,
		      struct webpush_message *m)
{
	struct keys k = keys_of_draft(a, to, secret, m);
	str padded[] = { STR("\0\0"), text };

	return encrypt(a, &k, join(a, padded, ARRAY_SIZE(padded)), &m->body);
}

int webpush_seal_with(struct arena *a, enum webpush_encoding e, const struct webpush_receiver *to,
		      str text, str private_der, str salt, struct webpush_message *ret)
{
	EVP_PKEY *mine cleanup(pkey_freep) = load_private(private_der);
	EVP_PKEY *theirs cleanup(pkey_freep) = load_point(to->point);
	struct webpush_message m = { .salt = salt };
	str secret;

	if (!mine || !theirs || to->auth.n != WEBPUSH_AUTH || salt.n != WEBPUSH_SALT)
		return E_INVALID;
	if (text.n > WEBPUSH_TEXT_LIMIT)
		return E_TOO_LARGE;
	TRY(point_of(a, mine, &m.point));
	TRY(agree(a, mine, theirs, &secret));
	if (e == WEBPUSH_AES128GCM)
		TRY(seal_final(a, to, secret, text, &m));
	else
		TRY(seal_draft(a, to, secret, text, &m));
	*ret = m;
	return 0;
}

int webpush_seal(struct arena *a, enum webpush_encoding e, const struct webpush_receiver *to,
		 str text, struct webpush_message *ret)
{
	str private_der, point;

	TRY(webpush_key_generate(a, &private_der, &point));
	return webpush_seal_with(a, e, to, text, private_der, random_bytes(a, WEBPUSH_SALT), ret);
}

int webpush_key_generate(struct arena *a, str *ret_private, str *ret_point)
{
	str spki;

	TRY(key_generate_p256(a, ret_private, &spki));
	*ret_point = str_from(spki, sizeof(spki_head));
	return 0;
}

int webpush_vapid_token(struct arena *a, str private_der, str audience, str subject, usec expires,
			str *ret)
{
	struct key *key cleanup(key_freep) = NULL;
	str claims = str_fmt(a, "{\"aud\":\"" STR_FMT "\",\"exp\":%lld,\"sub\":\"" STR_FMT "\"}",
			     STR_ARG(audience), (long long)(expires / USEC_SEC), STR_ARG(subject));
	str text = str_fmt(a, STR_FMT "." STR_FMT,
			   STR_ARG(base64url_encode(a, STR("{\"typ\":\"JWT\",\"alg\":\"ES256\"}"))),
			   STR_ARG(base64url_encode(a, claims)));
	str signature;

	TRY(key_load_private(private_der, &key));
	TRY(key_sign(a, key, KEY_ECDSA_P256_SHA256, text, &signature));
	*ret = str_fmt(a, STR_FMT "." STR_FMT, STR_ARG(text),
		       STR_ARG(base64url_encode(a, signature)));
	return 0;
}
