/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * HTTP signatures that others made, the published vectors and recorded deliveries, and those that
 * we make, in both forms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "tests/unit/signature_fixture.h"

#include <cmocka.h> /* last: its fail() is a macro */

static void assert_str(str got, str want)
{
	if (!str_eq(got, want))
		fail_msg("got \"" STR_FMT "\", want \"" STR_FMT "\"", STR_ARG(got), STR_ARG(want));
}

/* The result is 0, or the reason is told. */
static void assert_good(const struct ctx *c, str name, int result)
{
	if (result)
		fail_msg(STR_FMT ": " STR_FMT, STR_ARG(name), STR_ARG(ctx_error(c, result)));
}

static void assert_refused(const struct ctx *c, int result, const char *reason)
{
	assert_int_equal(result, E_UNAUTHORIZED);
	if (str_find(c->error, str_c(reason), 0) == SIZE_MAX)
		fail_msg("refused because: " STR_FMT, STR_ARG(c->error));
}

static usec http_time(str text)
{
	usec t = 0;

	assert_true(clock_parse_http(text, &t));
	return t;
}

/* Fields of an object, or of an array of pairs. */
static void add_fields(struct draft *d, const struct json *fields)
{
	const struct json *value;
	str name;

	for (size_t i = 0; i < json_count(fields); i++)
		draft_add(d, json_str(json_at(json_at(fields, i), 0)),
			  json_str(json_at(json_at(fields, i), 1)));
	for (size_t i = 0; json_member(fields, i, &name, &value); i++)
		draft_add(d, name, json_str(value));
}

static struct draft draft_of(const struct json *request)
{
	struct draft d = { .m = { .method = json_get_str(request, "method"),
				  .scheme = STR("https"),
				  .body = json_get_str(request, "body") } };

	draft_target(&d, json_get_str(request, "path"));
	return d;
}

/* draft-cavage, appendix C */

static void check_cavage_case(struct ctx *c, const struct json *all, const struct json *one,
			      const struct key *key)
{
	static const struct {
		const char *name, *policy;
	} expected[] = {
		{ "default", "does not cover the method" },
		{ "basic", "does not cover the digest" },
		{ "all", NULL },
	};
	struct draft d = draft_of(json_get(all, "request"));
	struct signature sig;
	str base, name = json_get_str(one, "name");
	usec now;

	add_fields(&d, json_get(json_get(all, "request"), "headers"));
	now = http_time(draft_get(&d, "date")) + USEC_MINUTE;
	draft_add(&d, STR("Signature"),
		  str_fmt(c->arena,
			  "keyId=\"" STR_FMT "\",algorithm=\"" STR_FMT "\",headers=\"" STR_FMT
			  "\",signature=\"" STR_FMT "\"",
			  STR_ARG(json_get_str(one, "keyId")),
			  STR_ARG(json_get_str(one, "algorithm")),
			  STR_ARG(json_get_str(one, "headers")),
			  STR_ARG(json_get_str(one, "signature"))));
	assert_good(c, name, signature_parse(c, message(&d), &sig));
	assert_int_equal(sig.form, SIGNATURE_CAVAGE);
	assert_str(sig.key_id, STR("Test"));
	assert_good(c, name, signature_base(c, message(&d), &sig, &base));
	assert_str(base, json_get_str(one, "signing_string"));
	assert_good(c, name, signature_verify(c, message(&d), &sig, key));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		if (!str_eq_c(name, expected[i].name))
			continue;
		if (expected[i].policy)
			assert_refused(c, signature_check(c, message(&d), &sig, key, now),
				       expected[i].policy);
		else
			assert_good(c, name, signature_check(c, message(&d), &sig, key, now));
	}
}

static void test_cavage_appendix(void **state)
{
	struct ctx *c = *state;
	const struct json *all = vector_file(c, VECTORS "draft-cavage.json");
	struct key *key cleanup(key_freep) = public_key(c, json_get_str(all, "public_key"));
	const struct json *cases = json_get(all, "cases");

	assert_int_equal(json_count(cases), 3);
	for (size_t i = 0; i < json_count(cases); i++)
		check_cavage_case(c, all, json_at(cases, i), key);
}

/* RFC 9421, appendix B */

/* A request as it stands in the RFC. */
static struct draft draft_of_text(str text)
{
	struct draft d = { .m.scheme = STR("https") };
	str line, name;
	size_t end = str_find(text, STR("\n\n"), 0);

	assert_true(end != SIZE_MAX);
	d.m.body = str_from(text, end + 2);
	text = str_slice(text, 0, end);
	assert_true(str_cut(&text, '\n', &line));
	assert_true(str_cut(&line, ' ', &d.m.method));
	assert_true(str_cut(&line, ' ', &name));
	draft_target(&d, name);
	while (str_cut(&text, '\n', &line)) {
		assert_true(str_cut(&line, ':', &name));
		draft_add(&d, name, str_trim(line));
	}
	return d;
}

static struct key *rfc_key(struct ctx *c, const struct json *all, str name)
{
	const struct json *keys = json_get(all, "keys");
	const struct json *one = json_get(keys, str_z(c->arena, name));
	struct key *key = NULL;
	str secret;

	if (json_is(one, JSON_ARRAY))
		return public_key(c, json_str(json_at(one, 0)));
	assert_true(base64_decode(c->arena, json_str(one), &secret));
	assert_int_equal(key_load_secret(secret, &key), 0);
	return key;
}

static void check_rfc_request(struct ctx *c, const struct json *all, const struct json *one)
{
	static const struct {
		const char *label, *policy;
	} expected[] = {
		{ "sig-b21", "does not cover the method" },
		{ "sig-b22", "does not cover the method" },
		{ "sig-b23", NULL },
		{ "sig-b25", "does not cover the method" },
		{ "sig-b26", "does not cover the query" },
	};
	struct draft d = draft_of_text(json_get_str(all, "test_request"));
	str label = json_get_str(one, "label"), base;
	struct key *key cleanup(key_freep) = rfc_key(c, all, json_get_str(one, "keyid"));
	struct signature sig;
	int result;

	draft_add(&d, STR("Signature-Input"), json_get_str(one, "signature_input"));
	draft_add(&d, STR("Signature"), json_get_str(one, "signature"));
	assert_good(c, label, signature_parse(c, message(&d), &sig));
	assert_int_equal(sig.form, SIGNATURE_RFC9421);
	assert_str(sig.key_id, json_get_str(one, "keyid"));
	assert_true(str_is_null(sig.algorithm));
	assert_good(c, label, signature_base(c, message(&d), &sig, &base));
	assert_str(base, json_get_str(one, "signature_base"));
	/* There it is agreed on outside of the message. */
	sig.algorithm = json_get_str(one, "alg");
	assert_good(c, label, signature_verify(c, message(&d), &sig, key));
	result = signature_policy(c, message(&d), &sig, sig.created + USEC_MINUTE);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		if (!str_eq_c(label, expected[i].label))
			continue;
		if (expected[i].policy)
			assert_refused(c, result, expected[i].policy);
		else
			assert_good(c, label, result);
	}
}

/* We sign no responses: only the bytes against the text. */
static void check_rfc_response(struct ctx *c, const struct json *all, const struct json *one)
{
	struct key *key cleanup(key_freep) = rfc_key(c, all, json_get_str(one, "keyid"));
	struct sfv_members m;

	assert_true(sfv_parse_dictionary(c->arena, json_get_str(one, "signature"), &m));
	assert_true(key_verify(key, KEY_ECDSA_P256_SHA256, json_get_str(one, "signature_base"),
			       m.p[0].item.bare.text));
}

static void test_rfc9421_appendix(void **state)
{
	struct ctx *c = *state;
	const struct json *all = vector_file(c, VECTORS "rfc9421-appendix-b.json");
	const struct json *cases = json_get(all, "cases");

	assert_int_equal(json_count(cases), 6);
	for (size_t i = 0; i < json_count(cases); i++) {
		const struct json *one = json_at(cases, i);

		if (str_eq_c(json_get_str(one, "message"), "request"))
			check_rfc_request(c, all, one);
		else
			check_rfc_response(c, all, one);
	}
}

/* Another implementation's known good message */

static struct draft takahe_draft(const struct json *all, const struct json *one)
{
	struct draft d = { .m = { .method = json_get_str(all, "method"),
				  .scheme = STR("https"),
				  .path = json_get_str(one, "path"),
				  .body = json_get_str(one, "data") } };

	draft_add(&d, STR("host"), json_get_str(one, "HTTP_HOST"));
	draft_add(&d, STR("date"), json_get_str(one, "HTTP_DATE"));
	draft_add(&d, STR("content-type"), json_get_str(one, "content_type"));
	draft_add(&d, STR("digest"), json_get_str(one, "HTTP_DIGEST"));
	draft_add(&d, STR("signature"), json_get_str(one, "HTTP_SIGNATURE"));
	return d;
}

static void test_known_good(void **state)
{
	struct ctx *c = *state;
	const struct json *all = vector_file(c, VECTORS "takahe-known-good.json");
	const struct json *keys = json_get(all, "keypair");
	struct key *public cleanup(key_freep) = public_key(c, json_get_str(keys, "public_key"));
	struct key *private cleanup(key_freep) = private_key(c, json_get_str(keys, "private_key"));
	struct draft d = takahe_draft(all, json_get(all, "http_good"));
	usec now = http_time(draft_get(&d, "date"));
	struct signature_with with = { SIGNATURE_CAVAGE, json_get_str(keys, "public_key_id"),
				       private, now };
	struct http_field fields[SIGNATURE_FIELDS];
	struct signature sig, ours;
	size_t n;

	assert_good(c, STR("good"), signature_parse(c, message(&d), &sig));
	assert_good(c, STR("good"), signature_check(c, message(&d), &sig, public, now));

	/* What we sign covers the same in the same order, and PKCS#1 v1.5 has no random part. */
	draft_remove(&d, "signature");
	draft_remove(&d, "digest");
	draft_remove(&d, "date");
	assert_good(c, STR("ours"), signature_sign(c, message(&d), &with, fields, &n));
	for (size_t i = 0; i < n; i++)
		draft_add(&d, fields[i].name, fields[i].value);
	assert_good(c, STR("ours"), signature_parse(c, message(&d), &ours));
	assert_str(ours.key_id, sig.key_id);
	assert_true(str_eq(ours.bytes, sig.bytes));

	d = takahe_draft(all, json_get(all, "http_must_fail_missing_algorithm"));
	assert_refused(c, signature_parse(c, message(&d), &sig), "names no algorithm");
}

/* Recorded deliveries */

static void check_recorded(struct ctx *c, const char *path, size_t count, size_t rfc9421)
{
	const struct json *all = vector_file(c, path), *requests = json_get(all, "requests");
	const struct json *actor = json_get(all, "signer_actor");
	const struct json *key_object = json_get(actor, "publicKey");
	struct key *key cleanup(key_freep) =
		public_key(c, json_get_str(key_object, "publicKeyPem"));
	size_t seen = 0;

	assert_int_equal(json_count(requests), count);
	for (size_t i = 0; i < count; i++) {
		struct draft d = draft_of(json_at(requests, i));
		struct signature sig;
		usec now;

		add_fields(&d, json_get(json_at(requests, i), "headers"));
		now = http_time(draft_get(&d, "date")) + 10 * USEC_SEC;
		assert_good(c, str_c(path), signature_parse(c, message(&d), &sig));
		seen += sig.form == SIGNATURE_RFC9421;
		assert_str(sig.key_id, json_get_str(key_object, "id"));
		assert_true(signature_key_matches_actor(sig.key_id, json_get_str(actor, "id")));
		assert_good(c, str_c(path), signature_check(c, message(&d), &sig, key, now));
		d.m.body = str_slice(d.m.body, 0, d.m.body.n - 1);
		assert_refused(c, signature_check(c, message(&d), &sig, key, now),
			       "digest is not the body's");
	}
	assert_int_equal(seen, rfc9421);
}

static void test_recorded(void **state)
{
	check_recorded(*state, VECTORS "recorded-snac2-2.75.json", 10, 0);
	check_recorded(*state, VECTORS "recorded-fedify-2.3.6.json", 4, 2);
}

/* Signing */

static struct draft plain_request(const char *method, const char *target, const char *body)
{
	struct draft d = { .m = { .method = str_c(method),
				  .scheme = STR("https"),
				  .authority = STR("b.test:8443"),
				  .body = str_c(body) } };

	draft_target(&d, str_c(target));
	if (d.m.body.n)
		draft_add(&d, STR("Content-Type"), STR("application/activity+json"));
	return d;
}

struct pair {
	struct key *private, *public;
};

static struct pair pair_of(struct ctx *c, int (*generate)(struct arena *, str *, str *))
{
	struct pair p;
	str private, public;

	assert_int_equal(generate(c->arena, &private, &public), 0);
	assert_int_equal(key_load_private(private, &p.private), 0);
	assert_int_equal(key_load_public(public, &p.public), 0);
	return p;
}

static void pair_done(struct pair *p)
{
	key_free(p->private);
	key_free(p->public);
}

static void check_round_trip(struct ctx *c, enum signature_form form, struct draft *d,
			     const struct pair *key, const char *const *names)
{
	const usec now = clock_real();
	struct signature_with with = { form, STR("https://a.test/u/a#main-key"), key->private,
				       now };
	struct http_field fields[SIGNATURE_FIELDS];
	struct signature sig;
	size_t n = 0;

	assert_good(c, STR("sign"), signature_sign(c, message(d), &with, fields, &n));
	for (size_t i = 0; i < n; i++) {
		assert_non_null(names[i]);
		assert_str(fields[i].name, str_c(names[i]));
		draft_add(d, fields[i].name, fields[i].value);
	}
	assert_null(names[n]);
	assert_good(c, STR("parse"), signature_parse(c, message(d), &sig));
	assert_int_equal(sig.form, form);
	assert_str(sig.key_id, with.key_id);
	assert_good(c, STR("check"), signature_check(c, message(d), &sig, key->public, now));
	assert_int_equal(signature_fingerprint(c->arena, &sig).n, 32);
}

static void test_round_trip(void **state)
{
	static const struct {
		enum signature_form form;
		const char *method, *target, *body;
		const char *names[SIGNATURE_FIELDS + 1];
	} rows[] = {
		{ SIGNATURE_CAVAGE, "POST", "/inbox", "{}", { "Date", "Digest", "Signature" } },
		{ SIGNATURE_CAVAGE, "POST", "/in?a=b&c", "{}", { "Date", "Digest", "Signature" } },
		{ SIGNATURE_CAVAGE, "GET", "/u/b?page=1", NULL, { "Date", "Signature" } },
		{ SIGNATURE_CAVAGE, "GET", "/u/b?", NULL, { "Date", "Signature" } },
		{ SIGNATURE_RFC9421,
		  "POST",
		  "/in?a=b&c",
		  "{}",
		  { "Date", "Content-Digest", "Signature-Input", "Signature" } },
		{ SIGNATURE_RFC9421,
		  "GET",
		  "/u/b?page=1",
		  NULL,
		  { "Date", "Signature-Input", "Signature" } },
	};
	struct ctx *c = *state;
	struct pair pairs[] = { pair_of(c, key_generate_rsa), pair_of(c, key_generate_ed25519) };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t k = 0; k < ARRAY_SIZE(pairs); k++) {
			struct draft d =
				plain_request(rows[i].method, rows[i].target, rows[i].body);

			check_round_trip(c, rows[i].form, &d, &pairs[k], rows[i].names);
		}
	pair_done(&pairs[0]);
	pair_done(&pairs[1]);
}

/* The exact texts that other servers are known to read. */
static void test_written_form(void **state)
{
	struct ctx *c = *state;
	struct pair pair = pair_of(c, key_generate_rsa);
	struct signature_with with = { SIGNATURE_CAVAGE, STR("https://a.test/u/a#main-key"),
				       pair.private, 1700000000 * USEC_SEC };
	struct draft d = plain_request("POST", "/inbox", "{}");
	struct http_field fields[SIGNATURE_FIELDS];
	size_t n = 0;

	assert_good(c, STR("cavage"), signature_sign(c, message(&d), &with, fields, &n));
	assert_str(fields[0].value, STR("Tue, 14 Nov 2023 22:13:20 GMT"));
	assert_str(fields[1].value, STR("SHA-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="));
	assert_true(str_starts(fields[2].value,
			       STR("keyId=\"https://a.test/u/a#main-key\",algorithm=\"rsa-sha256\","
				   "headers=\"(request-target) host date digest content-type\","
				   "signature=\"")));
	with.form = SIGNATURE_RFC9421;
	assert_good(c, STR("rfc9421"), signature_sign(c, message(&d), &with, fields, &n));
	assert_str(fields[1].value, STR("sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:"));
	assert_str(fields[2].value,
		   STR("sig1=(\"@method\" \"@target-uri\" \"content-digest\");created=1700000000;"
		       "keyid=\"https://a.test/u/a#main-key\";alg=\"rsa-v1_5-sha256\""));
	assert_true(str_starts(fields[3].value, STR("sig1=:")));
	pair_done(&pair);
}

static void test_sign_refuses(void **state)
{
	struct ctx *c = *state;
	struct pair pair = pair_of(c, key_generate_rsa);
	struct draft d = plain_request("POST", "/inbox", "{}");
	struct signature_with with = { SIGNATURE_CAVAGE, STR("https://a.test/u/\"a"), pair.private,
				       clock_real() };
	struct http_field fields[SIGNATURE_FIELDS];
	struct key *secret cleanup(key_freep) = NULL;
	size_t n = 7;

	assert_int_equal(signature_sign(c, message(&d), &with, fields, &n), E_INVALID);
	with.key_id = STR_NULL;
	assert_int_equal(signature_sign(c, message(&d), &with, fields, &n), E_INVALID);
	with.key_id = STR("https://a.test/u/a");
	with.key = pair.public;
	assert_int_equal(signature_sign(c, message(&d), &with, fields, &n), E_INVALID);
	assert_int_equal(key_load_secret(STR("x"), &secret), 0);
	with.key = secret;
	assert_int_equal(signature_sign(c, message(&d), &with, fields, &n), E_INVALID);
	assert_int_equal(n, 7);
	pair_done(&pair);
}

static void test_form_names(void **state)
{
	int form;

	(void)state;
	assert_true(name_to_value(signature_form_names, STR("cavage"), &form));
	assert_int_equal(form, SIGNATURE_CAVAGE);
	assert_true(name_to_value(signature_form_names, STR("rfc9421"), &form));
	assert_int_equal(form, SIGNATURE_RFC9421);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cavage_appendix), cmocka_unit_test(test_rfc9421_appendix),
		cmocka_unit_test(test_known_good),	cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_round_trip),	cmocka_unit_test(test_written_form),
		cmocka_unit_test(test_sign_refuses),	cmocka_unit_test(test_form_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
