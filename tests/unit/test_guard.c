/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/fetch/guard: every row of the IANA special-purpose registries with the first and the last
 * address of its block, the addresses beside them, and the forms that embed an IPv4 address.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "base/err.h"
#include "fetch/guard.h"

#include <cmocka.h>

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

static const struct guard *guard(struct arena *a, const char *allow)
{
	const struct guard *g;
	str bad;

	assert_int_equal(guard_new(a, allow, &g, &bad), 0);
	return g;
}

/* The socket address of a literal without brackets. */
static struct sockaddr_storage address_of(const char *text, uint16_t port)
{
	struct sockaddr_storage s = { 0 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&s;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&s;

	if (strchr(text, ':')) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
	} else {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		assert_int_equal(inet_pton(AF_INET, text, &v4->sin_addr), 1);
	}
	return s;
}

static bool allows(const struct guard *g, const char *text, uint16_t port)
{
	struct sockaddr_storage s = address_of(text, port);

	return guard_allows_address(g, (struct sockaddr *)&s);
}

static bool opens(const struct guard *g, const char *text, uint16_t port)
{
	struct sockaddr_storage s = address_of(text, port);

	return guard_opens_address(g, (struct sockaddr *)&s);
}

static const struct verdict {
	const char *address;
	bool allowed;
} verdicts[] = {
	{ "0.0.0.0", false }, /* this network */
	{ "0.0.0.1", false },
	{ "0.255.255.255", false },
	{ "1.0.0.0", true },
	{ "1.1.1.1", true },
	{ "8.8.8.8", true },
	{ "9.255.255.255", true },
	{ "10.0.0.0", false }, /* private use */
	{ "10.255.255.255", false },
	{ "11.0.0.0", true },
	{ "100.63.255.255", true },
	{ "100.64.0.0", false }, /* shared by carriers */
	{ "100.100.100.200", false }, /* metadata of one cloud */
	{ "100.127.255.255", false },
	{ "100.128.0.0", true },
	{ "126.255.255.255", true },
	{ "127.0.0.0", false }, /* loopback */
	{ "127.0.0.1", false },
	{ "127.255.255.255", false },
	{ "128.0.0.0", true },
	{ "169.253.255.255", true },
	{ "169.254.0.0", false }, /* link-local */
	{ "169.254.169.254", false }, /* metadata of most clouds */
	{ "169.254.255.255", false },
	{ "169.255.0.0", true },
	{ "172.15.255.255", true },
	{ "172.16.0.0", false }, /* private use */
	{ "172.31.255.255", false },
	{ "172.32.0.0", true },
	{ "191.255.255.255", true },
	{ "192.0.0.0", false }, /* protocol assignments */
	{ "192.0.0.8", false },
	{ "192.0.0.170", false },
	{ "192.0.0.192", false },
	{ "192.0.0.255", false },
	{ "192.0.1.0", true },
	{ "192.0.2.0", false }, /* documentation */
	{ "192.0.2.255", false },
	{ "192.0.3.0", true },
	{ "192.31.196.1", false }, /* AS112 */
	{ "192.52.193.1", false }, /* AMT */
	{ "192.88.99.1", false }, /* 6to4 relays */
	{ "192.167.255.255", true },
	{ "192.168.0.0", false }, /* private use */
	{ "192.168.255.255", false },
	{ "192.169.0.0", true },
	{ "192.175.48.1", false }, /* AS112 */
	{ "198.17.255.255", true },
	{ "198.18.0.0", false }, /* benchmarks */
	{ "198.19.255.255", false },
	{ "198.20.0.0", true },
	{ "198.51.100.7", false }, /* documentation */
	{ "203.0.113.7", false },
	{ "223.255.255.255", true },
	{ "224.0.0.0", false }, /* multicast */
	{ "239.255.255.255", false },
	{ "240.0.0.0", false }, /* reserved */
	{ "254.255.255.255", false },
	{ "255.255.255.255", false }, /* broadcast */

	{ "::", false },
	{ "::1", false },
	{ "::2", false },
	{ "::ffff:127.0.0.1", false }, /* v4-mapped */
	{ "::ffff:10.0.0.1", false },
	{ "::ffff:169.254.169.254", false },
	{ "::ffff:0.0.0.0", false },
	{ "::ffff:8.8.8.8", true },
	{ "::ffff:0:8.8.8.8", false }, /* v4-translated */
	{ "::127.0.0.1", false }, /* v4-compatible */
	{ "::8.8.8.8", false },
	{ "64:ff9b::127.0.0.1", false }, /* NAT64 */
	{ "64:ff9b::10.0.0.1", false },
	{ "64:ff9b::169.254.169.254", false },
	{ "64:ff9b::8.8.8.8", true },
	{ "64:ff9b::1:8.8.8.8", false },
	{ "64:ff9b:1::8.8.8.8", false }, /* NAT64 of local use */
	{ "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", false },
	{ "100::1", false }, /* discard */
	{ "100:0:0:1::1", false }, /* dummy prefix */
	{ "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false },
	{ "2000::1", true },
	{ "2001::1", false }, /* Teredo */
	{ "2001:0:4136:e378:8000:63bf:3fff:fdd2", false },
	{ "2001:1::1", false }, /* port control protocol */
	{ "2001:2::1", false }, /* benchmarks */
	{ "2001:3::1", false }, /* AMT */
	{ "2001:4:112::1", false }, /* AS112 */
	{ "2001:10::1", false }, /* ORCHID */
	{ "2001:20::1", false },
	{ "2001:30::1", false },
	{ "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", false },
	{ "2001:200::1", true },
	{ "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", true },
	{ "2001:db8::1", false }, /* documentation */
	{ "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", false },
	{ "2001:db9::", true },
	{ "2001:4860:4860::8888", true },
	{ "2002::1", false }, /* 6to4 */
	{ "2002:7f00:1::1", false },
	{ "2002:808:808::1", false },
	{ "2003::1", true },
	{ "2606:4700:4700::1111", true },
	{ "2620:4f:8000::1", false }, /* AS112 */
	{ "2620:4f:8001::1", true },
	{ "2a00:1450:4001:830::200e", true },
	{ "3fff::1", false }, /* documentation */
	{ "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", false },
	{ "3fff:1000::1", true },
	{ "4000::1", false }, /* not given out */
	{ "5f00::1", false }, /* segment routing */
	{ "fc00::1", false }, /* unique local */
	{ "fd00:ec2::254", false }, /* metadata of one cloud */
	{ "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false },
	{ "fe80::1", false }, /* link-local */
	{ "febf::1", false },
	{ "fec0::1", false }, /* site-local */
	{ "ff00::1", false }, /* multicast */
	{ "ff02::1", false },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false },
};

static void test_addresses(void **state)
{
	const struct guard *closed = guard(*state, NULL);

	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		const struct verdict *row = &verdicts[i];

		if (allows(closed, row->address, 443) != row->allowed)
			fail_msg("%s: %s", row->address, row->allowed ? "refused" : "allowed");
		assert_false(opens(closed, row->address, 443));
		assert_false(opens(closed, row->address, 80));
	}
}

/* An IPv4 address keeps its verdict in the forms that lead to it, and has none in the others. */
static void test_embedded(void **state)
{
	static const struct form {
		const char *prefix;
		bool leads_there;
	} forms[] = { { "::ffff:", true },
		      { "64:ff9b::", true },
		      { "::", false },
		      { "64:ff9b:1::", false },
		      { "::ffff:0:", false } };
	const struct guard *g = guard(*state, "");

	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
		for (size_t k = 0; k < ARRAY_SIZE(forms); k++) {
			const struct verdict *row = &verdicts[i];
			str text;

			if (strchr(row->address, ':'))
				continue;
			text = str_fmt(*state, "%s%s", forms[k].prefix, row->address);
			assert_int_equal(allows(g, text.p, 443),
					 row->allowed && forms[k].leads_there);
		}
}

static void test_scope(void **state)
{
	const struct guard *g = guard(*state, NULL);
	struct sockaddr_storage s = address_of("fe80::1", 443);

	((struct sockaddr_in6 *)&s)->sin6_scope_id = 1;
	assert_false(guard_allows_address(g, (struct sockaddr *)&s));
}

static void test_other_families(void **state)
{
	const struct guard *g = guard(*state, "0.0.0.0/0:* [::]/0:*");
	struct sockaddr_un path = { .sun_family = AF_UNIX, .sun_path = "/run/postgresql" };
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	assert_false(guard_allows_address(g, (struct sockaddr *)&path));
	assert_false(guard_allows_address(g, &none));
	assert_false(guard_opens_address(g, (struct sockaddr *)&path));
}

static void test_ports(void **state)
{
	static const uint16_t open[] = { 80, 443, 3000, 4000, 5000, 8080, 8443 };
	static const uint16_t shut[] = { 0,    1,    21,   22,	 23,   25,    53,    110,
					 111,  143,  389,  445,	 465,  587,   993,   2375,
					 3306, 5432, 6379, 6667, 9200, 11211, 27017, 65535 };
	const struct guard *g = guard(*state, "192.0.2.1:6379 1.1.1.1:22");

	for (size_t i = 0; i < ARRAY_SIZE(open); i++) {
		assert_true(allows(g, "8.8.8.8", open[i]));
		assert_true(guard_allows_url(g, STR("https"), STR("example.com"), open[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(shut); i++) {
		assert_false(allows(g, "8.8.8.8", shut[i]));
		assert_false(allows(g, "2606:4700:4700::1111", shut[i]));
	}
	assert_true(allows(g, "192.0.2.1", 6379));
	assert_true(allows(g, "1.1.1.1", 22));
	assert_false(allows(g, "1.1.1.1", 6379));
	assert_false(allows(g, "192.0.2.1", 443));
}

static void test_openings(void **state)
{
	const struct guard *g = guard(*state, " 127.0.0.1:8080\t[::1]:9000\n10.7.0.0/24:443 "
					      "[fd00::]/8:* 192.168.1.128/25:* ");

	assert_true(allows(g, "127.0.0.1", 8080));
	assert_true(opens(g, "127.0.0.1", 8080));
	assert_true(opens(g, "::ffff:127.0.0.1", 8080));
	assert_false(allows(g, "64:ff9b::127.0.0.1", 8080));
	assert_false(allows(g, "127.0.0.1", 443));
	assert_false(allows(g, "127.0.0.2", 8080));
	assert_true(opens(g, "::1", 9000));
	assert_false(allows(g, "::1", 8080));
	assert_true(opens(g, "10.7.0.0", 443));
	assert_true(opens(g, "10.7.0.255", 443));
	assert_false(allows(g, "10.7.1.0", 443));
	assert_false(allows(g, "10.6.255.255", 443));
	assert_true(opens(g, "fd12:3456::1", 1));
	assert_true(opens(g, "fdff::1", 65535));
	assert_false(allows(g, "fc00::1", 443));
	assert_true(opens(g, "192.168.1.128", 22));
	assert_true(opens(g, "192.168.1.255", 22));
	assert_false(allows(g, "192.168.1.127", 443));
	assert_false(opens(g, "8.8.8.8", 443));
	assert_true(allows(g, "8.8.8.8", 443));
}

static void test_bad_openings(void **state)
{
	static const char *const entries[] = {
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:0",
		"127.0.0.1:65536",
		"127.0.0.1:http",
		"127.0.0.1:-1",
		":80",
		"localhost:80",
		"127.1:80",
		"10.0.0.1/24:80",
		"10.0.0.0/33:80",
		"10.0.0.0/:80",
		"10.0.0.0/-1:80",
		"::1:80",
		"[::1]",
		"[::1]/129:80",
		"[fd00::1]/8:80",
		"[fe80::1%lo]:80",
		"127.0.0.1:80,x:1",
		"*",
		"*:80",
		"127.0.0.1:**",
		"10.0.0.0/24/24:1",
		"0x7f.0.0.1:80",
	};
	const struct guard *g = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		str list = str_fmt(*state, "127.0.0.1:80 %s [::1]:80", entries[i]), bad = STR_NULL;

		assert_int_equal(guard_new(*state, list.p, &g, &bad), E_INVALID);
		assert_true(str_eq_c(bad, entries[i]));
		assert_null(g);
	}
}

static const struct request {
	const char *scheme, *host;
	unsigned port;
	bool allowed;
} requests[] = {
	{ "https", "example.com", 443, true },
	{ "https", "example.com", 22, false },
	{ "https", "example.com", 6379, false },
	{ "https", "example.com", 9999, true }, /* some address has this port opened */
	{ "http", "example.com", 80, false },
	{ "http", "example.com", 9999, true },
	{ "http", "127.0.0.1", 9999, true },
	{ "https", "127.0.0.1", 9999, true },
	{ "http", "127.0.0.1", 80, false },
	{ "https", "127.0.0.1", 443, false },
	{ "http", "127.0.0.2", 9999, false },
	{ "http", "8.8.8.8", 80, false },
	{ "http", "8.8.8.8", 9999, false },
	{ "https", "8.8.8.8", 443, true },
	{ "https", "[2606:4700:4700::1111]", 443, true },
	{ "https", "[::1]", 443, false },
	{ "http", "[::ffff:127.0.0.1]", 9999, true },
	{ "https", "[::ffff:127.0.0.1]", 443, false },
	{ "https", "[::ffff:7f00:1]", 443, false },
	{ "https", "[64:ff9b::a9fe:a9fe]", 443, false },
	{ "https", "[fe80::1%25eth0]", 443, false },
	{ "https", "2130706433", 443, false },
	{ "https", "0x7f.1", 443, false },
	{ "https", "017700000001", 443, false },
	{ "https", "127.1", 443, false },
	{ "https", "0", 443, false },
	{ "https", "127.0.0.1.", 443, false },
	{ "https", "example.com.", 443, false },
	{ "https", "%31%32%37.0.0.1", 443, false },
	{ "https", "user@example.com", 443, false },
	{ "https", "example.com:443", 443, false },
	{ "https", "exam ple.com", 443, false },
	{ "https", "", 443, false },
	{ "file", "example.com", 443, false },
	{ "file", "", 0, false },
	{ "ftp", "example.com", 443, false },
	{ "gopher", "127.0.0.1", 9999, false },
	{ "HTTPS", "example.com", 443, false },
	{ "", "example.com", 443, false },
};

static void test_urls(void **state)
{
	const struct guard *g = guard(*state, "127.0.0.1:9999");

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		const struct request *q = &requests[i];

		if (guard_allows_url(g, str_c(q->scheme), str_c(q->host), q->port) != q->allowed)
			fail_msg("%s://%s:%u %s", q->scheme, q->host, q->port,
				 q->allowed ? "refused" : "allowed");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),    cmocka_unit_test(test_embedded),
		cmocka_unit_test(test_scope),	     cmocka_unit_test(test_other_families),
		cmocka_unit_test(test_ports),	     cmocka_unit_test(test_openings),
		cmocka_unit_test(test_bad_openings), cmocka_unit_test(test_urls),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
