/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: all text of the author is escaped; markup is written here only. The markup of links is
 * the one that Mastodon writes, as other servers look for its classes.
 */
#include "html/html.h"

#include <string.h>

#include "base/err.h"
#include "html/chars.h"

#define OUTPUT_LIMIT (16 * (size_t)HTML_INPUT_LIMIT)
#define TOKENS_LIMIT 1000 /* in one text; later ones stay text */
#define URL_SHOWN 30 /* characters of a URL, without what stands in front of the host's name */
#define LINK_REL "nofollow noopener noreferrer"

typedef struct html_link link_of(void *arg, const struct html_token *t);

struct writer {
	struct out out;
	str text;
	link_of *link;
	void *arg;
};

/* The byte behind the first n characters. */
static size_t offset_of(str s, size_t n)
{
	size_t at = 0;
	uint32_t ch;

	while (n-- > 0)
		at += char_at(s, at, &ch);
	return at;
}

static size_t hidden_prefix(str url)
{
	size_t n = str_starts_fold(url, STR("https://")) ? sizeof("https://") - 1
							 : sizeof("http://") - 1;

	return str_starts_fold(str_from(url, n), STR("www.")) ? n + sizeof("www.") - 1 : n;
}

static void span_put(struct out *o, const char *class, str text)
{
	if (class)
		out_fmt(o, "<span class=\"%s\">", class);
	else
		out_c(o, "<span>");
	html_escape_out(o, text);
	out_c(o, "</span>");
}

static void url_put(struct out *o, str url)
{
	size_t shown = hidden_prefix(url);
	size_t cut = shown + offset_of(str_from(url, shown), URL_SHOWN);

	out_c(o, "<a href=\"");
	html_escape_out(o, url);
	out_c(o, "\" target=\"_blank\" rel=\"" LINK_REL "\" translate=\"no\">");
	span_put(o, "invisible", str_slice(url, 0, shown));
	span_put(o, cut < url.n ? "ellipsis" : NULL, str_slice(url, shown, cut));
	span_put(o, "invisible", str_from(url, cut));
	out_c(o, "</a>");
}

static void mention_put(struct out *o, const struct html_link *link, const struct html_token *t)
{
	out_c(o, "<span class=\"h-card\" translate=\"no\"><a href=\"");
	html_escape_out(o, link->href);
	out_c(o, "\" class=\"u-url mention\">@");
	span_put(o, NULL, str_is_null(link->label) ? t->name : link->label);
	out_c(o, "</a></span>");
}

static void hashtag_put(struct out *o, const struct html_link *link, const struct html_token *t)
{
	out_c(o, "<a href=\"");
	html_escape_out(o, link->href);
	out_c(o, "\" class=\"mention hashtag\" rel=\"tag\">#");
	span_put(o, NULL, t->name);
	out_c(o, "</a>");
}

static void token_put(struct writer *w, const struct html_token *t)
{
	struct html_link link;

	if (t->kind == HTML_URL) {
		url_put(&w->out, t->name);
		return;
	}
	link = w->link(w->arg, t);
	if (str_is_null(link.href))
		html_escape_out(&w->out, str_slice(w->text, t->start, t->end));
	else if (t->kind == HTML_MENTION)
		mention_put(&w->out, &link, t);
	else
		hashtag_put(&w->out, &link, t);
}

/* Text between tokens: line breaks, and paragraphs where more than one stands in a row. */
static void plain_put(struct writer *w, str text)
{
	size_t at = 0;

	while (at < text.n) {
		size_t end = str_find_char(text, '\n', at), breaks = 0;

		if (end == SIZE_MAX)
			end = text.n;
		html_escape_out(&w->out, str_slice(text, at, end));
		while (end + breaks < text.n && text.p[end + breaks] == '\n')
			breaks++;
		if (breaks)
			out_c(&w->out, breaks == 1 ? "<br>" : "</p><p>");
		at = end + breaks;
	}
}

/*
 * The text with one kind of line end, no blanks at line ends, nothing empty at its ends, and only
 * characters that may stand in markup.
 */
static str text_prepare(struct arena *a, str text)
{
	char *p = arena_copy(a, text.p, text.n);
	size_t end = 0, n;
	uint32_t ch;

	for (size_t i = 0; (n = char_at(text, i, &ch)); i += n) {
		bool is_newline = ch == '\n' || ch == '\r';

		while (is_newline && end && (p[end - 1] == ' ' || p[end - 1] == '\t'))
			end--;
		if (is_newline && !(ch == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')) {
			p[end++] = '\n';
		} else if (!is_newline && char_is_content(ch)) {
			memcpy(p + end, text.p + i, n);
			end += n;
		}
	}
	return str_trim((str){ p, end });
}

int html_from_text(struct ctx *c, str text,
		   struct html_link (*link)(void *arg, const struct html_token *t), void *arg,
		   html *ret)
{
	struct writer w = { .link = link, .arg = arg };
	const struct html_token *tokens;
	size_t n, at = 0;

	if (text.n > HTML_INPUT_LIMIT)
		return fail(c, E_TOO_LARGE, "text of %zu bytes, the limit is %d", text.n,
			    HTML_INPUT_LIMIT);
	w.text = text_prepare(c->arena, text);
	TRY(html_tokens(c, w.text, TOKENS_LIMIT, &tokens, &n));
	if (str_is_empty(w.text)) {
		*ret = (html){ STR("") };
		return 0;
	}
	out_init(&w.out, c->arena, OUTPUT_LIMIT);
	out_c(&w.out, "<p>");
	for (size_t i = 0; i < n; i++) {
		plain_put(&w, str_slice(w.text, at, tokens[i].start));
		token_put(&w, &tokens[i]);
		at = tokens[i].end;
	}
	plain_put(&w, str_from(w.text, at));
	out_c(&w.out, "</p>");
	if (out_done(&w.out, &ret->s))
		return fail(c, E_TOO_LARGE, "text is too large");
	return 0;
}
