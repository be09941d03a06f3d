/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a line end comes into the headers from this file alone. What people wrote goes into encoded words or
 * quoted strings, in which control characters are spaces; addresses are refused when they are not of the plain form.
 */
#include "fetch/letter.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/out.h"

#define LINE 76 /* bytes of an encoded line */
#define WORD_BYTES 42 /* of text in an encoded word: 56 in base64, and 12 around them */
#define ADDRESS_LIMIT 254
#define BOUNDARY_BYTES 40

static bool is_control(char ch)
{
	return (unsigned char)ch < ' ' || ch == 0x7f;
}

static bool is_ascii(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* Text as one line: what could end it, or is not UTF-8, is a space. */
static str one_line(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.n + 1);
	bool good = str_is_utf8(s);

	for (size_t i = 0; i < s.n; i++)
		p[i] = is_control(s.p[i]) || (!good && (unsigned char)s.p[i] >= 0x80) ? ' '
										      : s.p[i];
	return str_trim((str){ p, s.n });
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648, 4; here, because this room does not know lib/crypt. */
static void put_base64(struct out *o, str s)
{
	for (size_t i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		unsigned n = (unsigned)(unsigned char)s.p[i] << 16;

		n |= left > 1 ? (unsigned)(unsigned char)s.p[i + 1] << 8 : 0;
		n |= left > 2 ? (unsigned)(unsigned char)s.p[i + 2] : 0;
		out_char(o, digits[n >> 18]);
		out_char(o, digits[n >> 12 & 63]);
		out_char(o, left > 1 ? digits[n >> 6 & 63] : '=');
		out_char(o, left > 2 ? digits[n & 63] : '=');
	}
}

/* RFC 2047: each word on a line of its own, and whole characters in each. */
static void put_encoded(struct out *o, str s)
{
	while (s.n) {
		str word = str_clip(s, WORD_BYTES);

		out_c(o, "=?utf-8?B?");
		put_base64(o, word);
		out_c(o, "?=");
		s = str_from(s, word.n);
		if (s.n)
			out_c(o, "\r\n ");
	}
}

/* Text that a reader would take for an encoded word is encoded, so that it stays what it is. */
static bool is_plain(str s)
{
	return is_ascii(s) && s.n <= LINE - 12 && str_find(s, STR("=?"), 0) == SIZE_MAX;
}

static void put_text_header(struct out *o, struct arena *a, const char *name, str value)
{
	str s = one_line(a, value);

	out_fmt(o, "%s: ", name);
	if (is_plain(s))
		out_str(o, s);
	else
		put_encoded(o, s);
	out_c(o, "\r\n");
}

/* A display name: RFC 5322's quoted-string, or encoded words. */
static void put_name(struct out *o, struct arena *a, str name)
{
	str s = one_line(a, name);

	if (!is_plain(s)) {
		put_encoded(o, s);
		return;
	}
	out_char(o, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			out_char(o, '\\');
		out_char(o, s.p[i]);
	}
	out_char(o, '"');
}

/* "local@host" of characters that need no quoting. */
static bool is_address(str s)
{
	size_t at = str_find_char_last(s, '@');

	if (at == SIZE_MAX || at == 0 || at + 1 == s.n || s.n > ADDRESS_LIMIT || !str_is_utf8(s) ||
	    str_find_char(s, '@', 0) != at)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (is_control(s.p[i]) ||
		    str_find_char(STR(" \"(),:;<>[\\]"), s.p[i], 0) != SIZE_MAX)
			return false;
	return true;
}

static void put_mailbox(struct out *o, struct arena *a, const char *header, const struct mailbox *m)
{
	out_fmt(o, "%s: ", header);
	if (str_trim(m->name).n) {
		put_name(o, a, m->name);
		out_c(o, "\r\n ");
	}
	out_fmt(o, "<" STR_FMT ">\r\n", STR_ARG(m->address));
}

static bool is_quotable(unsigned char ch)
{
	return (ch > ' ' && ch < 0x7f && ch != '=');
}

/* RFC 2045, 6.7, with lines of the text ended by CR LF. A line that is a dot alone is no matter of this form. */
static void put_quoted(struct out *o, str s)
{
	size_t column = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];
		bool ends = i + 1 == s.n || s.p[i + 1] == '\n';

		if (ch == '\r')
			continue;
		if (ch == '\n') {
			out_c(o, "\r\n");
			column = 0;
			continue;
		}
		if (column > LINE - 4) {
			out_c(o, "=\r\n");
			column = 0;
		}
		if (is_quotable(ch) || (ch == ' ' && !ends)) {
			out_char(o, (char)ch);
			column++;
		} else {
			out_fmt(o, "=%02X", ch);
			column += 3;
		}
	}
	out_c(o, "\r\n");
}

static void put_part(struct out *o, str boundary, const char *type, str text)
{
	out_fmt(o, "--" STR_FMT "\r\nContent-Type: text/%s; charset=utf-8\r\n", STR_ARG(boundary),
		type);
	out_c(o, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	put_quoted(o, text);
}

/* No quoted-printable line begins with "--=_", because a "=" is followed by two digits there. */
static str boundary_of(struct arena *a, const struct letter *l)
{
	str s = str_slice(l->id, 0, str_find_char(l->id, '@', 0));
	struct out o;

	out_init(&o, a, LINE);
	out_c(&o, "=_");
	for (size_t i = 0; i < s.n && o.n < BOUNDARY_BYTES; i++)
		if (char_is_alnum(s.p[i]))
			out_char(&o, s.p[i]);
	return str_dup(a, out_view(&o));
}

/* RFC 5322, 3.3: as HTTP's, but for the zone. */
static void put_date(struct out *o, struct arena *a, usec t)
{
	str s = clock_http(a, t);

	out_fmt(o, "Date: " STR_FMT "+0000\r\n", STR_ARG(str_slice(s, 0, s.n - 3)));
}

static void put_headers(struct out *o, struct arena *a, const struct letter *l, str boundary)
{
	put_mailbox(o, a, "From", &l->from);
	put_mailbox(o, a, "To", &l->to);
	if (l->reply_to.n)
		out_fmt(o, "Reply-To: <" STR_FMT ">\r\n", STR_ARG(l->reply_to));
	put_text_header(o, a, "Subject", l->subject);
	put_date(o, a, l->date);
	out_fmt(o, "Message-ID: <" STR_FMT ">\r\n", STR_ARG(l->id));
	out_c(o, "Auto-Submitted: auto-generated\r\n");
	if (l->unsubscribe.n)
		out_fmt(o,
			"List-Unsubscribe: <" STR_FMT
			">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
			STR_ARG(l->unsubscribe));
	if (l->language.n)
		out_fmt(o, "Content-Language: " STR_FMT "\r\n", STR_ARG(l->language));
	out_fmt(o,
		"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"" STR_FMT
		"\"\r\n\r\n",
		STR_ARG(boundary));
}

/* Addresses, ids and URLs that we make ourselves are judged all the same. */
static bool is_word(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_control(s.p[i]) || s.p[i] == ' ' || s.p[i] == '<' || s.p[i] == '>')
			return false;
	return true;
}

int letter_write(struct arena *a, const struct letter *l, str *ret)
{
	str boundary = boundary_of(a, l);
	struct out o;

	if (!is_address(l->from.address) || !is_address(l->to.address) || !is_address(l->id) ||
	    (l->reply_to.n && !is_address(l->reply_to)) || !is_word(l->unsubscribe) ||
	    !is_word(l->language))
		return E_INVALID;
	out_init(&o, a, LETTER_LIMIT);
	put_headers(&o, a, l, boundary);
	put_part(&o, boundary, "plain", l->text);
	put_part(&o, boundary, "html", l->html);
	out_fmt(&o, "--" STR_FMT "--\r\n", STR_ARG(boundary));
	return out_done(&o, ret);
}
