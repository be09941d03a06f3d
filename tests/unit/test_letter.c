/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lib/fetch/letter: headers that cannot be broken out of, and forms of text that come back as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "crypt/hash.h"
#include "fetch/letter.h"

#include <cmocka.h> /* last: its fail() is a macro */

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

static struct letter sample(void)
{
	return (struct letter){
		.from = { STR("Kea"), STR("kea@mail.test") },
		.to = { STR(""), STR("ann@example.org") },
		.reply_to = STR(""),
		.id = STR("abc-123@kea.test"),
		.date = 1795811928123456, /* 2026-11-27T19:38:48Z */
		.subject = STR("Hello"),
		.text = STR("One\n.\n"),
		.html = STR("<p>One</p>"),
		.language = STR("en"),
		.unsubscribe = STR(""),
	};
}

static str written(struct arena *a, const struct letter *l)
{
	str s;

	assert_int_equal(letter_write(a, l, &s), 0);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n')
			assert_true(i > 0 && s.p[i - 1] == '\r');
	return s;
}

static bool has(str s, const char *what)
{
	return str_find(s, str_c(what), 0) != SIZE_MAX;
}

static str headers(str letter)
{
	return str_slice(letter, 0, str_find(letter, STR("\r\n\r\n"), 0) + 2);
}

static void test_headers(void **state)
{
	struct letter l = sample();
	str s = written(*state, &l);

	assert_true(str_starts(
		s, STR("From: \"Kea\"\r\n <kea@mail.test>\r\nTo: <ann@example.org>\r\n")));
	assert_true(has(s, "\r\nSubject: Hello\r\n"));
	assert_true(has(s, "\r\nMessage-ID: <abc-123@kea.test>\r\n"));
	assert_true(has(s, "\r\nDate: "));
	assert_true(has(s, " +0000\r\n"));
	assert_false(has(s, "List-Unsubscribe"));
	l.unsubscribe = STR("https://kea.test/x?y=1");
	s = written(*state, &l);
	assert_true(has(s, "\r\nList-Unsubscribe: <https://kea.test/x?y=1>\r\n"
			   "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

static void test_nothing_ends_a_header(void **state)
{
	static const char *const attacks[] = { "a\r\nBcc: x@y", "a\nBcc: x@y", "a\rBcc: x@y",
					       "\r\n\r\nBcc: x@y",
					       "a\x01"
					       "Bcc: x\x7f" };
	struct arena *a = *state;
	size_t lines = 0, n;

	for (size_t i = 0; i <= ARRAY_SIZE(attacks); i++) {
		struct letter l = sample();
		str s, line;

		if (i)
			l.subject = l.from.name = l.to.name = str_c(attacks[i - 1]);
		s = headers(written(a, &l));
		for (n = 0; str_cut(&s, '\n', &line); n++)
			assert_false(str_starts(line, STR("Bcc")));
		/* The name of who gets it is one line more. */
		if (i)
			assert_int_equal(n, lines);
		else
			lines = n + 1;
	}
}

static void test_addresses(void **state)
{
	static const char *const bad[] = { "",	     "a",	"@b",	       "a@",
					   "a@b@c",  "a b@c",	"a@b>",	       "a\r\n@b",
					   "a,b@c",  "\"a\"@b", "a@[1.2.3.4]", "a@b\x7f",
					   "a@b\xff" };
	struct arena *a = *state;
	str s;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct letter l = sample();

		l.to.address = str_c(bad[i]);
		assert_int_equal(letter_write(a, &l, &s), E_INVALID);
		l = sample();
		l.from.address = str_c(bad[i]);
		assert_int_equal(letter_write(a, &l, &s), E_INVALID);
		l = sample();
		l.id = str_c(bad[i]);
		assert_int_equal(letter_write(a, &l, &s), E_INVALID);
	}
}

/* RFC 2047, 2 and 5. */
static void test_encoded_words(void **state)
{
	struct arena *a = *state;
	struct letter l = sample();
	str s, line, text = STR("");

	for (int i = 0; i < 40; i++)
		text = str_cat(a, text, STR("Käse 𝔘"));
	l.subject = text;
	s = headers(written(a, &l));
	s = str_from(s, str_find(s, STR("Subject: "), 0) + 9);
	text = STR("");
	while (str_cut(&s, '\n', &line) && str_starts(str_trim(line), STR("=?utf-8?B?"))) {
		str part;

		line = str_trim(line);
		assert_true(line.n <= 75 && str_ends(line, STR("?=")));
		assert_true(base64_decode(a, str_slice(line, 10, line.n - 2), &part));
		assert_true(str_is_utf8(part));
		text = str_cat(a, text, part);
	}
	assert_true(str_eq(text, l.subject));
	l.subject = STR("=?utf-8?B?eA==?=");
	assert_true(has(written(a, &l), "Subject: =?utf-8?B?PT91dGYtOD9CP2VBPT0/PQ==?=\r\n"));
	l.from.name = STR("A \"B\" \\ C");
	assert_true(has(written(a, &l), "From: \"A \\\"B\\\" \\\\ C\"\r\n"));
}

/* RFC 2045, 6.7 */
static void test_quoted_printable(void **state)
{
	static const struct {
		const char *text, *encoded;
	} cases[] = {
		{ "plain", "plain\r\n" },
		{ "a=b", "a=3Db\r\n" },
		{ "end \nnext\t", "end=20\r\nnext=09\r\n" },
		{ "ä", "=C3=A4\r\n" },
		{ "\r\n.\r\n", "\r\n.\r\n\r\n" },
	};
	struct letter l = sample();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		str s;

		l.text = str_c(cases[i].text);
		s = written(*state, &l);
		s = str_from(s, str_find(s, STR("quoted-printable\r\n\r\n"), 0) + 20);
		assert_true(str_starts(s, str_cat(*state, str_c(cases[i].encoded), STR("--"))));
	}
}

static void test_long_lines(void **state)
{
	struct letter l = sample();
	str s, line;

	for (int i = 0; i < 300; i++)
		l.text = str_cat(*state, l.text, STR("wörd "));
	s = written(*state, &l);
	while (str_cut(&s, '\n', &line))
		assert_true(line.n <= 77);
}

static void test_servers(unused void **state)
{
	assert_true(mail_server_is_valid(STR("smtps://mail.test:465")));
	assert_true(mail_server_is_valid(STR("smtp://mail.test")));
	assert_true(mail_server_is_valid(STR("smtp+plain://127.0.0.1:25")));
	assert_false(mail_server_is_valid(STR("https://mail.test")));
	assert_false(mail_server_is_valid(STR("mail.test:25")));
	assert_false(mail_server_is_valid(STR("smtp://user:word@mail.test")));
	assert_false(mail_server_is_valid(STR("smtp://mail.test/path")));
	assert_false(mail_server_is_valid(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_headers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_ends_a_header, setup, teardown),
		cmocka_unit_test_setup_teardown(test_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_encoded_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quoted_printable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_lines, setup, teardown),
		cmocka_unit_test(test_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
