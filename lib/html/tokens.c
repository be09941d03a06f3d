/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: tokens do not overlap and come in the order of the text; start and end lie on borders
 * of characters.
 *
 * A token is decided at its first character ('@', '#', 'h') by what stands before it and what it
 * holds. A URL is tried first, and what it covers is not searched, so that the '@' and the '#' in
 * a URL are no mentions and hashtags.
 */
#include "html/html.h"

#include <string.h>

#include "base/err.h"
#include "html/chars.h"
#include "html/url_scan.h"

#define CHAR_FULLWIDTH_HASH 0xff03
#define CHAR_MIDDLE_DOT 0xb7
#define CHAR_KATAKANA_MIDDLE_DOT 0x30fb
#define CHAR_NON_JOINER 0x200c
#define CHAR_KEYCAP 0x20e3

/* How far a scan at from reaches; from when nothing is there. */
typedef size_t token_scan(str text, size_t from, struct html_token *ret);

static size_t skip_name_chars(str text, size_t at)
{
	while (at < text.n && (char_is_alnum(text.p[at]) || text.p[at] == '_'))
		at++;
	return at;
}

static size_t skip_word_chars(str text, size_t at)
{
	uint32_t ch;
	size_t n;

	while ((n = char_at(text, at, &ch)) && char_is_word(ch))
		at += n;
	return at;
}

/* Behind words with any "." and "-" between them, none at the ends; at when there is none. */
static size_t skip_joined(str text, size_t at, size_t (*skip_word)(str text, size_t at))
{
	size_t end = skip_word(text, at);

	while (end > at) {
		size_t next = end, more;

		while (next < text.n && (text.p[next] == '.' || text.p[next] == '-'))
			next++;
		more = skip_word(text, next);
		if (next == end || more == next)
			return end;
		end = more;
	}
	return end;
}

/* Letters with diacritics: "@aliceìn" is a slip, not a mention of alice. */
static bool is_latin_letter(uint32_t ch)
{
	return ch >= 0xc0 && ch <= 0x24f && char_is_letter(ch);
}

/* Only development has handles with a port; four digits or five keep a clock's "8:30" out of it. */
static size_t skip_port(str text, size_t from)
{
	size_t end = from + 1;
	uint32_t behind;

	if (from >= text.n || text.p[from] != ':')
		return from;
	while (end < text.n && char_is_digit(text.p[end]))
		end++;
	char_at(text, end, &behind);
	return end - from >= 5 && end - from <= 6 && !char_is_word(behind) ? end : from;
}

static size_t scan_mention(str text, size_t from, struct html_token *ret)
{
	uint32_t before = char_before(text, from), behind;
	size_t end, host_end;

	if (before == '=' || before == '/' || char_is_word(before))
		return from;
	end = skip_joined(text, from + 1, skip_name_chars);
	char_at(text, end, &behind);
	if (end == from + 1 || is_latin_letter(behind) ||
	    str_starts(str_from(text, end), STR("://")))
		return from;
	*ret = (struct html_token){ .kind = HTML_MENTION,
				    .start = from,
				    .end = end,
				    .name = str_slice(text, from + 1, end) };
	if (behind != '@')
		return end;
	host_end = skip_joined(text, end + 1, skip_word_chars);
	if (host_end == end + 1)
		return end;
	host_end = skip_port(text, host_end);
	ret->host = str_slice(text, end + 1, host_end);
	ret->end = host_end;
	return host_end;
}

/* Marks that make an emoji of the character before: "#" with these is the key of a telephone. */
static bool is_emoji_mark(uint32_t ch)
{
	return (ch >= 0xfe00 && ch <= 0xfe0f) || ch == CHAR_KEYCAP;
}

static bool is_separator(uint32_t ch)
{
	return ch == CHAR_MIDDLE_DOT || ch == CHAR_KATAKANA_MIDDLE_DOT || ch == CHAR_NON_JOINER;
}

/*
 * Behind the tag that begins at the byte at: word characters and separators, but none of these at
 * either end; returns at when nothing but digits is there.
 */
static size_t skip_tag(str text, size_t at)
{
	bool has_letter = false, has_inner = false, is_joint_last = false;
	size_t end = at, next = at, n;
	uint32_t ch;

	while ((n = char_at(text, next, &ch)) && (char_is_word(ch) || is_separator(ch))) {
		bool is_joint = ch == '_' || is_separator(ch);

		if (next == at && (is_separator(ch) || is_emoji_mark(ch)))
			return at;
		has_inner = has_inner || (is_joint_last && !is_separator(ch));
		has_letter = has_letter || char_is_letter(ch);
		is_joint_last = is_joint && next > at;
		next += n;
		if (!is_separator(ch))
			end = next;
	}
	return has_letter || has_inner ? end : at;
}

static size_t scan_hashtag(str text, size_t from, struct html_token *ret)
{
	uint32_t before = char_before(text, from), sign;
	size_t name = from + char_at(text, from, &sign), end;

	if (before == '=' || before == '/' || before == ')' || char_is_number(before) ||
	    (char_is_letter(before) && !is_emoji_mark(before)))
		return from;
	end = skip_tag(text, name);
	if (end == name || str_starts(str_from(text, end), STR("://")))
		return from;
	*ret = (struct html_token){
		.kind = HTML_HASHTAG, .start = from, .end = end, .name = str_slice(text, name, end)
	};
	return end;
}

static size_t scan_url(str text, size_t from, struct html_token *ret)
{
	size_t end = html_url_scan(text, from);

	if (end > from)
		*ret = (struct html_token){ .kind = HTML_URL,
					    .start = from,
					    .end = end,
					    .name = str_slice(text, from, end) };
	return end;
}

/* The scan that a character starts, NULL for nearly all. */
static token_scan *scan_of(uint32_t ch)
{
	switch (ch) {
	case 'h':
	case 'H':
		return scan_url;
	case '@':
		return scan_mention;
	case '#':
	case CHAR_FULLWIDTH_HASH:
		return scan_hashtag;
	default:
		return NULL;
	}
}

struct list {
	struct html_token *tokens;
	size_t n;
	size_t room;
};

static void list_add(struct arena *a, struct list *l, const struct html_token *token)
{
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 8;
		struct html_token *tokens = arena_array(a, room, sizeof(*tokens));

		if (l->n)
			memcpy(tokens, l->tokens, l->n * sizeof(*tokens));
		l->tokens = tokens;
		l->room = room;
	}
	l->tokens[l->n++] = *token;
}

int html_tokens(struct ctx *c, str text, size_t limit, const struct html_token **ret, size_t *ret_n)
{
	struct list found = { .n = 0 };
	size_t at = 0, n;
	uint32_t ch;

	if (text.n > HTML_INPUT_LIMIT)
		return fail(c, E_TOO_LARGE, "text of %zu bytes, the limit is %d", text.n,
			    HTML_INPUT_LIMIT);
	while (found.n < limit && (n = char_at(text, at, &ch))) {
		token_scan *scan = scan_of(ch);
		struct html_token token;
		size_t end = scan ? scan(text, at, &token) : at;

		if (end > at)
			list_add(c->arena, &found, &token);
		at = end > at ? end : at + n;
	}
	*ret = found.tokens;
	*ret_n = found.n;
	return 0;
}
