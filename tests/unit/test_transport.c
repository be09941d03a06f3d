/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/ap's signed exchanges against a scripted server: planted objects, wrong media types, both
 * forms of signature, deliveries, and the cache of keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ap/key_cache.h"
#include "ap/signature.h"
#include "ap/transport.h"
#include "base/ctx.h"
#include "base/err.h"
#include "crypt/key.h"
#include "loop/fiber.h"
#include "tests/unit/peer_bench.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define AP "application/activity+json"
#define LD "application/ld+json"
#define PROFILE LD "; profile=\"https://www.w3.org/ns/activitystreams\""
#define DOCUMENT(id) "{\"id\":\"" id "\",\"type\":\"Note\"}"

static char big[AP_DOCUMENT_LIMIT + 100];

static const struct peer_row rows[] = {
	{ 1, "/good", 200, AP, NULL, DOCUMENT("$1/good") },
	{ 1, "/good-fragment", 200, AP, NULL, DOCUMENT("$1/good-fragment#me") },
	{ 1, "/charset", 200, AP "; charset=utf-8", NULL, DOCUMENT("$1/charset") },
	{ 1, "/ld", 200, PROFILE, NULL, DOCUMENT("$1/ld") },
	{ 1, "/ld-plain", 200, LD, NULL, DOCUMENT("$1/ld-plain") },
	{ 1, "/ld-other", 200, LD "; profile=\"https://other.example\"", NULL,
	  DOCUMENT("$1/ld-other") },
	{ 1, "/html", 200, "text/html", NULL, DOCUMENT("$1/html") },
	{ 1, "/json", 200, "application/json", NULL, DOCUMENT("$1/json") },
	{ 1, "/bytes", 200, "application/octet-stream", NULL, DOCUMENT("$1/bytes") },
	{ 1, "/alias", 200, AP, NULL, DOCUMENT("$1/good") },
	{ 1, "/alias-of-alias", 200, AP, NULL, DOCUMENT("$1/alias") },
	{ 1, "/alias-of-html", 200, AP, NULL, DOCUMENT("$1/html") },
	{ 1, "/alias-of-nothing", 200, AP, NULL, DOCUMENT("$1/404") },
	{ 1, "/foreign", 200, AP, NULL, DOCUMENT("$2/victim") },
	{ 1, "/planted", 302, "text/plain", "location: $2/planted", "" },
	{ 2, "/planted", 200, AP, NULL, DOCUMENT("$1/planted") },
	{ 1, "/moved", 302, "text/plain", "location: /good", "" },
	{ 1, "/home", 302, "text/plain", "location: /page", "" },
	{ 1, "/page", 200, AP, NULL, DOCUMENT("$1/home") },
	{ 1, "/away", 302, "text/plain", "location: $2/own", "" },
	{ 2, "/own", 200, AP, NULL, DOCUMENT("$2/own") },
	{ 1, "/loop", 302, "text/plain", "location: /loop", "" },
	{ 1, "/guarded", 302, "text/plain", "location: http://10.0.0.1/", "" },
	{ 1, "/no-id", 200, AP, NULL, "{\"type\":\"Note\"}" },
	{ 1, "/id-number", 200, AP, NULL, "{\"id\":1}" },
	{ 1, "/id-tag", 200, AP, NULL, DOCUMENT("tag:x,1:1") },
	{ 1, "/list", 200, AP, NULL, "[" DOCUMENT("$1/list") "]" },
	{ 1, "/broken", 200, AP, NULL, "{" },
	{ 1, "/empty", 200, AP, NULL, "" },
	{ 1, "/latin1", 200, AP "; charset=ISO-8859-1", NULL,
	  "{\"id\":\"$1/latin1\",\"name\":\"caf\xe9\"}" },
	{ 1, "/big", 200, AP, NULL, big },
	{ 1, "/400", 400, "text/plain", NULL, "" },
	{ 1, "/401", 401, "text/plain", NULL, "" },
	{ 1, "/403", 403, "text/plain", NULL, "" },
	{ 1, "/404", 404, "text/plain", NULL, "" },
	{ 1, "/410", 410, AP, NULL, DOCUMENT("$1/410") },
	{ 1, "/429", 429, "text/plain", NULL, "" },
	{ 1, "/500", 500, "text/html", NULL, "" },
	{ 1, "/503", 503, "text/html", NULL, "" },
	{ 1, "/rfc9421", 200, AP, NULL, DOCUMENT("$1/rfc9421"), "signature-input:" },
	{ 1, "/inbox", 202, "text/plain", NULL, "" },
	{ 1, "/inbox-moved", 307, "text/plain", "location: /inbox", "" },
	{ 1, "/inbox-busy", 429, "application/json", "retry-after: 120",
	  "{\"error\":\n\"slow down\"}" },
	{ 1, "/inbox-html", 500, "text/html", NULL, "<h1>no</h1>" },
	{ 0, NULL, 0, NULL, NULL, NULL, NULL },
};

/* GET */

static const struct {
	const char *uri;
	int result;
	const char *id; /* of what came back */
	int requests;
} gets[] = {
	{ "$1/good", 0, "$1/good", 1 },
	{ "$1/good#fragment", 0, "$1/good", 1 },
	{ "$1/good-fragment", 0, "$1/good-fragment#me", 1 },
	{ "$1/charset", 0, "$1/charset", 1 },
	{ "$1/ld", 0, "$1/ld", 1 },
	{ "$1/ld-plain", E_UNSUPPORTED, NULL, 1 },
	{ "$1/ld-other", E_UNSUPPORTED, NULL, 1 },
	{ "$1/html", E_UNSUPPORTED, NULL, 1 },
	{ "$1/json", E_UNSUPPORTED, NULL, 1 },
	{ "$1/bytes", E_UNSUPPORTED, NULL, 1 },
	{ "$1/alias", 0, "$1/good", 2 },
	{ "$1/alias-of-alias", E_REMOTE, NULL, 2 },
	{ "$1/alias-of-html", E_UNSUPPORTED, NULL, 2 },
	{ "$1/alias-of-nothing", E_NOT_FOUND, NULL, 2 },
	{ "$1/foreign", E_REMOTE, NULL, 1 },
	{ "$1/planted", E_REMOTE, NULL, 2 },
	{ "$1/moved", 0, "$1/good", 2 },
	{ "$1/home", 0, "$1/home", 2 },
	{ "$1/page", 0, "$1/home", 3 },
	{ "$1/away", 0, "$2/own", 2 },
	{ "$1/loop", E_REMOTE, NULL, 1 + AP_REDIRECT_LIMIT },
	{ "$1/guarded", E_REFUSED, NULL, 1 },
	{ "$1/no-id", E_REMOTE, NULL, 1 },
	{ "$1/id-number", E_REMOTE, NULL, 1 },
	{ "$1/id-tag", E_REMOTE, NULL, 1 },
	{ "$1/list", E_REMOTE, NULL, 1 },
	{ "$1/broken", E_REMOTE, NULL, 1 },
	{ "$1/empty", E_REMOTE, NULL, 1 },
	{ "$1/big", E_TOO_LARGE, NULL, 1 },
	{ "$1/400", E_REMOTE, NULL, 1 },
	{ "$1/401", E_FORBIDDEN, NULL, 2 },
	{ "$1/403", E_FORBIDDEN, NULL, 1 },
	{ "$1/404", E_NOT_FOUND, NULL, 1 },
	{ "$1/410", E_GONE, NULL, 1 },
	{ "$1/429", E_LATER, NULL, 1 },
	{ "$1/500", E_LATER, NULL, 1 },
	{ "$1/503", E_LATER, NULL, 1 },
	{ "$1/rfc9421", 0, "$1/rfc9421", 2 },
	{ "http://127.0.0.1:9/", E_REFUSED, NULL, 0 },
	{ "http://10.0.0.1/", E_REFUSED, NULL, 0 },
	{ "file:///etc/passwd", E_INVALID, NULL, 0 },
	{ "good", E_INVALID, NULL, 0 },
};

/* What the peer received, as a message to check. */
static struct http_message message_of(struct bench *b, int n)
{
	static struct http_field fields[32];
	str text = str_dup(b->arena, str_c(b->peer.requests[n])), line, target;
	struct http_message m = { .scheme = STR("http"), .query = STR_NULL, .fields = fields };
	size_t colon;

	m.body = str_from(text, str_find(text, STR("\r\n\r\n"), 0) + 4);
	text = str_slice(text, 0, text.n - m.body.n - 2);
	assert_true(str_cut(&text, '\n', &line));
	assert_true(str_cut(&line, ' ', &m.method) && str_cut(&line, ' ', &target));
	m.path = str_slice(target, 0, str_find_char(target, '?', 0));
	if (m.path.n < target.n)
		m.query = str_from(target, m.path.n + 1);
	while (str_cut(&text, '\n', &line) && (colon = str_find_char(line, ':', 0)) != SIZE_MAX) {
		fields[m.n_fields].name = str_lower(b->arena, str_slice(line, 0, colon));
		fields[m.n_fields++].value = str_trim(str_from(line, colon + 1));
		if (str_eq(fields[m.n_fields - 1].name, STR("host")))
			m.authority = fields[m.n_fields - 1].value;
	}
	return m;
}

/* Every request so far carries a signature that holds. */
static void check_signatures(struct bench *b)
{
	struct key *key cleanup(key_freep) = NULL;

	assert_int_equal(key_load_public(b->public_der, &key), 0);
	for (int i = 0; i < b->peer.n; i++) {
		struct http_message m = message_of(b, i);
		struct signature s;
		int result = signature_parse(&b->c, &m, &s);

		if (!result)
			result = signature_check(&b->c, &m, &s, key, clock_real());
		if (result)
			fail_msg("%s: " STR_FMT, b->peer.requests[i],
				 STR_ARG(ctx_error(&b->c, result)));
		assert_true(str_eq(s.key_id, b->signer.key_uri));
	}
}

/* The peer counts a request when it has answered; wait for the last one. */
static int requests_of(struct bench *b, int want)
{
	for (int i = 0; i < 100 && b->peer.n < want; i++)
		fiber_sleep(10 * USEC_MSEC);
	return b->peer.n;
}

static void check_get(struct bench *b, size_t i, const struct ap_signer *signer, int requests)
{
	const struct json *j = NULL;
	str url = STR_NULL;
	int result = ap_get(&b->c, signer, filled(b, gets[i].uri), &j, &url);

	if (result != gets[i].result)
		fail_msg("%s: %d, " STR_FMT, gets[i].uri, result,
			 STR_ARG(ctx_error(&b->c, result)));
	if (requests_of(b, requests) != requests)
		fail_msg("%s: %d requests", gets[i].uri, b->peer.n);
	if (result) {
		assert_null(j);
		return;
	}
	if (!str_eq(json_get_str(j, "id"), filled(b, gets[i].id)))
		fail_msg("%s: " STR_FMT, gets[i].uri, STR_ARG(json_get_str(j, "id")));
	assert_false(str_is_null(url));
}

static void get_signed(struct bench *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(gets); i++) {
		check_get(b, i, &b->signer, gets[i].requests);
		check_signatures(b);
		peer_forget(&b->peer);
	}
	assert_int_equal(key_cache_count(), 1);
}

static void test_get(void **state)
{
	bench_run(state, rows, get_signed);
}

static void get_unsigned(struct bench *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(gets); i++) {
		bool needs_signature = !strcmp(gets[i].uri, "$1/rfc9421");

		if (needs_signature)
			continue;
		check_get(b, i, NULL, gets[i].result == E_FORBIDDEN ? 1 : gets[i].requests);
		for (int k = 0; k < b->peer.n; k++)
			assert_null(strcasestr(b->peer.requests[k], "\r\nsignature:"));
		peer_forget(&b->peer);
	}
}

static void test_get_unsigned(void **state)
{
	bench_run(state, rows, get_unsigned);
}

static void get_latin1(struct bench *b)
{
	const struct json *j;
	str url;

	assert_int_equal(ap_get(&b->c, NULL, filled(b, "$1/latin1"), &j, &url), 0);
	assert_true(str_eq_c(json_get_str(j, "name"), "caf\xc3\xa9"));
}

static void test_get_latin1(void **state)
{
	bench_run(state, rows, get_latin1);
}

/* POST */

static const struct {
	const char *inbox;
	int status;
	usec retry_after;
	const char *reason;
} posts[] = {
	{ "$1/inbox", 202, 0, "HTTP status 202" },
	{ "$1/inbox?shared=1&x=%20", 202, 0, "HTTP status 202" },
	{ "$1/inbox-moved", 307, 0, "HTTP status 307" },
	{ "$1/inbox-busy", 429, 120 * USEC_SEC, "HTTP status 429: {\"error\": \"slow down\"}" },
	{ "$1/inbox-html", 500, 0, "HTTP status 500" },
	{ "$1/404", 404, 0, "HTTP status 404" },
};

static int post(struct bench *b, const struct ap_signer *signer, enum signature_form form,
		str inbox, str body, struct ap_result *ret)
{
	struct ap_posting posting = {
		.signer = signer, .form = form, .inbox = inbox, .body = body
	};

	return ap_post(&b->c, &posting, ret);
}

static void check_post(struct bench *b, size_t i, enum signature_form form)
{
	struct ap_result r = { 0 };
	str body = STR("{\"type\":\"Like\"}");

	assert_int_equal(post(b, &b->signer, form, filled(b, posts[i].inbox), body, &r), 0);
	assert_int_equal(r.status, posts[i].status);
	assert_int_equal(r.retry_after, posts[i].retry_after);
	if (!str_eq_c(r.reason, posts[i].reason))
		fail_msg(STR_FMT, STR_ARG(r.reason));
	assert_int_equal(requests_of(b, 1), 1);
	assert_true(str_eq(message_of(b, 0).body, body));
	assert_non_null(strcasestr(b->peer.requests[0], "\r\ncontent-type: " AP "\r\n"));
	assert_int_equal(strcasestr(b->peer.requests[0], "\r\nsignature-input:") != NULL,
			 form == SIGNATURE_RFC9421);
	check_signatures(b);
	peer_forget(&b->peer);
}

static void post_all(struct bench *b)
{
	struct ap_result r = { .status = -1 };
	struct ap_signer broken = { b->signer.key_uri, STR("no key") };

	for (size_t i = 0; i < ARRAY_SIZE(posts); i++) {
		check_post(b, i, SIGNATURE_CAVAGE);
		check_post(b, i, SIGNATURE_RFC9421);
	}
	assert_int_equal(post(b, &b->signer, SIGNATURE_CAVAGE, STR("http://10.0.0.1/inbox"),
			      STR("{}"), &r),
			 E_REFUSED);
	assert_int_equal(post(b, &broken, SIGNATURE_CAVAGE, filled(b, "$1/inbox"), STR("{}"), &r),
			 E_INVALID);
	assert_int_equal(r.status, -1);
}

static void test_post(void **state)
{
	bench_run(state, rows, post_all);
}

static void test_meanings(void **state unused)
{
	static const struct {
		int status, err;
	} cases[] = {
		{ 200, 0 },
		{ 202, 0 },
		{ 204, 0 },
		{ 301, E_REMOTE },
		{ 304, E_REMOTE },
		{ 400, E_REMOTE },
		{ 401, E_UNAUTHORIZED },
		{ 403, E_FORBIDDEN },
		{ 404, E_NOT_FOUND },
		{ 408, E_LATER },
		{ 410, E_GONE },
		{ 413, E_TOO_LARGE },
		{ 422, E_REMOTE },
		{ 429, E_LATER },
		{ 500, E_LATER },
		{ 599, E_LATER },
		{ 0, E_REMOTE },
		{ 999, E_REMOTE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(ap_result_err(cases[i].status), cases[i].err);
}

/* The cache of keys */

static void test_key_cache(void **state)
{
	struct bench *b = *state;
	struct cached_key *first, *again, *other;
	struct ap_signer signer = { STR_NULL, STR_NULL };
	str public_der;

	ap_keys_forget();
	assert_int_equal(key_cache_get(&b->c, &b->signer, &first), 0);
	assert_int_equal(key_cache_get(&b->c, &b->signer, &again), 0);
	assert_ptr_equal(first, again);
	assert_int_equal(key_generate_ed25519(b->arena, &signer.private_der, &public_der), 0);
	for (int i = 0; i < 2 * KEY_CACHE_SIZE; i++) {
		signer.key_uri = str_fmt(b->arena, "https://signer.example/%d", i);
		assert_int_equal(key_cache_get(&b->c, &signer, &other), 0);
		cached_key_unref(other);
	}
	assert_int_equal(key_cache_count(), KEY_CACHE_SIZE);
	assert_int_equal(key_kind(cached_key_use(first)), KEY_RSA);
	cached_key_unref(first);
	cached_key_unref(again);
	ap_keys_forget();
	assert_int_equal(key_cache_count(), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_get, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(test_get_unsigned, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(test_get_latin1, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(test_post, bench_setup, bench_teardown),
		cmocka_unit_test(test_meanings),
		cmocka_unit_test_setup_teardown(test_key_cache, bench_setup, bench_teardown),
	};

	memset(big, ' ', sizeof(big) - 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
