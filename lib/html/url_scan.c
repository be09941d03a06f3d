/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a scan reads forward only and stops at the first white space, so that the work for a
 * text is bounded by its length times the URLs that begin in one word.
 */
#include "html/url_scan.h"

#include <string.h>

#include "html/chars.h"

#define HOST_LIMIT 253 /* bytes, RFC 1035 */
#define LABEL_LIMIT 63 /* characters */
#define TOP_MINIMUM 2 /* characters of a top level domain */
#define PARENTHESES_LIMIT 1000 /* bytes from one to its partner */

static bool is_ascii_alnum(uint32_t ch)
{
	return ch < 0x80 && char_is_alnum((char)ch);
}

static bool is_between(uint32_t ch, uint32_t first, uint32_t last)
{
	return ch >= first && ch <= last;
}

/* Foreign characters that may stand in a host name: not those that end a sentence. */
static bool is_foreign(uint32_t ch)
{
	return ch != CHAR_NONE && ch >= 0xa1 && !char_is_blank(ch) && !char_is_direction(ch) &&
	       !is_between(ch, 0x2000, 0x206f) && !is_between(ch, 0x3001, 0x3003) &&
	       !is_between(ch, 0x3008, 0x3020) && !is_between(ch, 0xff00, 0xff0f) &&
	       !is_between(ch, 0xff1a, 0xff20) && !is_between(ch, 0xff3b, 0xff40) &&
	       !is_between(ch, 0xff5b, 0xff65);
}

static bool is_label_char(uint32_t ch)
{
	return is_ascii_alnum(ch) || ch == '-' || ch == '_' || is_foreign(ch);
}

struct label {
	size_t from;
	size_t to;
	bool is_valid; /* neither too long nor with a hyphen or underscore at an end */
	bool has_underscore;
};

static struct label read_label(str text, size_t from)
{
	struct label l = { .from = from, .to = from };
	size_t n, chars = 0;
	uint32_t ch;

	while ((n = char_at(text, l.to, &ch)) && is_label_char(ch)) {
		l.has_underscore = l.has_underscore || ch == '_';
		l.to += n;
		chars++;
	}
	l.is_valid = chars > 0 && chars <= LABEL_LIMIT && !strchr("-_", text.p[l.from]) &&
		     !strchr("-_", text.p[l.to - 1]);
	return l;
}

/*
 * Where the top level domain in a label ends; its start when it is none. Japanese may follow a
 * domain in ASCII without a space, so that a change of script is taken for the end.
 */
static size_t top_end(str text, const struct label *l)
{
	bool is_ascii = ((unsigned char)text.p[l->from] & 0x80) == 0;
	size_t at = l->from, n, chars = 0;
	uint32_t ch;

	if (str_starts_fold(str_slice(text, l->from, l->to), STR("xn--")))
		return l->to;
	while (at < l->to && (n = char_at(text, at, &ch)) && (ch < 0x80) == is_ascii &&
	       (!is_ascii || char_is_letter(ch))) {
		at += n;
		chars++;
	}
	if (chars < TOP_MINIMUM || (is_ascii && at < l->to && (text.p[at] & 0x80) == 0))
		return l->from;
	return at;
}

/* Behind the host name that begins at from; from when there is none. */
static size_t skip_host(str text, size_t from)
{
	struct label previous = { .is_valid = false }, last = read_label(text, from);
	size_t end;

	while (last.is_valid && last.to + 1 < text.n && text.p[last.to] == '.') {
		struct label next = read_label(text, last.to + 1);

		if (next.to == next.from)
			break;
		previous = last;
		last = next;
	}
	if (!last.is_valid || !previous.is_valid || previous.has_underscore)
		return from;
	end = top_end(text, &last);
	return end == last.from || end - from > HOST_LIMIT ? from : end;
}

static size_t skip_port(str text, size_t at)
{
	size_t end = at + 1;

	if (at >= text.n || text.p[at] != ':')
		return at;
	while (end < text.n && char_is_digit(text.p[end]))
		end++;
	return end > at + 1 ? end : at;
}

static bool is_url_char(uint32_t ch)
{
	return ch != CHAR_NONE && ch != '<' && ch != '>' && ch != '"' && !char_is_blank(ch) &&
	       !char_is_direction(ch);
}

/* Whether a URL may end with this character, in its path or behind a "?". */
static bool is_last_char(uint32_t ch, bool is_query)
{
	if (ch == CHAR_NONE || ch == 0x300c || ch == 0x300d)
		return false;
	if (ch >= 0x80 || is_ascii_alnum(ch))
		return true;
	return strchr(is_query ? "_&=#/-" : "_#/-+^`{}\\", (int)ch) != NULL;
}

/* The byte of the ")" that closes the "(" at the byte at, SIZE_MAX when none does. */
static size_t closing_of(str text, size_t at)
{
	size_t end = at + PARENTHESES_LIMIT, depth = 0, n;
	uint32_t ch;

	while (at < end && (n = char_at(text, at, &ch)) && is_url_char(ch)) {
		depth += ch == '(';
		if (ch == ')' && --depth == 0)
			return at;
		at += n;
	}
	return SIZE_MAX;
}

/* Path, query and fragment. Parentheses belong to the URL in pairs only. */
static size_t skip_rest(str text, size_t from)
{
	size_t end = from, at = from, n;
	size_t closed = 0; /* behind the last pair that was looked for */
	bool is_query = false;
	uint32_t ch;

	while ((n = char_at(text, at, &ch)) && is_url_char(ch) && !(ch == ')' && at >= closed)) {
		if (ch == '(' && at >= closed) {
			size_t close = closing_of(text, at);

			if (close == SIZE_MAX)
				break;
			closed = close + 1;
		}
		is_query = is_query || ch == '?';
		at += n;
		if (is_last_char(ch, is_query) || (ch == ')' && at == closed))
			end = at;
	}
	return end;
}

static bool may_follow(uint32_t before)
{
	return !is_ascii_alnum(before) && before != '@' && before != '$' && before != '#' &&
	       before != 0xff20 && before != 0xff03;
}

size_t html_url_scan(str text, size_t from)
{
	str rest = str_from(text, from);
	size_t host, end;
	uint32_t behind;

	if (!may_follow(char_before(text, from)))
		return from;
	if (str_starts_fold(rest, STR("https://")))
		host = from + strlen("https://");
	else if (str_starts_fold(rest, STR("http://")))
		host = from + strlen("http://");
	else
		return from;
	end = skip_host(text, host);
	if (end == host)
		return from;
	end = skip_port(text, end);
	char_at(text, end, &behind);
	return behind == '/' || behind == '?' || behind == '#' ? skip_rest(text, end) : end;
}
