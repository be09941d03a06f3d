/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a struct key holds a key of the one kind that it says, and each scheme works with the
 * kinds of one table only; a public key can therefore never be taken for a shared secret.
 *
 * RSA and Ed25519 are taken out of their wrapping here and handed to OpenSSL as the bare key:
 * that costs a microsecond, its own decoders for SubjectPublicKeyInfo cost nearly 200.
 */
#include <errno.h>
#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypt/key.h" /* own headers last: OpenSSL's use our attribute names for other things */

#include "base/err.h"
#include "base/out.h"
#include "crypt/hash.h"

#define RSA_BITS_NEW 2048
#define RSA_BITS_MIN 1024
#define RSA_BITS_MAX 8192
#define RSA_EXPONENT_BITS 64 /* a longer one makes us work for whoever chose it */
#define DER_LIMIT 8192
#define PEM_LIMIT 16384
#define P256_HALF 32

struct key {
	enum key_kind kind;
	EVP_PKEY *pkey; /* NULL for a secret */
	str secret;
};

static void pkey_freep(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static void md_ctx_freep(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

static void algor_freep(X509_ALGOR **p)
{
	X509_ALGOR_free(*p);
}

static void bits_freep(ASN1_BIT_STRING **p)
{
	ASN1_BIT_STRING_free(*p);
}

static void pkcs8_freep(PKCS8_PRIV_KEY_INFO **p)
{
	PKCS8_PRIV_KEY_INFO_free(*p);
}

static void bn_freep(BIGNUM **p)
{
	BN_free(*p);
}

static void ecdsa_freep(ECDSA_SIG **p)
{
	ECDSA_SIG_free(*p);
}

static void openssl_freep(unsigned char **p)
{
	OPENSSL_free(*p);
}

/* Algorithms of RFC 5280 and RFC 8410 that a key may be of. */
static const struct {
	int id; /* EVP_PKEY_... */
	enum key_kind kind;
} kinds[] = {
	{ EVP_PKEY_RSA, KEY_RSA },
	{ EVP_PKEY_RSA_PSS, KEY_RSA_PSS_ONLY },
	{ EVP_PKEY_ED25519, KEY_ED25519 },
	{ EVP_PKEY_EC, KEY_EC_P256 },
};

static bool rsa_is_fit(const EVP_PKEY *p)
{
	BIGNUM *e cleanup(bn_freep) = NULL;
	int bits = EVP_PKEY_get_bits(p);

	return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX &&
	       EVP_PKEY_get_bn_param(p, OSSL_PKEY_PARAM_RSA_E, &e) && BN_is_odd(e) &&
	       !BN_is_one(e) && !BN_is_negative(e) && BN_num_bits(e) <= RSA_EXPONENT_BITS;
}

static bool ec_is_p256(const EVP_PKEY *p)
{
	char group[32] = "";

	return EVP_PKEY_get_utf8_string_param(p, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
					      NULL) &&
	       OBJ_txt2nid(group) == NID_X9_62_prime256v1;
}

static bool is_fit(const EVP_PKEY *p, enum key_kind kind)
{
	switch (kind) {
	case KEY_RSA:
	case KEY_RSA_PSS_ONLY:
		return rsa_is_fit(p);
	case KEY_EC_P256:
		return ec_is_p256(p);
	case KEY_ED25519:
		return true;
	case KEY_SECRET:
		break;
	}
	return false;
}

static int key_new(enum key_kind kind, EVP_PKEY *pkey, str secret, struct key **ret)
{
	struct key *k = malloc(sizeof(*k));

	if (!k)
		return -ENOMEM;
	*k = (struct key){ .kind = kind, .pkey = pkey, .secret = secret };
	*ret = k;
	return 0;
}

/* Takes *p over when it is a key that we work with. */
static int key_of_pkey(EVP_PKEY **p, struct key **ret)
{
	int id = *p ? EVP_PKEY_get_base_id(*p) : EVP_PKEY_NONE;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].id == id && is_fit(*p, kinds[i].kind)) {
			TRY(key_new(kinds[i].kind, *p, STR_NULL, ret));
			*p = NULL;
			return 0;
		}
	/* The library keeps a queue of errors per thread that nobody would read. */
	ERR_clear_error();
	return E_INVALID;
}

static int algorithm_id(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *object = NULL;

	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	return OBJ_obj2nid(object);
}

/* SubjectPublicKeyInfo ::= SEQUENCE { AlgorithmIdentifier, BIT STRING }, and nothing behind it. */
static bool spki_open(str der, int *ret_id, ASN1_BIT_STRING **ret_key)
{
	const unsigned char *p = (const unsigned char *)der.p, *end = p + der.n;
	X509_ALGOR *algorithm cleanup(algor_freep) = NULL;
	ASN1_BIT_STRING *bits cleanup(bits_freep) = NULL;
	long length;
	int tag, class;

	if (der.n == 0 || der.n > DER_LIMIT ||
	    ASN1_get_object(&p, &length, &tag, &class, (long)der.n) != V_ASN1_CONSTRUCTED ||
	    tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL || p + length != end)
		return false;
	algorithm = d2i_X509_ALGOR(NULL, &p, end - p);
	if (!algorithm)
		return false;
	bits = d2i_ASN1_BIT_STRING(NULL, &p, end - p);
	if (!bits || p != end)
		return false;
	*ret_id = algorithm_id(algorithm);
	*ret_key = bits;
	bits = NULL;
	return true;
}

/* The key of a whole text that d2i reads to its end. */
static EVP_PKEY *read_public(int id, str spki, const ASN1_BIT_STRING *bits)
{
	const unsigned char *p = ASN1_STRING_get0_data(bits), *start = p;
	int n = ASN1_STRING_length(bits);
	EVP_PKEY *pkey;

	if (id == EVP_PKEY_ED25519)
		return EVP_PKEY_new_raw_public_key(id, NULL, p, (size_t)n);
	if (id != EVP_PKEY_RSA) {
		p = (const unsigned char *)spki.p;
		return d2i_PUBKEY(NULL, &p, (long)spki.n);
	}
	pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, n);
	if (pkey && p != start + n) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	return pkey;
}

int key_load_public(str der, struct key **ret)
{
	ASN1_BIT_STRING *bits cleanup(bits_freep) = NULL;
	EVP_PKEY *pkey cleanup(pkey_freep) = NULL;
	int id;

	if (spki_open(der, &id, &bits))
		pkey = read_public(id, der, bits);
	return key_of_pkey(&pkey, ret);
}

/* OpenSSL's own PKCS#8 reader tries one kind after the other, so RSA is named to it. */
static EVP_PKEY *read_private(const PKCS8_PRIV_KEY_INFO *info)
{
	const ASN1_OBJECT *object = NULL;
	const unsigned char *p = NULL;
	int n = 0;

	if (!PKCS8_pkey_get0(&object, &p, &n, NULL, info))
		return NULL;
	if (OBJ_obj2nid(object) == EVP_PKEY_RSA)
		return d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, n);
	return EVP_PKCS82PKEY(info);
}

int key_load_private(str der, struct key **ret)
{
	PKCS8_PRIV_KEY_INFO *info cleanup(pkcs8_freep) = NULL;
	EVP_PKEY *pkey cleanup(pkey_freep) = NULL;
	const unsigned char *p = (const unsigned char *)der.p;

	if (der.n && der.n <= DER_LIMIT)
		info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.n);
	if (info && (const char *)p == der.p + der.n)
		pkey = read_private(info);
	return key_of_pkey(&pkey, ret);
}

int key_load_secret(str secret, struct key **ret)
{
	char *copy;
	int result;

	if (secret.n == 0 || secret.n > DER_LIMIT)
		return E_INVALID;
	copy = OPENSSL_memdup(secret.p, secret.n);
	if (!copy)
		return -ENOMEM;
	result = key_new(KEY_SECRET, NULL, (str){ copy, secret.n }, ret);
	if (result)
		OPENSSL_clear_free(copy, secret.n);
	return result;
}

void key_free(struct key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	OPENSSL_clear_free((void *)k->secret.p, k->secret.n);
	free(k);
}

void key_freep(struct key **k)
{
	key_free(*k);
}

enum key_kind key_kind(const struct key *k)
{
	return k->kind;
}

static int dump(struct arena *a, int n, const unsigned char *p, str *ret)
{
	if (n <= 0)
		return -EIO;
	*ret = (str){ arena_copy(a, p, (size_t)n), (size_t)n };
	return 0;
}

static int dump_private(struct arena *a, const EVP_PKEY *pkey, str *ret)
{
	PKCS8_PRIV_KEY_INFO *info cleanup(pkcs8_freep) = EVP_PKEY2PKCS8(pkey);
	unsigned char *p cleanup(openssl_freep) = NULL;
	int n = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &p) : 0;

	return dump(a, n, p, ret);
}

static int dump_public(struct arena *a, const EVP_PKEY *pkey, str *ret)
{
	unsigned char *p cleanup(openssl_freep) = NULL;
	int n = i2d_PUBKEY(pkey, &p);

	return dump(a, n, p, ret);
}

static int dump_pair(struct arena *a, EVP_PKEY **made, str *ret_private, str *ret_public)
{
	EVP_PKEY *pkey cleanup(pkey_freep) = *made;
	str private, public;

	if (!pkey)
		return -EIO;
	TRY(dump_private(a, pkey, &private));
	TRY(dump_public(a, pkey, &public));
	*ret_private = private;
	*ret_public = public;
	return 0;
}

int key_generate_rsa(struct arena *a, str *ret_private, str *ret_public)
{
	EVP_PKEY *pkey = EVP_RSA_gen(RSA_BITS_NEW);

	return dump_pair(a, &pkey, ret_private, ret_public);
}

int key_generate_ed25519(struct arena *a, str *ret_private, str *ret_public)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	return dump_pair(a, &pkey, ret_private, ret_public);
}

int key_generate_p256(struct arena *a, str *ret_private, str *ret_public)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");

	return dump_pair(a, &pkey, ret_private, ret_public);
}

/* What stands between the marks of a PEM text (RFC 7468); the null str when the marks do not. */
static str pem_body(str pem, str begin, str end)
{
	pem = str_trim(pem);
	if (pem.n < begin.n + end.n || !str_starts(pem, begin) || !str_ends(pem, end))
		return STR_NULL;
	return str_slice(pem, begin.n, pem.n - end.n);
}

static bool pem_decode(struct arena *a, str body, str *ret)
{
	struct out text;
	str done;

	out_init(&text, a, PEM_LIMIT);
	for (size_t i = 0; i < body.n; i++)
		if (!char_is_space(body.p[i]))
			out_char(&text, body.p[i]);
	return out_done(&text, &done) == 0 && base64_decode(a, done, ret);
}

/* RSAPublicKey (RFC 8017, A.1.1) in the wrapping that everything else here wants. */
static int spki_of_pkcs1(struct arena *a, str der, str *ret)
{
	const unsigned char *p = (const unsigned char *)der.p;
	EVP_PKEY *pkey cleanup(pkey_freep) = NULL;

	if (der.n && der.n <= DER_LIMIT)
		pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)der.n);
	if (!pkey || (const char *)p != der.p + der.n) {
		ERR_clear_error();
		return E_INVALID;
	}
	return dump_public(a, pkey, ret);
}

static int check_public(str der)
{
	struct key *k cleanup(key_freep) = NULL;

	return key_load_public(der, &k);
}

#define PEM_BEGIN(what) STR("-----BEGIN " what "-----")
#define PEM_END(what) STR("-----END " what "-----")

int key_public_from_pem(struct arena *a, str pem, str *ret_der)
{
	str body, der;

	if (pem.n > PEM_LIMIT)
		return E_INVALID;
	body = pem_body(pem, PEM_BEGIN("PUBLIC KEY"), PEM_END("PUBLIC KEY"));
	if (!str_is_null(body)) {
		if (!pem_decode(a, body, &der))
			return E_INVALID;
	} else {
		body = pem_body(pem, PEM_BEGIN("RSA PUBLIC KEY"), PEM_END("RSA PUBLIC KEY"));
		if (str_is_null(body) || !pem_decode(a, body, &der))
			return E_INVALID;
		TRY(spki_of_pkcs1(a, der, &der));
	}
	TRY(check_public(der));
	*ret_der = der;
	return 0;
}

str key_public_to_pem(struct arena *a, str der)
{
	const size_t width = 64;
	str text = base64_encode(a, der), pem = STR("");
	struct out o;

	out_init(&o, a, SIZE_MAX);
	out_str(&o, PEM_BEGIN("PUBLIC KEY"));
	for (size_t i = 0; i < text.n; i += width) {
		out_char(&o, '\n');
		out_str(&o, str_slice(text, i, i + width));
	}
	out_char(&o, '\n');
	out_str(&o, PEM_END("PUBLIC KEY"));
	out_char(&o, '\n');
	if (out_done(&o, &pem))
		abort();
	return pem;
}

/* Which scheme works with which kind of key, and how. */
static const struct {
	enum key_scheme scheme;
	enum key_kind kind;
	const EVP_MD *(*digest)(void); /* NULL: the scheme brings its own */
	int padding; /* of RSA; 0: none */
} schemes[] = {
	{ KEY_RSA_V1_5_SHA256, KEY_RSA, EVP_sha256, RSA_PKCS1_PADDING },
	{ KEY_RSA_V1_5_SHA512, KEY_RSA, EVP_sha512, RSA_PKCS1_PADDING },
	{ KEY_RSA_PSS_SHA512, KEY_RSA, EVP_sha512, RSA_PKCS1_PSS_PADDING },
	{ KEY_RSA_PSS_SHA512, KEY_RSA_PSS_ONLY, EVP_sha512, RSA_PKCS1_PSS_PADDING },
	{ KEY_ED25519_PURE, KEY_ED25519, NULL, 0 },
	{ KEY_ECDSA_P256_SHA256, KEY_EC_P256, EVP_sha256, 0 },
};

typedef int (*init_fn)(EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, ENGINE *, EVP_PKEY *);

/* Begins to sign or verify; false when the scheme does not fit the key. */
static bool begin(EVP_MD_CTX *m, const struct key *k, enum key_scheme scheme, init_fn init)
{
	EVP_PKEY_CTX *options = NULL;
	size_t i = 0;

	while (i < ARRAY_SIZE(schemes) &&
	       (schemes[i].scheme != scheme || schemes[i].kind != k->kind))
		i++;
	if (i == ARRAY_SIZE(schemes) || !m ||
	    init(m, &options, schemes[i].digest ? schemes[i].digest() : NULL, NULL, k->pkey) != 1)
		return false;
	if (schemes[i].padding && EVP_PKEY_CTX_set_rsa_padding(options, schemes[i].padding) != 1)
		return false;
	/* RFC 9421, 3.3.1: salt as long as the digest, MGF1 with the same digest. */
	return schemes[i].padding != RSA_PKCS1_PSS_PADDING ||
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
}

/* RFC 9421, 3.3.4: r and s side by side instead of OpenSSL's DER. */
static int ecdsa_to_raw(struct arena *a, str der, str *ret)
{
	const unsigned char *p = (const unsigned char *)der.p;
	ECDSA_SIG *sig cleanup(ecdsa_freep) = d2i_ECDSA_SIG(NULL, &p, (long)der.n);
	unsigned char *raw = arena_alloc(a, 2 * P256_HALF);

	if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, P256_HALF) < 0 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + P256_HALF, P256_HALF) < 0)
		return -EIO;
	*ret = (str){ (char *)raw, 2 * P256_HALF };
	return 0;
}

static bool ecdsa_from_raw(str raw, unsigned char **ret, size_t *ret_n)
{
	const unsigned char *p = (const unsigned char *)raw.p;
	ECDSA_SIG *sig cleanup(ecdsa_freep) = ECDSA_SIG_new();
	BIGNUM *r cleanup(bn_freep) = NULL;
	BIGNUM *s cleanup(bn_freep) = NULL;
	int n;

	if (raw.n != 2 * P256_HALF || !sig)
		return false;
	r = BN_bin2bn(p, P256_HALF, NULL);
	s = BN_bin2bn(p + P256_HALF, P256_HALF, NULL);
	if (!r || !s || !ECDSA_SIG_set0(sig, r, s))
		return false;
	r = s = NULL;
	n = i2d_ECDSA_SIG(sig, ret);
	*ret_n = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static int sign_with_pkey(struct arena *a, const struct key *k, enum key_scheme scheme, str data,
			  str *ret)
{
	EVP_MD_CTX *m cleanup(md_ctx_freep) = EVP_MD_CTX_new();
	unsigned char *p;
	size_t n;

	if (!begin(m, k, scheme, EVP_DigestSignInit)) {
		ERR_clear_error();
		return E_INVALID;
	}
	n = (size_t)EVP_PKEY_get_size(k->pkey);
	p = arena_alloc(a, n);
	if (EVP_DigestSign(m, p, &n, (const unsigned char *)data.p, data.n) != 1) {
		ERR_clear_error();
		return E_INVALID;
	}
	if (k->kind == KEY_EC_P256)
		return ecdsa_to_raw(a, (str){ (char *)p, n }, ret);
	*ret = (str){ (char *)p, n };
	return 0;
}

int key_sign(struct arena *a, const struct key *k, enum key_scheme scheme, str data, str *ret)
{
	if (k->kind != KEY_SECRET)
		return sign_with_pkey(a, k, scheme, data, ret);
	if (scheme != KEY_HMAC_SHA256)
		return E_INVALID;
	*ret = hash_hmac_sha256(a, k->secret, data);
	return 0;
}

static bool verify_with_pkey(const struct key *k, enum key_scheme scheme, str data, str signature)
{
	EVP_MD_CTX *m cleanup(md_ctx_freep) = EVP_MD_CTX_new();
	unsigned char *der cleanup(openssl_freep) = NULL;
	const unsigned char *p = (const unsigned char *)signature.p;
	size_t n = signature.n;

	if (!begin(m, k, scheme, EVP_DigestVerifyInit))
		return false;
	if (k->kind == KEY_EC_P256) {
		if (!ecdsa_from_raw(signature, &der, &n))
			return false;
		p = der;
	} else if (n != (size_t)EVP_PKEY_get_size(k->pkey)) {
		/* Else OpenSSL takes a PSS signature without its leading zero as well. */
		return false;
	}
	return EVP_DigestVerify(m, p, n, (const unsigned char *)data.p, data.n) == 1;
}

bool key_verify(const struct key *k, enum key_scheme scheme, str data, str signature)
{
	struct arena *scratch cleanup(arena_freep) = NULL;
	bool good;

	if (k->kind != KEY_SECRET) {
		good = verify_with_pkey(k, scheme, data, signature);
		ERR_clear_error();
		return good;
	}
	if (scheme != KEY_HMAC_SHA256)
		return false;
	scratch = arena_new();
	return secret_eq(hash_hmac_sha256(scratch, k->secret, data), signature);
}
