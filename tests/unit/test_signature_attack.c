/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * HTTP signatures that must be refused, each with the reason that must be given: messages changed
 * on the way, signatures that bind too little, algorithms that do not fit, malformed fields. The
 * file is longer than others because it is tables of attacks on one and the same delivery.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "tests/unit/signature_fixture.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define KEY_ID "https://a.test/u/a#main-key"
#define DATE "Tue, 14 Nov 2023 22:13:20 GMT"
#define CREATED 1700000000
#define NOW (CREATED * USEC_SEC)

static struct key *rsa_private, *rsa_public, *ed_private, *ed_public;

static int keys_make(void **state)
{
	struct arena *a cleanup(arena_freep) = arena_new();
	str private, public;

	(void)state;
	return key_generate_rsa(a, &private, &public) || key_load_private(private, &rsa_private) ||
	       key_load_public(public, &rsa_public) || key_generate_ed25519(a, &private, &public) ||
	       key_load_private(private, &ed_private) || key_load_public(public, &ed_public);
}

static int keys_free(void **state)
{
	(void)state;
	key_free(rsa_private);
	key_free(rsa_public);
	key_free(ed_private);
	key_free(ed_public);
	return 0;
}

/* A delivery, not signed yet. */
static struct draft delivery(struct ctx *c)
{
	struct draft d = { .m = { .method = STR("POST"),
				  .scheme = STR("https"),
				  .path = STR("/inbox"),
				  .query = STR("a=b"),
				  .body = STR("{\"type\":\"Like\"}") } };

	draft_add(&d, STR("host"), STR("b.test:8443"));
	draft_add(&d, STR("date"), STR(DATE));
	draft_add(&d, STR("content-type"), STR("application/activity+json"));
	draft_add(&d, STR("digest"), digest_of(c->arena, d.m.body));
	draft_add(&d, STR("content-digest"), digest_content_of(c->arena, d.m.body));
	return d;
}

static int receive(struct ctx *c, struct draft *d, const struct key *key, usec now)
{
	struct signature sig;

	TRY(signature_parse(c, message(d), &sig));
	return signature_check(c, message(d), &sig, key, now);
}

/* want NULL: must be accepted. */
static void expect(struct ctx *c, const char *what, int result, const char *want)
{
	if (!want && result)
		fail_msg("%s: refused: " STR_FMT, what, STR_ARG(ctx_error(c, result)));
	if (!want)
		return;
	if (result != E_UNAUTHORIZED)
		fail_msg("%s: result is %d", what, result);
	if (str_find(c->error, str_c(want), 0) == SIZE_MAX)
		fail_msg("%s: refused for \"" STR_FMT "\", not for \"%s\"", what, STR_ARG(c->error),
			 want);
}

static struct draft signed_delivery(struct ctx *c, enum signature_form form)
{
	struct signature_with with = { form, STR(KEY_ID), rsa_private, NOW };
	struct http_field fields[SIGNATURE_FIELDS];
	struct draft d = delivery(c);
	size_t n = 0;

	draft_remove(&d, "date");
	draft_remove(&d, "digest");
	draft_remove(&d, "content-digest");
	expect(c, "sign", signature_sign(c, message(&d), &with, fields, &n), NULL);
	for (size_t i = 0; i < n; i++)
		draft_add(&d, fields[i].name, fields[i].value);
	return d;
}

/* Changes on the way */

static void nothing(struct ctx *c unused, struct draft *d unused)
{
}

static void other_body(struct ctx *c unused, struct draft *d)
{
	d->m.body = STR("{\"type\":\"Flag\"}");
}

static void no_body(struct ctx *c unused, struct draft *d)
{
	d->m.body = STR("");
}

static void other_body_with_digest(struct ctx *c, struct draft *d)
{
	other_body(c, d);
	if (!str_is_null(draft_get(d, "digest")))
		draft_set(d, "digest", digest_of(c->arena, d->m.body));
	else
		draft_set(d, "content-digest", digest_content_of(c->arena, d->m.body));
}

/* A digest that the signature does not cover must not hide that the covered one is wrong. */
static void other_body_with_both_digests(struct ctx *c, struct draft *d)
{
	other_body(c, d);
	if (str_is_null(draft_get(d, "digest")))
		draft_add(d, STR("digest"), digest_of(c->arena, d->m.body));
	else
		draft_add(d, STR("content-digest"), digest_content_of(c->arena, d->m.body));
}

static void no_digest(struct ctx *c unused, struct draft *d)
{
	draft_remove(d, "digest");
	draft_remove(d, "content-digest");
}

static void other_query(struct ctx *c unused, struct draft *d)
{
	d->m.query = STR("a=c");
}

static void no_query(struct ctx *c unused, struct draft *d)
{
	d->m.query = STR_NULL;
}

static void other_path(struct ctx *c unused, struct draft *d)
{
	d->m.path = STR("/u/b/inbox");
}

static void other_method(struct ctx *c unused, struct draft *d)
{
	d->m.method = STR("PUT");
}

static void other_host(struct ctx *c unused, struct draft *d)
{
	draft_set(d, "host", STR("c.test:8443"));
}

static void other_port(struct ctx *c unused, struct draft *d)
{
	draft_set(d, "host", STR("b.test"));
}

static void host_of_connection(struct ctx *c unused, struct draft *d)
{
	d->m.authority = STR("c.test:8443");
}

static void two_hosts(struct ctx *c unused, struct draft *d)
{
	draft_add(d, STR("host"), STR("b.test:8443"));
}

static void two_dates(struct ctx *c unused, struct draft *d)
{
	draft_add(d, STR("date"), STR(DATE));
}

static void two_signatures(struct ctx *c unused, struct draft *d)
{
	draft_add(d, STR("signature"), draft_get(d, "signature"));
}

static void no_signature(struct ctx *c unused, struct draft *d)
{
	draft_remove(d, "signature");
}

static const struct {
	const char *what;
	void (*change)(struct ctx *c, struct draft *d);
	const char *reasons[2]; /* by form; NULL: accepted */
} changes[] = {
	{ "nothing", nothing, { NULL, NULL } },
	{ "other body", other_body, { "digest is not the body's", "digest is not the body's" } },
	{ "no body", no_body, { "digest is not the body's", "digest is not the body's" } },
	{ "other body and digest", other_body_with_digest, { "not that of", "not that of" } },
	{ "digest of the other form",
	  other_body_with_both_digests,
	  { "digest is not the body's", "digest is not the body's" } },
	{ "no digest", no_digest, { "no field digest", "no field content-digest" } },
	{ "other query", other_query, { "not that of", "not that of" } },
	{ "no query", no_query, { "not that of", "not that of" } },
	{ "other path", other_path, { "not that of", "not that of" } },
	{ "other method", other_method, { "not that of", "not that of" } },
	{ "other host", other_host, { "not that of", "not that of" } },
	{ "other port", other_port, { "not that of", "not that of" } },
	{ "host of the connection", host_of_connection, { "Host is not", "Host is not" } },
	{ "two hosts", two_hosts, { "more than one field host", "more than one field host" } },
	{ "two dates", two_dates, { "more than one field date", "more than one field date" } },
	{ "two signatures", two_signatures, { "more than one Signature", "is there twice" } },
};

static void test_changes(void **state)
{
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		for (int form = SIGNATURE_CAVAGE; form <= SIGNATURE_RFC9421; form++) {
			struct draft d = signed_delivery(c, (enum signature_form)form);

			changes[i].change(c, &d);
			expect(c, changes[i].what, receive(c, &d, rsa_public, NOW),
			       changes[i].reasons[form]);
		}
}

static void test_unsigned(void **state)
{
	struct ctx *c = *state;
	struct draft d = delivery(c);
	struct signature sig;

	assert_int_equal(signature_parse(c, message(&d), &sig), E_NOT_FOUND);
	d = signed_delivery(c, SIGNATURE_RFC9421);
	no_signature(c, &d);
	expect(c, "input alone", receive(c, &d, rsa_public, NOW), "stands without Signature");
}

/* A server may sign in both forms: the newer one counts, whichever line comes first. */
static void test_both_forms(void **state)
{
	struct ctx *c = *state;
	struct draft d = signed_delivery(c, SIGNATURE_CAVAGE);
	str old = draft_get(&d, "signature");
	struct signature sig;

	d = signed_delivery(c, SIGNATURE_RFC9421);
	draft_add(&d, STR("signature"), old);
	expect(c, "both", receive(c, &d, rsa_public, NOW), NULL);
	expect(c, "both", signature_parse(c, message(&d), &sig), NULL);
	assert_int_equal(sig.form, SIGNATURE_RFC9421);
}

static void test_clock(void **state)
{
	static const struct {
		usec offset;
		const char *reason;
	} rows[] = {
		{ 0, NULL },
		{ SIGNATURE_PAST_WINDOW, NULL },
		{ SIGNATURE_PAST_WINDOW + USEC_SEC, "ago, too long" },
		{ 365 * USEC_DAY, "ago, too long" },
		{ -SIGNATURE_FUTURE_WINDOW, NULL },
		{ -SIGNATURE_FUTURE_WINDOW - USEC_SEC, "in the future" },
		{ -NOW, "in the future" },
	};
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int form = SIGNATURE_CAVAGE; form <= SIGNATURE_RFC9421; form++) {
			struct draft d = signed_delivery(c, (enum signature_form)form);

			expect(c, "clock", receive(c, &d, rsa_public, NOW + rows[i].offset),
			       rows[i].reason);
		}
}

/* What must be covered */

static const struct {
	struct crafted with;
	const char *reason;
} cavage_rows[] = {
	{ { "(request-target) host date digest", "rsa-sha256", "", 0, 0 }, NULL },
	{ { "(request-target) host date digest", "hs2019", "", 0, 0 }, NULL },
	{ { "(request-target) host date digest", "rsa-sha512", "", 0, 0 }, NULL },
	{ { "(request-target) host date content-digest", "rsa-sha256", "", 0, 0 }, NULL },
	{ { "host date digest", "rsa-sha256", "", 0, 0 }, "does not cover the method" },
	{ { "(request-target) date digest", "rsa-sha256", "", 0, 0 }, "does not cover the host" },
	{ { "(request-target) host digest", "rsa-sha256", "", 0, 0 }, "does not cover the date" },
	{ { "(request-target) host date", "rsa-sha256", "", 0, 0 }, "does not cover the digest" },
	{ { "(request-target) host (created) digest", "hs2019", ",created=1700000000", NOW, 0 },
	  NULL },
	{ { "(request-target) host (created) digest", "hs2019", ",created=1690000000",
	    1690000000 * USEC_SEC, 0 },
	  "ago, too long" },
	{ { "(request-target) host digest", "hs2019", ",created=1700000000", 0, 0 },
	  "does not cover the date" },
	{ { "(request-target) host (expires) digest", "hs2019", ",expires=1700000600", 0,
	    NOW + 600 * USEC_SEC },
	  "does not cover the date" },
	{ { "(request-target) host date (expires) digest", "hs2019", ",expires=1700000600", 0,
	    NOW + 600 * USEC_SEC },
	  NULL },
	{ { "(request-target) host date digest", "rsa-sha256", ",expires=1700000000", 0, 0 },
	  "expired 0 s ago" },
	{ { "(request-target) host date digest", "rsa-sha256", ",expires=1699999000", 0, 0 },
	  "expired 1000 s ago" },
};

static void test_cavage_coverage(void **state)
{
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cavage_rows); i++) {
		struct draft d = delivery(c);

		craft_cavage(c, &d, &cavage_rows[i].with, rsa_private);
		expect(c, cavage_rows[i].with.headers, receive(c, &d, rsa_public, NOW),
		       cavage_rows[i].reason);
	}
}

#define PARAMS ";created=1700000000;keyid=\"" KEY_ID "\""
#define ALL "\"@method\" \"@target-uri\" \"content-digest\""

static const struct {
	const char *input, *reason;
} rfc9421_rows[] = {
	{ "s=(" ALL ")" PARAMS, NULL },
	{ "s=(" ALL ")" PARAMS ";alg=\"rsa-v1_5-sha256\"", NULL },
	{ "s=(" ALL ")" PARAMS ";alg=\"rsa-pss-sha512\"", NULL },
	{ "s=(" ALL ")" PARAMS ";nonce=\"x\";tag=\"y\";other=:AAAA:", NULL },
	{ "s=(\"@method\" \"@path\" \"@query\" \"@authority\" \"content-digest\")" PARAMS, NULL },
	{ "s=(\"@method\" \"@request-target\" \"host\" \"digest\")" PARAMS, NULL },
	{ "s=(" ALL " \"date\");keyid=\"" KEY_ID "\"", NULL },
	{ "s=()" PARAMS, "does not cover the method" },
	{ "s=(\"@target-uri\" \"content-digest\")" PARAMS, "does not cover the method" },
	{ "s=(\"@method\" \"@authority\" \"content-digest\")" PARAMS, "does not cover the path" },
	{ "s=(\"@method\" \"@path\" \"@authority\" \"content-digest\")" PARAMS,
	  "does not cover the query" },
	{ "s=(\"@method\" \"@path\" \"@query-param\";name=\"a\" \"host\" "
	  "\"content-digest\")" PARAMS,
	  "does not cover the query" },
	{ "s=(\"@method\" \"@request-target\" \"content-digest\")" PARAMS,
	  "does not cover the host" },
	{ "s=(\"@method\" \"@target-uri\")" PARAMS, "does not cover the digest" },
	{ "s=(" ALL ");keyid=\"" KEY_ID "\"", "does not cover the date" },
	{ "s=(" ALL ");expires=1700000600;keyid=\"" KEY_ID "\"", "does not cover the date" },
	{ "s=(" ALL ");created=1690000000;keyid=\"" KEY_ID "\"", "ago, too long" },
	{ "s=(" ALL " \"date\");created=1690000000;keyid=\"" KEY_ID "\"", "ago, too long" },
	{ "s=(" ALL ")" PARAMS ";expires=1699999999", "expired 1 s ago" },
	{ "s=(" ALL ");created=1700000200;expires=1700000100;keyid=\"" KEY_ID "\"",
	  "expires before" },
	{ "s=(" ALL ")" PARAMS ";expires=1700000001", NULL },
};

static void test_rfc9421_coverage(void **state)
{
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rfc9421_rows); i++) {
		struct draft d = delivery(c);

		craft_rfc9421(c, &d, str_c(rfc9421_rows[i].input), rsa_private);
		expect(c, rfc9421_rows[i].input, receive(c, &d, rsa_public, NOW),
		       rfc9421_rows[i].reason);
	}
}

static void test_get_needs_no_digest(void **state)
{
	struct ctx *c = *state;
	struct crafted with = { "(request-target) host date", "rsa-sha256", "", 0, 0 };
	struct draft d = delivery(c);

	d.m.method = STR("GET");
	d.m.body = STR("");
	craft_cavage(c, &d, &with, rsa_private);
	expect(c, "GET", receive(c, &d, rsa_public, NOW), NULL);
	d = delivery(c);
	d.m.method = STR("GET");
	d.m.body = STR_NULL;
	craft_rfc9421(c, &d, STR("s=(\"@method\" \"@target-uri\")" PARAMS), rsa_private);
	expect(c, "GET", receive(c, &d, rsa_public, NOW), NULL);
}

/* Algorithms */

static void rename_algorithm(struct ctx *c, struct draft *d, const char *name)
{
	const str old = STR("rsa-sha256");
	str text = draft_get(d, "signature");
	size_t at = str_find(text, old, 0);

	assert_true(at != SIZE_MAX);
	text = str_fmt(c->arena, STR_FMT "%s" STR_FMT, STR_ARG(str_slice(text, 0, at)), name,
		       STR_ARG(str_from(text, at + old.n)));
	draft_set(d, "signature", text);
}

static void test_algorithm_confusion(void **state)
{
	const struct {
		const char *name;
		const struct key *key;
		const char *reason;
	} rows[] = {
		{ "rsa-sha256", rsa_public, NULL },
		{ "hs2019", rsa_public, NULL },
		{ "rsa-sha512", rsa_public, "not that of the key" },
		{ "rsa-sha256", ed_public, "does not fit the key, which is Ed25519" },
		{ "hs2019", ed_public, "not that of the key" },
		{ "ed25519", rsa_public, "does not fit the key, which is RSA" },
		{ "hmac-sha256", rsa_public, "\"hmac-sha256\" is not supported" },
		{ "none", rsa_public, "is not supported" },
		{ "", rsa_public, "is not supported" },
		{ "rsa-v1_5-sha256", rsa_public, "is not supported" },
	};
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct draft d = signed_delivery(c, SIGNATURE_CAVAGE);

		rename_algorithm(c, &d, rows[i].name);
		expect(c, rows[i].name, receive(c, &d, rows[i].key, NOW), rows[i].reason);
	}
}

/* The classic: the public key, which everybody has, taken for the shared secret. */
static void test_public_key_as_secret(void **state)
{
	struct ctx *c = *state;
	struct key *secret cleanup(key_freep) = NULL;
	struct draft d = delivery(c);

	assert_int_equal(key_load_secret(STR("-----BEGIN PUBLIC KEY-----"), &secret), 0);
	craft_rfc9421(c, &d, STR("s=(" ALL ")" PARAMS ";alg=\"hmac-sha256\""), secret);
	expect(c, "secret", receive(c, &d, secret, NOW), NULL);
	expect(c, "RSA", receive(c, &d, rsa_public, NOW), "does not fit the key, which is RSA");
	expect(c, "Ed25519", receive(c, &d, ed_public, NOW), "does not fit the key");

	d = delivery(c);
	craft_rfc9421(c, &d, STR("s=(" ALL ")" PARAMS), secret);
	expect(c, "no name", receive(c, &d, rsa_public, NOW), "not that of the key");
	expect(c, "no name", receive(c, &d, ed_public, NOW), "not that of the key");
}

/* Malformed fields */

#define QUOTED(headers, rest) "keyId=\"" KEY_ID "\",headers=\"" headers "\"" rest
#define GOOD_HEADERS "(request-target) host date digest"

static void test_malformed_cavage(void **state)
{
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{ "", "names no algorithm" },
		{ "keyId", "is malformed" },
		{ "keyId=", "is malformed" },
		{ "keyId=\"", "is malformed" },
		{ "keyId=\"a\" algorithm=\"b\"", "is malformed" },
		{ "keyId=\"a\\\"b\",algorithm=\"b\"", "is malformed" },
		{ "Signature keyId=\"a\"", "is malformed" },
		{ ",keyId=\"a\"", "is malformed" },
		{ "keyId=\"a\",keyId=\"b\"", "keyId twice" },
		{ "keyId=\"a\",keyid=\"b\"", "keyid twice" },
		{ QUOTED("", ",algorithm=\"rsa-sha256\",signature=\"AAAA\""), "covers nothing" },
		{ QUOTED("  ", ",algorithm=\"rsa-sha256\",signature=\"AAAA\""), "covers nothing" },
		{ "keyId=\"a\",algorithm=\"rsa-sha256\",signature=\"AAAA\"", "covers nothing" },
		{ QUOTED("date Date", ",algorithm=\"rsa-sha256\",signature=\"AAAA\""),
		  "date twice" },
		{ QUOTED("a b c d e f g h i j k l m n o p q r s t u v w x y z 1 2 3 4 5 6 7",
			 ",algorithm=\"rsa-sha256\",signature=\"AAAA\""),
		  "more than 32 components" },
		{ QUOTED(GOOD_HEADERS, ",algorithm=\"rsa-sha256\",signature=\"A\""), "not base64" },
		{ QUOTED(GOOD_HEADERS, ",algorithm=\"rsa-sha256\",signature=\"\""), "has 0 bytes" },
		{ QUOTED(GOOD_HEADERS, ",algorithm=\"rsa-sha256\""), "has 0 bytes" },
		{ "algorithm=\"rsa-sha256\",headers=\"date\",signature=\"AAAA\"", "names no key" },
		{ QUOTED(GOOD_HEADERS, ",algorithm=\"hs2019\",created=x,signature=\"AAAA\""),
		  "is no time" },
		{ QUOTED(GOOD_HEADERS, ",algorithm=\"hs2019\",created=-1,signature=\"AAAA\""),
		  "is no time" },
		{ QUOTED(GOOD_HEADERS,
			 ",algorithm=\"hs2019\",expires=9223372036854775807,signature=\"AAAA\""),
		  "is no time" },
		{ QUOTED(GOOD_HEADERS " (created)",
			 ",algorithm=\"rsa-sha256\",created=1700000000,signature=\"AAAA\""),
		  "covers (created) but may not" },
		{ QUOTED(GOOD_HEADERS " (created)", ",algorithm=\"hs2019\",signature=\"AAAA\""),
		  "covers (created) but may not, or has none" },
		{ QUOTED(GOOD_HEADERS " (request-port)",
			 ",algorithm=\"hs2019\",signature=\"AAAA\""),
		  "no field (request-port)" },
		{ QUOTED(GOOD_HEADERS " x-none", ",algorithm=\"hs2019\",signature=\"AAAA\""),
		  "no field x-none" },
		{ QUOTED(GOOD_HEADERS " ", ",algorithm=\"rsa-sha256\" , signature=\"AAAA\","),
		  "not that of the key" },
	};
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct draft d = delivery(c);

		draft_add(&d, STR("signature"), str_c(rows[i].text));
		expect(c, rows[i].text, receive(c, &d, rsa_public, NOW), rows[i].reason);
	}
}

static void test_malformed_rfc9421(void **state)
{
	static const struct {
		const char *input, *signature, *reason;
	} rows[] = {
		{ "", "s=:AAAA:", "Signature-Input is malformed" },
		{ "s=", "s=:AAAA:", "Signature-Input is malformed" },
		{ "s=\"@method\"", "s=:AAAA:", "Signature-Input is malformed" },
		{ "s=(" ALL ")" PARAMS, "", "no signature s" },
		{ "s=(" ALL ")" PARAMS, "t=:AAAA:", "no signature s" },
		{ "s=(" ALL ")" PARAMS, "s=\"AAAA\"", "no signature s" },
		{ "s=(" ALL ")" PARAMS, "s=(:AAAA:)", "no signature s" },
		{ "s=(" ALL ")" PARAMS, "s=::", "has 0 bytes" },
		{ "s=(" ALL ")" PARAMS, "s=:AAAA:, t=:AAAA:", "not that of the key" },
		{ "s=(" ALL ");created=1700000000", "s=:AAAA:", "names no key" },
		{ "s=(" ALL ");created=1700000000;keyid=\"\"", "s=:AAAA:", "names no key" },
		{ "s=(" ALL ");created=1700000000;keyid=x", "s=:AAAA:", "keyid of the signature" },
		{ "s=(" ALL ")" PARAMS ";alg=x", "s=:AAAA:", "alg of the signature is no string" },
		{ "s=(" ALL ")" PARAMS ";alg=\"\"", "s=:AAAA:", "is not supported" },
		{ "s=(" ALL ")" PARAMS ";alg=\"rsa-sha256\"", "s=:AAAA:", "is not supported" },
		{ "s=(" ALL ");created=1.5;keyid=\"a\"", "s=:AAAA:", "created of the signature" },
		{ "s=(" ALL ");created=\"1\";keyid=\"a\"", "s=:AAAA:", "created of the signature" },
		{ "s=(" ALL ");created=-1;keyid=\"a\"", "s=:AAAA:", "created of the signature" },
		{ "s=(" ALL " token)" PARAMS, "s=:AAAA:", "that is no string" },
		{ "s=(" ALL " \"@method\")" PARAMS, "s=:AAAA:", "covers @method twice" },
		{ "s=(" ALL " \"@signature-params\")" PARAMS, "s=:AAAA:", "is not supported" },
		{ "s=(" ALL " \"@status\")" PARAMS, "s=:AAAA:", "@status is not supported" },
		{ "s=(" ALL " \"Date\")" PARAMS, "s=:AAAA:", "Date is not supported" },
		{ "s=(" ALL " \"x-none\")" PARAMS, "s=:AAAA:", "no field x-none" },
		{ "s=(" ALL " \"date\";sf)" PARAMS, "s=:AAAA:", "unsupported parameters" },
		{ "s=(" ALL " \"@path\";req)" PARAMS, "s=:AAAA:", "unsupported parameters" },
		{ "s=(\"@method\";req " ALL ")" PARAMS, "s=:AAAA:", "unsupported parameters" },
		{ "s=(" ALL " \"@query-param\")" PARAMS, "s=:AAAA:", "unsupported parameters" },
		{ "s=(" ALL " \"@query-param\";name=\"z\")" PARAMS,
		  "s=:AAAA:", "is not in the query" },
	};
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct draft d = delivery(c);

		draft_add(&d, STR("signature-input"), str_c(rows[i].input));
		draft_add(&d, STR("signature"), str_c(rows[i].signature));
		expect(c, rows[i].input, receive(c, &d, rsa_public, NOW), rows[i].reason);
	}
}

static void test_long_fields(void **state)
{
	struct ctx *c = *state;
	char *filler = arena_alloc(c->arena, SIGNATURE_HEADER_LIMIT + 1);
	str long_text = { filler, SIGNATURE_HEADER_LIMIT + 1 };
	struct draft d = delivery(c);

	memset(filler, 'a', long_text.n);
	draft_add(&d, STR("signature"), long_text);
	expect(c, "long", receive(c, &d, rsa_public, NOW), "longer than 8192 bytes");
	draft_add(&d, STR("signature-input"), long_text);
	expect(c, "long", receive(c, &d, rsa_public, NOW), "longer than 8192 bytes");
	draft_set(&d, "signature",
		  str_fmt(c->arena,
			  "keyId=\"" STR_FMT "\",algorithm=\"hs2019\",headers=\"date\","
			  "signature=\"AAAA\"",
			  STR_ARG(str_slice(long_text, 0, SIGNATURE_KEY_ID_LIMIT + 1))));
	draft_remove(&d, "signature-input");
	expect(c, "key id", receive(c, &d, rsa_public, NOW), "malformed or too long");
	draft_set(&d, "signature",
		  str_fmt(c->arena,
			  "keyId=\"a\",algorithm=\"hs2019\",headers=\"date\",signature=\"" STR_FMT
			  "\"",
			  STR_ARG(str_slice(long_text, 0, SIGNATURE_BYTES_LIMIT / 3 * 4 + 8))));
	expect(c, "bytes", receive(c, &d, rsa_public, NOW), "bytes");
}

/* A line break in a covered value would be a line of the attacker's choice. */
static void test_line_breaks(void **state)
{
	struct ctx *c = *state;
	struct draft d = signed_delivery(c, SIGNATURE_CAVAGE);

	draft_set(&d, "content-type", STR("a\ndigest: x"));
	expect(c, "line break", receive(c, &d, rsa_public, NOW), "content-type is malformed");
	draft_set(&d, "date", STR(DATE "\r"));
	expect(c, "white space", receive(c, &d, rsa_public, NOW), "content-type is malformed");
}

static void test_digests(void **state)
{
	static const struct {
		const char *field, *reason;
	} rows[] = {
		{ "SHA-256=YvK0py0bXVbMrC7qZpmJw64HutwnwwIpEPWp+pwhmrI=", NULL },
		{ "sha-256=YvK0py0bXVbMrC7qZpmJw64HutwnwwIpEPWp+pwhmrI=", NULL },
		{ "adler32=03da0195,SHA-256=YvK0py0bXVbMrC7qZpmJw64HutwnwwIpEPWp+pwhmrI=", NULL },
		{ "SHA-256=YvK0py0bXVbMrC7qZpmJw64HutwnwwIpEPWp+pwhmrI=,SHA-512=AAAA",
		  "sha-512 digest is not" },
		{ "SHA-256=", "digest is not the body's" },
		{ "SHA-256=!", "Digest is malformed" },
		{ "md5=AAAA", "neither sha-256 nor sha-512" },
		{ "", "neither sha-256 nor sha-512" },
		{ "YvK0py0bXVbMrC7qZpmJw64HutwnwwIpEPWp+pwhmrI=", "neither sha-256 nor sha-512" },
	};
	static const struct {
		const char *field, *reason;
	} content_rows[] = {
		{ "sha-256=:YvK0py0bXVbMrC7qZpmJw64HutwnwwIpEPWp+pwhmrI=:", NULL },
		{ "md5=:AAAA:, sha-256=:YvK0py0bXVbMrC7qZpmJw64HutwnwwIpEPWp+pwhmrI=:", NULL },
		{ "sha-256=:AAAA:", "digest is not the body's" },
		{ "sha-256=YvK0py0bXVbMrC7qZpmJw64HutwnwwIpEPWp+pwhmrI=", "malformed" },
		{ "sha-256=(:AAAA:)", "malformed" },
		{ "sha-256=\"AAAA\"", "malformed" },
		{ "md5=:AAAA:", "neither sha-256 nor sha-512" },
		{ "", "neither sha-256 nor sha-512" },
	};
	struct ctx *c = *state;
	str body = STR("digested");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(c, rows[i].field, digest_check(c, str_c(rows[i].field), body),
		       rows[i].reason);
	for (size_t i = 0; i < ARRAY_SIZE(content_rows); i++)
		expect(c, content_rows[i].field,
		       digest_content_check(c, str_c(content_rows[i].field), body),
		       content_rows[i].reason);
}

/* RFC 9421, 2.2.8 */
static void test_query_params(void **state)
{
	static const struct {
		const char *query, *name, *want; /* NULL: refused */
	} rows[] = {
		{ "param=value&foo=bar&baz=batman&qux=", "baz", "batman" },
		{ "param=value&foo=bar&baz=batman&qux=", "qux", "" },
		{ "var=this%20is%20a%20big%0Amultiline%20value", "var",
		  "this%20is%20a%20big%0Amultiline%20value" },
		{ "bar=with+plus+whitespace", "bar", "with%20plus%20whitespace" },
		{ "fa%C3%A7ade%22%3A%20=something", "fa%C3%A7ade%22%3A%20", "something" },
		{ "a=%zz%4", "a", "%25zz%254" },
		{ "a=1&a=2", "a", NULL },
		{ "b=1", "a", NULL },
		{ NULL, "a", NULL },
	};
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		str input = str_fmt(c->arena, "s=(\"@query-param\";name=\"%s\")", rows[i].name),
		    base;
		struct signature sig = { .form = SIGNATURE_RFC9421 };
		struct draft d = delivery(c);
		struct sfv_members m;

		assert_true(sfv_parse_dictionary(c->arena, input, &m));
		sig.input = &m.p[0];
		d.m.query = str_c(rows[i].query);
		if (!rows[i].want) {
			assert_int_equal(signature_base(c, message(&d), &sig, &base),
					 E_UNAUTHORIZED);
			continue;
		}
		expect(c, rows[i].query, signature_base(c, message(&d), &sig, &base), NULL);
		assert_true(str_starts(base, str_fmt(c->arena, "\"@query-param\";name=\"%s\": %s\n",
						     rows[i].name, rows[i].want)));
	}
}

static void test_key_and_actor(void **state)
{
	static const struct {
		const char *key_id, *actor;
		bool matches;
	} rows[] = {
		{ "https://a.test/u/a#main-key", "https://a.test/u/a", true },
		{ "https://a.test/u/a/main-key", "https://a.test/u/a", true },
		{ "https://A.test/key?id=1", "https://a.test/u/a", true },
		{ "https://a.test:443/u/a#main-key", "https://a.test/u/a", true },
		{ "https://b.test/u/a#main-key", "https://a.test/u/a", false },
		{ "https://a.test.b.test/u/a#main-key", "https://a.test/u/a", false },
		{ "https://a.test:8443/u/a#main-key", "https://a.test/u/a", false },
		{ "http://a.test/u/a#main-key", "https://a.test/u/a", false },
		{ "https://a.test@b.test/u/a", "https://a.test/u/a", false },
		{ "acct:a@a.test", "https://a.test/u/a", false },
		{ "a.test", "a.test", false },
		{ "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(signature_key_matches_actor(str_c(rows[i].key_id),
							     str_c(rows[i].actor)),
				 rows[i].matches);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unsigned, setup, teardown),
		cmocka_unit_test_setup_teardown(test_both_forms, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cavage_coverage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rfc9421_coverage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_get_needs_no_digest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_algorithm_confusion, setup, teardown),
		cmocka_unit_test_setup_teardown(test_public_key_as_secret, setup, teardown),
		cmocka_unit_test_setup_teardown(test_malformed_cavage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_malformed_rfc9421, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_line_breaks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_digests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_query_params, setup, teardown),
		cmocka_unit_test_setup_teardown(test_key_and_actor, setup, teardown),
	};

	return cmocka_run_group_tests(tests, keys_make, keys_free);
}
