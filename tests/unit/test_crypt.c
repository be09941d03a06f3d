/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/crypt: known answers of digests and text forms, which keys are loaded and which refused, each
 * scheme with each kind of key, PEM as peers write it, and passwords.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/out.h"
#include "crypt/hash.h"
#include "crypt/key.h"
#include "crypt/password.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define GOLDEN "tests/golden/crypt/"

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void filep_close(FILE **f)
{
	if (*f)
		fclose(*f);
}

static str file_read(struct arena *a, const char *path)
{
	FILE *f cleanup(filep_close) = fopen(path, "rb");
	char block[4096];
	struct out o;
	size_t n;
	str text;

	assert_non_null(f);
	out_init(&o, a, 1 << 20);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		out_str(&o, (str){ block, n });
	assert_int_equal(out_done(&o, &text), 0);
	return text;
}

static void assert_str(str got, const char *want)
{
	if (!str_eq_c(got, want))
		fail_msg("got \"" STR_FMT "\", want \"%s\"", STR_ARG(got), want);
}

static void test_digests(void **state)
{
	struct arena *a = *state;
	str key = STR("Jefe"), data = STR("what do ya want for nothing?");

	assert_str(hex_encode(a, hash_sha256(a, STR("abc"))),
		   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_str(hex_encode(a, hash_sha256(a, STR_NULL)),
		   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_str(hex_encode(a, hash_sha512(a, STR("abc"))),
		   "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		   "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	/* RFC 4231, 4.3 */
	assert_str(hex_encode(a, hash_hmac_sha256(a, key, data)),
		   "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	assert_int_equal(hash_hmac_sha256(a, STR_NULL, STR_NULL).n, 32);
}

static void test_base64(void **state)
{
	static const struct {
		const char *plain, *standard, *url;
	} rows[] = {
		/* RFC 4648, section 10 */
		{ "", "", "" },
		{ "f", "Zg==", "Zg" },
		{ "fo", "Zm8=", "Zm8" },
		{ "foo", "Zm9v", "Zm9v" },
		{ "foob", "Zm9vYg==", "Zm9vYg" },
		{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
		{ "\xfb\xef\xff", "++//", "--__" },
	};
	struct arena *a = *state;
	str back;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_str(base64_encode(a, str_c(rows[i].plain)), rows[i].standard);
		assert_str(base64url_encode(a, str_c(rows[i].plain)), rows[i].url);
		assert_true(base64_decode(a, str_c(rows[i].standard), &back));
		assert_str(back, rows[i].plain);
		assert_true(base64url_decode(a, str_c(rows[i].url), &back));
		assert_str(back, rows[i].plain);
	}
	assert_true(base64_decode(a, STR("Zm9vYg"), &back));
	assert_str(back, "foob");
}

static void test_base64_refuses(void **state)
{
	static const char *const bad[] = {
		"Z",	  "Zm9vY", "Zm9vYg=", "Zm9vY===", "====", "=",	  "Zm 9v",
		"Zm9v\n", "Zm9-",  "Zm9_",    "Zg==Zg==", "Zh==", "Zm9=", "Zm9vYg==\n",
	};
	static const char *const bad_url[] = { "Zg==", "Zm9+", "Zm9/", "Z", "Zh", "Zm9" };
	struct arena *a = *state;
	str back = STR("untouched");

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(base64_decode(a, str_c(bad[i]), &back));
	for (size_t i = 0; i < ARRAY_SIZE(bad_url); i++)
		assert_false(base64url_decode(a, str_c(bad_url[i]), &back));
	assert_str(back, "untouched");
}

static void test_hex(void **state)
{
	struct arena *a = *state;
	str back;

	assert_str(hex_encode(a, (str){ "\x00\x7f\xff", 3 }), "007fff");
	assert_true(hex_decode(a, STR("007fFf"), &back));
	assert_true(str_eq(back, (str){ "\x00\x7f\xff", 3 }));
	assert_true(hex_decode(a, STR(""), &back));
	assert_int_equal(back.n, 0);
	assert_false(hex_decode(a, STR("0"), &back));
	assert_false(hex_decode(a, STR("0g"), &back));
	assert_false(hex_decode(a, STR(" 0"), &back));
}

static void test_random_and_secrets(void **state)
{
	struct arena *a = *state;
	str token = random_token(a, 32), back;

	assert_int_equal(token.n, 43);
	assert_true(base64url_decode(a, token, &back));
	assert_int_equal(back.n, 32);
	assert_false(str_eq(token, random_token(a, 32)));
	assert_int_equal(random_bytes(a, 0).n, 0);
	assert_true(secret_eq(STR("abc"), STR("abc")));
	assert_true(secret_eq(STR_NULL, STR("")));
	assert_false(secret_eq(STR("abc"), STR("abd")));
	assert_false(secret_eq(STR("abc"), STR("ab")));
}

/* The bytes of a PEM text of any kind. */
static str der_of(struct arena *a, str pem)
{
	struct out o;
	str line, text, der;

	out_init(&o, a, pem.n);
	while (str_cut(&pem, '\n', &line))
		if (!str_starts(line, STR("-")))
			out_str(&o, line);
	assert_int_equal(out_done(&o, &text), 0);
	assert_true(base64_decode(a, text, &der));
	return der;
}

enum { FIXTURES = 5, SCHEMES = KEY_HMAC_SHA256 + 1 };

struct fixture {
	struct key *private, *public;
	enum key_kind kind;
	bool signs[SCHEMES];
};

/* From RFC 9421, B.1.3; the library itself makes keys of the other kinds. */
static const char p256_private[] =
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUpuF81l+kOxbjf7T4mNSv0r5tN67Gim7"
	"rnf6EFpcYDuhRANCAASohVhlUsKs9kcYeM/XsJNbT/4P0t/DQSSOoXvEHgWK8DHOJzfS0wzgYX6FHoPG"
	"HvVnnRUYZ2V2SQNdkKdM2ehd";
static const char p256_public[] =
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM"
	"4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==";

static void load_pair(struct fixture *f, str private, str public)
{
	assert_int_equal(key_load_private(private, &f->private), 0);
	assert_int_equal(key_load_public(public, &f->public), 0);
	assert_int_equal(key_kind(f->private), f->kind);
	assert_int_equal(key_kind(f->public), f->kind);
}

static void fixtures_load(struct arena *a, struct fixture *f)
{
	str private, public;

	f[0] = (struct fixture){ .kind = KEY_RSA,
				 .signs = { [KEY_RSA_V1_5_SHA256] = true,
					    [KEY_RSA_V1_5_SHA512] = true,
					    [KEY_RSA_PSS_SHA512] = true } };
	assert_int_equal(key_generate_rsa(a, &private, &public), 0);
	load_pair(&f[0], private, public);
	f[1] = (struct fixture){ .kind = KEY_ED25519, .signs = { [KEY_ED25519_PURE] = true } };
	assert_int_equal(key_generate_ed25519(a, &private, &public), 0);
	load_pair(&f[1], private, public);
	f[2] = (struct fixture){ .kind = KEY_EC_P256, .signs = { [KEY_ECDSA_P256_SHA256] = true } };
	assert_true(base64_decode(a, str_c(p256_private), &private));
	assert_true(base64_decode(a, str_c(p256_public), &public));
	load_pair(&f[2], private, public);
	f[3] = (struct fixture){ .kind = KEY_SECRET, .signs = { [KEY_HMAC_SHA256] = true } };
	assert_int_equal(key_load_secret(STR("secret"), &f[3].private), 0);
	assert_int_equal(key_load_secret(STR("secret"), &f[3].public), 0);
	f[4] = (struct fixture){ .kind = KEY_RSA_PSS_ONLY,
				 .signs = { [KEY_RSA_PSS_SHA512] = true } };
	load_pair(&f[4], der_of(a, file_read(a, GOLDEN "rsa_pss_private.pem")),
		  der_of(a, file_read(a, GOLDEN "rsa_pss_public.pem")));
}

static void fixtures_free(struct fixture *f)
{
	for (size_t i = 0; i < FIXTURES; i++) {
		key_free(f[i].private);
		key_free(f[i].public);
	}
}

/* A signature of f is good for its key, scheme and data, and for nothing else. */
static void check_pair(struct arena *a, const struct fixture *all, const struct fixture *f,
		       enum key_scheme scheme)
{
	str data = STR("some data"), sig = STR("untouched");
	char *broken;

	assert_int_equal(key_sign(a, f->private, scheme, data, &sig),
			 f->signs[scheme] ? 0 : E_INVALID);
	if (!f->signs[scheme]) {
		assert_str(sig, "untouched");
		assert_false(key_verify(f->public, scheme, data, sig));
		return;
	}
	assert_true(key_verify(f->public, scheme, data, sig));
	assert_true(key_verify(f->private, scheme, data, sig));
	assert_false(key_verify(f->public, scheme, STR("some dat"), sig));
	assert_false(key_verify(f->public, scheme, STR_NULL, sig));
	assert_false(key_verify(f->public, scheme, data, STR_NULL));
	assert_false(key_verify(f->public, scheme, data, str_from(sig, 1)));
	broken = arena_copy(a, sig.p, sig.n);
	broken[sig.n / 2] ^= 1;
	assert_false(key_verify(f->public, scheme, data, (str){ broken, sig.n }));
	for (size_t i = 0; i < FIXTURES; i++)
		for (int s = 0; s < SCHEMES; s++)
			if (&all[i] != f || s != (int)scheme)
				assert_false(
					key_verify(all[i].public, (enum key_scheme)s, data, sig));
}

static void test_schemes(void **state)
{
	struct fixture f[FIXTURES];

	fixtures_load(*state, f);
	for (size_t i = 0; i < FIXTURES; i++)
		for (int scheme = 0; scheme < SCHEMES; scheme++)
			check_pair(*state, f, &f[i], (enum key_scheme)scheme);
	fixtures_free(f);
}

static void test_public_key_cannot_sign(void **state)
{
	struct fixture f[FIXTURES];
	str sig;

	fixtures_load(*state, f);
	assert_int_equal(key_sign(*state, f[0].public, KEY_RSA_V1_5_SHA256, STR("x"), &sig),
			 E_INVALID);
	assert_int_equal(key_sign(*state, f[1].public, KEY_ED25519_PURE, STR("x"), &sig),
			 E_INVALID);
	assert_int_equal(key_sign(*state, f[2].public, KEY_ECDSA_P256_SHA256, STR("x"), &sig),
			 E_INVALID);
	fixtures_free(f);
}

static void test_refused_keys(void **state)
{
	struct arena *a = *state;
	str text = file_read(a, GOLDEN "refused_public_keys.txt"), line, base64, der;
	struct key *k = NULL;

	while (str_cut(&text, '\n', &line)) {
		assert_true(str_cut(&line, ' ', &base64));
		assert_true(base64_decode(a, base64, &der));
		if (key_load_public(der, &k) != E_INVALID)
			fail_msg("accepted: " STR_FMT, STR_ARG(line));
	}
	assert_int_equal(key_load_secret(STR_NULL, &k), E_INVALID);
	assert_null(k);
}

/* Neither a part of a key nor a key with something behind it is a key. */
static void check_whole_only(struct arena *a, str der, int (*load)(str der, struct key **ret))
{
	str longer = str_cat(a, der, STR("x"));
	struct key *k = NULL;

	for (size_t n = 0; n < der.n; n++)
		assert_int_equal(load(str_dup(a, str_slice(der, 0, n)), &k), E_INVALID);
	assert_int_equal(load(longer, &k), E_INVALID);
	assert_int_equal(load(STR_NULL, &k), E_INVALID);
	assert_null(k);
}

static void test_whole_keys_only(void **state)
{
	struct arena *a = *state;
	str private, public;

	assert_int_equal(key_generate_rsa(a, &private, &public), 0);
	check_whole_only(a, public, key_load_public);
	check_whole_only(a, private, key_load_private);
	assert_int_equal(key_generate_ed25519(a, &private, &public), 0);
	check_whole_only(a, public, key_load_public);
	check_whole_only(a, private, key_load_private);
}

static str replace(struct arena *a, str text, char what, const char *with)
{
	struct out o;
	str done;

	out_init(&o, a, SIZE_MAX);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == what)
			out_c(&o, with);
		else
			out_char(&o, text.p[i]);
	}
	assert_int_equal(out_done(&o, &done), 0);
	return done;
}

static void assert_pem(struct arena *a, str pem, str want)
{
	str der = STR("");

	assert_int_equal(key_public_from_pem(a, pem, &der), 0);
	assert_true(str_eq(der, want));
}

static void test_pem_forms(void **state)
{
	static const char *const files[] = { GOLDEN "rsa_spki.pem", GOLDEN "rsa_pkcs1.pem" };
	static const char *const line_breaks[] = { "\n", "\r\n", " ", "", "\t", "  \n" };
	struct arena *a = *state;
	str spki = file_read(a, files[0]), want = der_of(a, spki);

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		for (size_t k = 0; k < ARRAY_SIZE(line_breaks); k++) {
			str pem = replace(a, file_read(a, files[i]), '\n', line_breaks[k]);

			assert_pem(a, pem, want);
			assert_pem(a, str_cat(a, STR(" \r\n"), str_cat(a, pem, STR("\n\n "))),
				   want);
		}
	assert_true(str_eq(key_public_to_pem(a, want), spki));
}

static void test_pem_refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"-----BEGIN PUBLIC KEY-----",
		"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
		"-----BEGIN PUBLIC KEY----------END RSA PUBLIC KEY-----",
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		"-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n",
		"-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n",
		"-----BEGIN RSA PUBLIC KEY-----\n-----END RSA PUBLIC KEY-----\n",
		"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQi"
		"kTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----",
	};
	struct arena *a = *state;
	str der = STR("untouched"), pkcs1 = file_read(a, GOLDEN "rsa_pkcs1.pem");

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(key_public_from_pem(a, str_c(bad[i]), &der), E_INVALID);
	assert_int_equal(key_public_from_pem(a, str_cat(a, pkcs1, pkcs1), &der), E_INVALID);
	assert_int_equal(key_public_from_pem(a, str_cat(a, STR("x"), pkcs1), &der), E_INVALID);
	assert_int_equal(key_public_from_pem(a, (str){ arena_alloc(a, 1 << 20), 1 << 20 }, &der),
			 E_INVALID);
	assert_str(der, "untouched");
}

static void test_password(void **state)
{
	struct arena *a = *state;
	str stored, again;

	assert_int_equal(password_hash(a, STR("correct horse"), &stored), 0);
	assert_int_equal(password_hash(a, STR("correct horse"), &again), 0);
	assert_true(str_starts(stored, STR("$y$")));
	assert_false(str_eq(stored, again));
	assert_true(password_verify(STR("correct horse"), stored));
	assert_true(password_verify(STR("correct horse"), again));
	assert_false(password_verify(STR("correct horsf"), stored));
	assert_false(password_verify((str){ "correct horse\0x", 15 }, stored));
	assert_false(password_verify(STR_NULL, stored));
	assert_false(password_verify(STR("correct horse"), STR_NULL));
	assert_false(password_verify(STR("correct horse"), str_slice(stored, 0, stored.n - 1)));
	assert_false(password_verify(STR("correct horse"), STR("correct horse")));
	assert_false(password_verify(STR("correct horse"), STR("*0")));
	assert_false(password_verify(STR("correct horse"), STR("$y$")));
}

static void test_password_limits(void **state)
{
	struct arena *a = *state;
	char *longest = arena_alloc(a, PASSWORD_MAX + 1);
	str stored = STR("untouched");

	memset(longest, 'x', PASSWORD_MAX + 1);
	assert_int_equal(password_hash(a, STR("1234567"), &stored), E_INVALID);
	assert_int_equal(password_hash(a, STR("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"), &stored),
			 E_INVALID);
	assert_int_equal(password_hash(a,
				       (str){ "1234\0"
					      "5678",
					      9 },
				       &stored),
			 E_INVALID);
	assert_int_equal(password_hash(a,
				       STR("\xff"
					   "2345678"),
				       &stored),
			 E_INVALID);
	assert_int_equal(password_hash(a, (str){ longest, PASSWORD_MAX + 1 }, &stored), E_INVALID);
	assert_str(stored, "untouched");
	assert_int_equal(password_hash(a, (str){ longest, PASSWORD_MAX }, &stored), 0);
	assert_true(password_verify((str){ longest, PASSWORD_MAX }, stored));
	assert_false(password_verify((str){ longest, PASSWORD_MAX - 1 }, stored));
	assert_false(password_verify((str){ longest, PASSWORD_MAX + 1 }, stored));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_refuses),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_random_and_secrets),
		cmocka_unit_test(test_schemes),
		cmocka_unit_test(test_public_key_cannot_sign),
		cmocka_unit_test(test_refused_keys),
		cmocka_unit_test(test_whole_keys_only),
		cmocka_unit_test(test_pem_forms),
		cmocka_unit_test(test_pem_refuses),
		cmocka_unit_test(test_password),
		cmocka_unit_test(test_password_limits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
