/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/crypt/webpush: the example of RFC 8291 and messages of another implementation, bit for bit, in
 * both encodings; receivers that are none; tokens of VAPID verified with the public key. lib/crypt/seal:
 * what was sealed is opened with its key alone, and whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "base/err.h"
#include "base/out.h"
#include "crypt/hash.h"
#include "crypt/key.h"
#include "crypt/seal.h"
#include "crypt/webpush.h"
#include "json/json.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define VECTORS "tests/vectors/webpush/"

static struct ctx context;

static int setup(unused void **state)
{
	ctx_init(&context, arena_new());
	return 0;
}

static int teardown(unused void **state)
{
	arena_free(context.arena);
	return 0;
}

static const struct json *vectors(const char *path)
{
	FILE *f = fopen(path, "rb");
	char block[4096];
	struct out o;
	size_t n;
	str text;
	const struct json *j = NULL;

	assert_non_null(f);
	out_init(&o, context.arena, 1 << 20);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		out_str(&o, (str){ block, n });
	fclose(f);
	assert_int_equal(out_done(&o, &text), 0);
	assert_int_equal(json_parse(&context, text, &j), 0);
	return j;
}

static str bytes(const struct json *j, const char *key)
{
	str raw;

	assert_true(base64url_decode(context.arena, json_get_str(j, key), &raw));
	return raw;
}

/* PKCS#8 around the bare number of a private key, with its public point (RFC 5915). */
static str private_der(str number, str point)
{
	static const char head[] = "\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d"
				   "\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x6d\x30"
				   "\x6b\x02\x01\x01\x04\x20";
	static const char middle[] = "\xa1\x44\x03\x42";
	struct out o;
	str der = STR("");

	out_init(&o, context.arena, 1024);
	out_str(&o, (str){ head, sizeof(head) - 1 });
	out_str(&o, number);
	out_str(&o, (str){ middle, sizeof(middle) });
	out_str(&o, point);
	assert_int_equal(out_done(&o, &der), 0);
	return der;
}

static void check(const struct json *v, enum webpush_encoding e, str text)
{
	struct webpush_receiver to = { bytes(v, "ua_public"), bytes(v, "auth_secret") };
	struct webpush_message m;
	str der = private_der(bytes(v, "as_private"), bytes(v, "as_public"));

	assert_true(webpush_is_receiver(&to));
	assert_int_equal(webpush_seal_with(context.arena, e, &to, text, der, bytes(v, "salt"), &m),
			 0);
	assert_true(str_eq(m.point, bytes(v, "as_public")));
	assert_true(str_eq(m.body, bytes(v, "body")));
}

static void test_rfc_8291(unused void **state)
{
	const struct json *v = vectors(VECTORS "rfc8291-section5.json");

	check(v, WEBPUSH_AES128GCM, json_get_str(v, "plaintext"));
}

static void test_messages_of_others(unused void **state)
{
	const struct json *all = vectors(VECTORS "http_ece-generated.json");
	size_t final = 0, checked = 0;

	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *v = json_at(all, i);
		bool is_final = str_eq_c(json_get_str(v, "version"), "aes128gcm");
		str text = bytes(v, "plaintext");

		/* Others split longer texts into records; ours have one. */
		if (text.n > WEBPUSH_TEXT_LIMIT)
			continue;
		check(v, is_final ? WEBPUSH_AES128GCM : WEBPUSH_AESGCM, text);
		final += is_final;
		checked++;
	}
	assert_true(final > 2 && checked - final > 2);
}

static void test_refused(unused void **state)
{
	struct arena *a = context.arena;
	char point[WEBPUSH_POINT] = { 4, 1, 2, 3 }, long_text[WEBPUSH_TEXT_LIMIT + 1] = "";
	struct webpush_receiver to = { { point, sizeof(point) }, random_bytes(a, WEBPUSH_AUTH) };
	struct webpush_message m;
	str der;

	assert_int_equal(webpush_seal(a, WEBPUSH_AES128GCM, &to, STR("x"), &m), E_INVALID);
	assert_false(webpush_is_receiver(&to));
	assert_int_equal(webpush_key_generate(a, &der, &to.point), 0);
	assert_int_equal(webpush_seal(a, WEBPUSH_AESGCM, &to, STR("x"), &m), 0);
	assert_int_equal(webpush_seal(a, WEBPUSH_AESGCM, &to, (str){ long_text, sizeof(long_text) },
				      &m),
			 E_TOO_LARGE);
	to.auth = str_slice(to.auth, 0, WEBPUSH_AUTH - 1);
	assert_int_equal(webpush_seal(a, WEBPUSH_AESGCM, &to, STR("x"), &m), E_INVALID);
	to.point = STR_NULL;
	assert_false(webpush_is_receiver(&to));
}

static void test_vapid(unused void **state)
{
	struct arena *a = context.arena;
	struct key *key cleanup(key_freep) = NULL;
	str private, public, token, head, claims, signature, text;
	const struct json *j;

	assert_int_equal(key_generate_p256(a, &private, &public), 0);
	assert_int_equal(webpush_vapid_token(a, private, STR("https://push.test"),
					     STR("https://kea.test/"), 100 * USEC_SEC, &token),
			 0);
	text = token;
	assert_true(str_cut(&text, '.', &head) && str_cut(&text, '.', &claims));
	assert_true(base64url_decode(a, text, &signature) && base64url_decode(a, claims, &claims));
	assert_int_equal(json_parse(&context, claims, &j), 0);
	assert_true(str_eq_c(json_get_str(j, "aud"), "https://push.test"));
	assert_true(str_eq_c(json_get_str(j, "sub"), "https://kea.test/"));
	assert_int_equal(json_get_i64(j, "exp"), 100);
	assert_int_equal(key_load_public(public, &key), 0);
	assert_true(key_verify(key, KEY_ECDSA_P256_SHA256,
			       str_slice(token, 0, token.n - text.n - 1), signature));
}

static void test_seal(unused void **state)
{
	struct arena *a = context.arena;
	str key = random_bytes(a, SEAL_KEY), other = random_bytes(a, SEAL_KEY),
	    text = STR("secret");
	str sealed = seal(a, key, text), opened = STR_NULL;

	assert_false(str_eq(sealed, seal(a, key, text)));
	assert_true(str_find(sealed, text, 0) == SIZE_MAX);
	assert_int_equal(seal_open(a, key, sealed, &opened), 0);
	assert_true(str_eq(opened, text));
	assert_int_equal(seal_open(a, other, sealed, &opened), E_INVALID);
	for (size_t i = 0; i < sealed.n; i++) {
		char *spoilt = arena_copy(a, sealed.p, sealed.n);

		assert_int_equal(seal_open(a, key, str_slice(sealed, 0, i), &opened), E_INVALID);
		spoilt[i] ^= 1;
		assert_int_equal(seal_open(a, key, (str){ spoilt, sealed.n }, &opened), E_INVALID);
	}
	assert_int_equal(seal_open(a, key, seal(a, key, STR("")), &opened), 0);
	assert_int_equal(opened.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_8291), cmocka_unit_test(test_messages_of_others),
		cmocka_unit_test(test_refused),	 cmocka_unit_test(test_vapid),
		cmocka_unit_test(test_seal),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
