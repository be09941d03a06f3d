/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib/fetch/url: what is a URL, how references resolve (RFC 3986, 5.4), and percent-encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "fetch/url.h"

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

#define assert_str(s, z)                                                \
	do {                                                            \
		str assert_str_s = (s);                                 \
		assert_int_equal(assert_str_s.n, strlen(z));            \
		assert_memory_equal(assert_str_s.p, z, assert_str_s.n); \
	} while (0)

static const struct parsed {
	const char *text;
	const char *again; /* its one text */
	const char *host;
	unsigned port;
	const char *target;
} parsed[] = {
	{ "https://example.com", "https://example.com/", "example.com", 443, "/" },
	{ "HTTPS://Example.COM:443/A?B#c", "https://example.com/A?B", "example.com", 443, "/A?B" },
	{ "http://example.com:8080/a", "http://example.com:8080/a", "example.com", 8080, "/a" },
	{ "http://example.com:/", "http://example.com/", "example.com", 80, "/" },
	{ "https://example.com:80/", "https://example.com:80/", "example.com", 80, "/" },
	{ "https://example.com?q", "https://example.com/?q", "example.com", 443, "/?q" },
	{ "https://example.com/?", "https://example.com/?", "example.com", 443, "/?" },
	{ "https://example.com/#@evil.example/", "https://example.com/", "example.com", 443, "/" },
	{ "https://a-b.xn--bcher-kva.example/", "https://a-b.xn--bcher-kva.example/",
	  "a-b.xn--bcher-kva.example", 443, "/" },
	{ "https://my_pod.example/", "https://my_pod.example/", "my_pod.example", 443, "/" },
	{ "https://127.0.0.1/", "https://127.0.0.1/", "127.0.0.1", 443, "/" },
	{ "https://[::1]:9000/", "https://[::1]:9000/", "[::1]", 9000, "/" },
	{ "https://[0:0:0:0:0:FFFF:7F00:1]/", "https://[::ffff:127.0.0.1]/", "[::ffff:127.0.0.1]",
	  443, "/" },
	{ "https://example.com/@user%40x", "https://example.com/@user%40x", "example.com", 443,
	  "/@user%40x" },
	{ "https://example.com/caf\303\251?q=\303\251", "https://example.com/caf%C3%A9?q=%C3%A9",
	  "example.com", 443, "/caf%C3%A9?q=%C3%A9" },
	{ "https://example.com/a\\b<c>", "https://example.com/a%5Cb%3Cc%3E", "example.com", 443,
	  "/a%5Cb%3Cc%3E" },
	{ "https://example.com/?id[]=1&id[]=2", "https://example.com/?id[]=1&id[]=2", "example.com",
	  443, "/?id[]=1&id[]=2" },
	{ "https://example.com/a/../b", "https://example.com/a/../b", "example.com", 443,
	  "/a/../b" },
	{ "https://4.example/", "https://4.example/", "4.example", 443, "/" },
	{ "https://1.2.3.4.example/", "https://1.2.3.4.example/", "1.2.3.4.example", 443, "/" },
	{ "https://0xfg/", "https://0xfg/", "0xfg", 443, "/" },
};

static void test_parse(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(parsed); i++) {
		const struct parsed *row = &parsed[i];
		struct url u, again;

		assert_true(url_parse(*state, str_c(row->text), &u));
		assert_str(url_format(*state, &u), row->again);
		assert_str(u.host, row->host);
		assert_str(u.target, row->target);
		assert_int_equal(u.port, row->port);
		assert_int_equal(u.path.p[0], '/');
		assert_true(url_parse(*state, url_format(*state, &u), &again));
		assert_str(url_format(*state, &again), row->again);
	}
}

static void test_parts(void **state)
{
	struct url u;

	assert_true(url_parse(*state, STR("https://a.example:8443/x/y?z=1#f"), &u));
	assert_str(u.scheme, "https");
	assert_str(u.authority, "a.example:8443");
	assert_str(u.path, "/x/y");
	assert_str(u.query, "z=1");
	assert_false(u.port_is_default);
	assert_true(url_parse(*state, STR("https://a.example/x"), &u));
	assert_str(u.authority, "a.example");
	assert_true(str_is_null(u.query));
	assert_true(u.port_is_default);
}

static const char *const refused[] = {
	"",
	"/",
	"example.com",
	"//example.com/",
	"https:",
	"https:/example.com/",
	"https://",
	"https:///path",
	"https://?q",
	"https://#f",
	"https:example.com",
	"ftp://example.com/",
	"file:///etc/passwd",
	"gopher://127.0.0.1:6379/_x",
	"javascript:alert(1)",
	"httpss://example.com/",
	" https://example.com/",
	"https://example.com/a b",
	"https://example.com/\r\nHost: x",
	"https://example.com/\t",
	"https://example.com/#a b",
	"https://exa mple.com/",
	"https://user@example.com/",
	"https://user:pass@example.com/",
	"https://@example.com/",
	"https://example.com@127.0.0.1/",
	"https://example.com:80@127.0.0.1/",
	"https://example.com\\@127.0.0.1/",
	"https://example.com\\.evil.example/",
	"https://example.com%2f.evil.example/",
	"https://%31%32%37.0.0.1/",
	"https://example%2ecom/",
	"https://b\303\274cher.example/",
	"https://\357\274\221\357\274\222\357\274\227.0.0.1/", /* full-width digits */
	"https://127\343\200\2020.0.1/", /* ideographic full stop */
	"https://example.com./",
	"https://127.0.0.1./",
	"https://./",
	"https://.example.com/",
	"https://a..b/",
	"https://2130706433/",
	"https://0x7f000001/",
	"https://0x7f.1/",
	"https://0X7F.0.0.1/",
	"https://127.0x0.0.0x1/",
	"https://017700000001/",
	"https://0177.0.0.1/",
	"https://127.1/",
	"https://127.0.1/",
	"https://127.0.0.01/",
	"https://127.0.0.256/",
	"https://1.2.3.4.5/",
	"https://0/",
	"https://0x/",
	"https://a.0x7f/",
	"https://a.1/",
	"https://[::1/",
	"https://::1/",
	"https://[]/",
	"https://[::g]/",
	"https://[::1]x/",
	"https://[::1]:80:80/",
	"https://[::1%25lo]/",
	"https://[fe80::1%eth0]/",
	"https://[v1.a]/",
	"https://[127.0.0.1]/",
	"https://example.com:0/",
	"https://example.com:65536/",
	"https://example.com:99999999999999999999/",
	"https://example.com:-1/",
	"https://example.com:+80/",
	"https://example.com:8a/",
	"https://example.com:80:80/",
	"https://a_very_long_label_of_more_than_sixty_three_characters_stands_here_x/",
};

static void test_refused(void **state)
{
	struct url u;
	char text[URL_LIMIT + 2] = "https://example.com/";

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (url_parse(*state, str_c(refused[i]), &u))
			fail_msg("accepted: %s", refused[i]);
	assert_false(url_parse(*state, STR("https://example.com/\0x"), &u));
	assert_false(url_parse(*state, STR("https://exam\0ple.com/"), &u));
	memset(text + strlen(text), 'a', sizeof(text) - strlen(text) - 1);
	assert_false(url_parse(*state, str_c(text), &u));
	text[URL_LIMIT] = 0;
	assert_true(url_parse(*state, str_c(text), &u));
	text[URL_LIMIT - 1] = '\351'; /* takes three bytes when encoded */
	assert_false(url_parse(*state, str_c(text), &u));
}

static const struct resolved {
	const char *reference;
	const char *url; /* NULL: none */
} resolved[] = {
	{ "g", "http://a/b/c/g" },
	{ "./g", "http://a/b/c/g" },
	{ "g/", "http://a/b/c/g/" },
	{ "/g", "http://a/g" },
	{ "//g", "http://g/" },
	{ "?y", "http://a/b/c/d;p?y" },
	{ "g?y", "http://a/b/c/g?y" },
	{ "#s", "http://a/b/c/d;p?q" },
	{ "g#s", "http://a/b/c/g" },
	{ "g?y#s", "http://a/b/c/g?y" },
	{ ";x", "http://a/b/c/;x" },
	{ "g;x", "http://a/b/c/g;x" },
	{ "", "http://a/b/c/d;p?q" },
	{ ".", "http://a/b/c/" },
	{ "./", "http://a/b/c/" },
	{ "..", "http://a/b/" },
	{ "../", "http://a/b/" },
	{ "../g", "http://a/b/g" },
	{ "../..", "http://a/" },
	{ "../../g", "http://a/g" },
	{ "../../../g", "http://a/g" },
	{ "../../../../g", "http://a/g" },
	{ "/./g", "http://a/g" },
	{ "/../g", "http://a/g" },
	{ "g.", "http://a/b/c/g." },
	{ ".g", "http://a/b/c/.g" },
	{ "..g", "http://a/b/c/..g" },
	{ "./../g", "http://a/b/g" },
	{ "./g/.", "http://a/b/c/g/" },
	{ "g/./h", "http://a/b/c/g/h" },
	{ "g/../h", "http://a/b/c/h" },
	{ "g?y/../x", "http://a/b/c/g?y/../x" },
	{ "/a//b/..", "http://a/a//" },
	{ "https://h.example/a/../b", "https://h.example/b" },
	{ "HTTP://h.example:8080", "http://h.example:8080/" },
	{ "/caf\303\251", "http://a/caf%C3%A9" },
	{ "\\\\evil.example", "http://a/b/c/%5C%5Cevil.example" },
	{ "/\\evil.example", "http://a/%5Cevil.example" },
	{ "g:h", NULL },
	{ "http:g", NULL },
	{ "file:///etc/passwd", NULL },
	{ "gopher://127.0.0.1/", NULL },
	{ "data:,x", NULL },
	{ "//", NULL },
	{ "///x", NULL },
	{ "//user@h/", NULL },
	{ "//127.1/", NULL },
	{ "/a b", NULL },
	{ "/a\r\nX: y", NULL },
};

static void test_resolve(void **state)
{
	const str base = STR("http://a/b/c/d;p?q#f");
	str url;

	for (size_t i = 0; i < ARRAY_SIZE(resolved); i++) {
		const struct resolved *row = &resolved[i];
		bool ok = url_resolve(*state, base, str_c(row->reference), &url);

		if (ok != (row->url != NULL))
			fail_msg("%s: %s", row->reference, ok ? "accepted" : "refused");
		if (ok)
			assert_str(url, row->url);
	}
	assert_false(url_resolve(*state, STR("mailto:x"), STR("/g"), &url));
}

static const struct same {
	const char *one, *other;
	bool same;
} same[] = {
	{ "https://a.example/x", "https://A.Example:443/y?z", true },
	{ "http://a.example:443/", "https://a.example/", true },
	{ "https://a.example/", "http://a.example/", false },
	{ "https://a.example/", "https://b.example/", false },
	{ "https://a.example/", "https://a.example:8443/", false },
	{ "https://a.example/", "https://a.example.evil.example/", false },
	{ "https://[::1]/", "https://[0::0:1]/", true },
	{ "https://[::1]/", "https://[::2]/", false },
	{ "https://127.0.0.1/", "https://[::ffff:127.0.0.1]/", false },
	{ "https://a.example/", "", false },
	{ "acct:a@a.example", "acct:a@a.example", false },
};

static void test_same_host(unused void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		str one = str_c(same[i].one), other = str_c(same[i].other);

		assert_int_equal(url_same_host(one, other), same[i].same);
		assert_int_equal(url_same_host(other, one), same[i].same);
	}
	assert_false(url_same_host(STR_NULL, STR_NULL));
}

static const struct encoded {
	const char *plain, *encoded;
} encoded[] = {
	{ "", "" },
	{ "AZaz09-._~", "AZaz09-._~" },
	{ "a b+c/d?e=f&g", "a%20b%2Bc%2Fd%3Fe%3Df%26g" },
	{ "\303\251%", "%C3%A9%25" },
	{ "@user@example.com", "%40user%40example.com" },
};

static void test_encode(void **state)
{
	str plain;

	for (size_t i = 0; i < ARRAY_SIZE(encoded); i++) {
		assert_str(url_encode(*state, str_c(encoded[i].plain)), encoded[i].encoded);
		assert_true(url_decode(*state, str_c(encoded[i].encoded), false, &plain));
		assert_str(plain, encoded[i].plain);
	}
	assert_true(str_is_null(url_encode(*state, STR_NULL)));
}

static void test_decode(void **state)
{
	static const char *const broken[] = { "%", "%4", "a%", "a%4", "%g0", "%0g", "%%41", "% 1" };
	str s;

	assert_true(url_decode(*state, STR("a+b%2b%2B"), true, &s));
	assert_str(s, "a b++");
	assert_true(url_decode(*state, STR("a+b"), false, &s));
	assert_str(s, "a+b");
	assert_true(url_decode(*state, STR("%00x"), false, &s));
	assert_int_equal(s.n, 2);
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
		assert_false(url_decode(*state, str_c(broken[i]), true, &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	  cmocka_unit_test(test_parts),
		cmocka_unit_test(test_refused),	  cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_same_host), cmocka_unit_test(test_encode),
		cmocka_unit_test(test_decode),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
