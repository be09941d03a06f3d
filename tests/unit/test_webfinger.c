/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib/ap's WebFinger and NodeInfo clients against a scripted server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "ap/nodeinfo.h"
#include "ap/webfinger.h"
#include "base/err.h"
#include "tests/unit/peer_bench.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define AP "application/activity+json"
#define JRD "application/jrd+json"
#define SELF(id) "{\"rel\":\"self\",\"type\":\"" AP "\",\"href\":\"" id "\"}"

/* WebFinger: the host of the handles is the peer itself, with its port. */

#define WELL_KNOWN "/.well-known/webfinger"

struct finger {
	struct peer_row rows[4];
	int result;
	const char *name, *self, *page, *subscribe;
	int host; /* whose the handle is in the end */
};

#define PLAIN "text/plain"
#define JRD_OF(host, more) "{\"subject\":\"acct:ann@127.0.0.1:$" host "p\",\"links\":[" more "]}"

#define PAGE "{\"rel\":\"http://webfinger.net/rel/profile-page\",\"href\":\"$1/@ann\"}"
#define NO_SELF "{\"rel\":\"self\",\"type\":\"text/html\",\"href\":\"$1/x\"}"
#define SUBSCRIBE                                               \
	"{\"rel\":\"http://ostatus.org/schema/1.0/subscribe\"," \
	"\"template\":\"$1/follow?u={uri}\"}"

static const struct finger fingers[] = {
	{ { { 1, WELL_KNOWN, 200, JRD, NULL,
	      JRD_OF("1", PAGE "," NO_SELF "," SELF("$1/ann") "," SUBSCRIBE) } },
	  0,
	  "ann",
	  "$1/ann",
	  "$1/@ann",
	  "$1/follow?u={uri}",
	  1 },
	{ { { 1, WELL_KNOWN, 200, "application/json", NULL,
	      JRD_OF("1", "{\"rel\":\"self\",\"type\":\"application/ld+json; "
			  "profile=\\\"https://www.w3.org/ns/activitystreams\\\"\","
			  "\"href\":\"$1/ann\"}") } },
	  0,
	  "ann",
	  "$1/ann",
	  NULL,
	  NULL,
	  1 },
	{ { { 1, WELL_KNOWN, 200, PLAIN, NULL, "not found" } }, E_NOT_FOUND },
	{ { { 1, WELL_KNOWN, 200, JRD, NULL, "[]" } }, E_NOT_FOUND },
	{ { { 1, WELL_KNOWN, 400, PLAIN, NULL, "" } }, E_NOT_FOUND },
	{ { { 1, WELL_KNOWN, 410, PLAIN, NULL, "" } }, E_NOT_FOUND },
	{ { { 1, WELL_KNOWN, 503, PLAIN, NULL, "" } }, E_LATER },
	{ { { 1, WELL_KNOWN, 200, JRD, NULL, JRD_OF("1", "") } }, E_NOT_FOUND },
	{ { { 1, WELL_KNOWN, 200, JRD, NULL, JRD_OF("1", SELF("javascript:1")) } }, E_NOT_FOUND },
	{ { { 1, WELL_KNOWN, 200, JRD, NULL, "{\"links\":[" SELF("$1/ann") "]}" } }, E_REMOTE },
	{ { { 1, WELL_KNOWN, 200, JRD, NULL,
	      "{\"subject\":\"$1/ann\",\"links\":[" SELF("$1/ann") "]}" } },
	  E_REMOTE },
	/* host-meta */
	{ { { 1, "/.well-known/host-meta", 200, "application/xrd+xml", NULL,
	      "<?xml version=\"1.0\"?><XRD><Link rel='other' template='$1/no?{uri}'/>"
	      "<Link rel=\"lrdd\" type=\"application/xrd+xml\" template=\"$1/xrd?{uri}\"/>"
	      "<Link rel=\"lrdd\" template=\"$1/wf?a=1&amp;r={uri}\"/></XRD>" },
	    { 1, "/wf", 200, JRD, NULL, JRD_OF("1", SELF("$1/ann")) } },
	  0,
	  "ann",
	  "$1/ann",
	  NULL,
	  NULL,
	  1 },
	{ { { 1, "/.well-known/host-meta", 200, "application/xrd+xml", NULL, "<XRD></XRD>" } },
	  E_NOT_FOUND },
	{ { { 1, "/.well-known/host-meta", 200, "application/xrd+xml", NULL,
	      "<Link rel=\"lrdd\" template=\"file:///etc/{uri}\"/>" } },
	  E_NOT_FOUND },
	/* a split domain, confirmed and not */
	{ { { 1, WELL_KNOWN, 302, PLAIN, "location: $2" WELL_KNOWN, "" },
	    { 2, WELL_KNOWN, 200, JRD, NULL, JRD_OF("1", SELF("$2/ann")) } },
	  0,
	  "ann",
	  "$2/ann",
	  NULL,
	  NULL,
	  1 },
	{ { { 1, WELL_KNOWN, 200, JRD, NULL, JRD_OF("2", SELF("$1/ann")) },
	    { 2, WELL_KNOWN, 200, JRD, NULL, JRD_OF("2", SELF("$1/ann")) } },
	  0,
	  "ann",
	  "$1/ann",
	  NULL,
	  NULL,
	  2 },
	{ { { 1, WELL_KNOWN, 200, JRD, NULL, JRD_OF("2", SELF("$1/evil")) },
	    { 2, WELL_KNOWN, 200, JRD, NULL, JRD_OF("2", SELF("$2/ann")) } },
	  E_REMOTE },
	{ { { 1, WELL_KNOWN, 200, JRD, NULL, JRD_OF("2", SELF("$1/evil")) } }, E_NOT_FOUND },
};

static size_t finger_now;

static void assert_filled(struct bench *b, str got, const char *want)
{
	if (str_is_null(got) != (want == NULL) || (want && !str_eq(got, filled(b, want))))
		fail_msg("case %zu: got \"" STR_FMT "\", want \"%s\"", finger_now, STR_ARG(got),
			 want ? want : "(null)");
}

static str host_of(struct bench *b, int host)
{
	return str_fmt(b->arena, "127.0.0.1:%d", b->peer.port[host - 1]);
}

static void finger(struct bench *b)
{
	const struct finger *f = &fingers[finger_now];
	struct webfinger w = { .name = STR_NULL };
	int result = webfinger_find(&b->c, STR("ann"), host_of(b, 1), true, &w);

	if (result != f->result)
		fail_msg("case %zu: %d, " STR_FMT, finger_now, result,
			 STR_ARG(ctx_error(&b->c, result)));
	assert_filled(b, w.name, f->name);
	assert_filled(b, w.self, f->self);
	assert_filled(b, w.page, f->page);
	assert_filled(b, w.subscribe, f->subscribe);
	if (!result)
		assert_true(str_eq(w.host, host_of(b, f->host)));
}

static void test_webfinger(void **state)
{
	for (finger_now = 0; finger_now < ARRAY_SIZE(fingers); finger_now++)
		bench_run(state, fingers[finger_now].rows, finger);
}

static void finger_resource(struct bench *b)
{
	struct webfinger w;

	assert_int_equal(webfinger_find(&b->c, STR("a&n"), host_of(b, 1), true, &w), E_INVALID);
	assert_int_equal(webfinger_find(&b->c, STR("ann"), STR("a b"), true, &w), E_INVALID);
	assert_int_equal(webfinger_find(&b->c, STR("ann"), host_of(b, 1), true, &w), 0);
	assert_non_null(strstr(b->peer.requests[0],
			       "GET " WELL_KNOWN "?resource=acct%3Aann%40127.0.0.1%3A"));
	assert_non_null(strcasestr(b->peer.requests[0], "\r\naccept: " JRD));
}

static void test_resource(void **state)
{
	bench_run(state, fingers[0].rows, finger_resource);
}

/* NodeInfo */

#define SCHEMA "http://nodeinfo.diaspora.software/ns/schema/"
#define LINK(version, href) "{\"rel\":\"" SCHEMA version "\",\"href\":\"" href "\"}"
#define INFO                                                        \
	"{\"software\":{\"name\":\"Rookery\",\"version\":\"1.2\"}," \
	"\"metadata\":{\"nodeName\":\"N\"}}"
#define INDEX(links)                                                       \
	{                                                                  \
		1, "/.well-known/nodeinfo", 200, "application/json", NULL, \
			"{\"links\":[" links "]}", NULL                    \
	}

static const struct {
	struct peer_row rows[4];
	int result;
} infos[] = {
	{ { INDEX(LINK("1.0", "$1/1") "," LINK("2.0", "$1/20") "," LINK("2.1", "$1/21")),
	    { 1, "/21", 200, "application/json", NULL, INFO } },
	  0 },
	{ { INDEX(LINK("2.1", "$2/21") "," LINK("2.0", "$1/20")),
	    { 1, "/20", 200, "application/json", NULL, INFO },
	    { 2, "/21", 200, "application/json", NULL, INFO } },
	  0 },
	{ { INDEX(LINK("2.1", "$2/21")), { 2, "/21", 200, "application/json", NULL, INFO } },
	  E_NOT_FOUND },
	{ { INDEX(LINK("2.1", "$1/21")), { 1, "/21", 200, "text/html", NULL, "<html>" } },
	  E_NOT_FOUND },
	{ { INDEX(LINK("2.1", "$1/21")), { 1, "/21", 200, "application/json", NULL, "{}" } },
	  E_NOT_FOUND },
	{ { INDEX(LINK("2.1", "$1/21")), { 1, "/21", 502, "text/html", NULL, "" } }, E_LATER },
	{ { INDEX("") }, E_NOT_FOUND },
	{ { { 0, NULL } }, E_NOT_FOUND },
};

static size_t info_now;

static void info(struct bench *b)
{
	struct nodeinfo n = { .software = STR_NULL };
	int result = nodeinfo_find(&b->c, host_of(b, 1), true, &n);

	if (result != infos[info_now].result)
		fail_msg("case %zu: %d, " STR_FMT, info_now, result,
			 STR_ARG(ctx_error(&b->c, result)));
	if (result) {
		assert_true(str_is_null(n.software));
		return;
	}
	assert_true(str_eq_c(n.software, "rookery"));
	assert_true(str_eq_c(n.version, "1.2"));
	assert_true(str_eq_c(n.name, "N"));
	assert_true(str_eq_c(n.json, INFO));
}

static void test_nodeinfo(void **state)
{
	for (info_now = 0; info_now < ARRAY_SIZE(infos); info_now++)
		bench_run(state, infos[info_now].rows, info);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_webfinger, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(test_resource, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(test_nodeinfo, bench_setup, bench_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
