/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what is written holds allowed elements and attributes only, is well nested, and reads
 * back as the very tree that it was written from. For the latter, elements that a parser of HTML
 * would move or close when it meets them again (a paragraph in a paragraph, a link in a link) are
 * left out here, so that no later reader sees another structure than the one that was checked.
 *
 * An element that is left out keeps its content. Where it was a block, a line break stands for it.
 */
#include "html/html.h"

#include <string.h>

#include "base/err.h"
#include "html/chars.h"
#include "html/parse.h"
#include "html/reduce.h"

#define OUTPUT_LIMIT (16 * (size_t)HTML_INPUT_LIMIT)
#define LINK_REL "nofollow noopener noreferrer"
#define LANG_LIMIT 35 /* RFC 5646, 4.4.1 */
#define NUMBER_LIMIT 9 /* digits */

enum element_flag {
	IS_ALLOWED = 1 << 0,
	IS_BLOCK = 1 << 1, /* begins a line; ends a paragraph that is open */
	IS_HEADING = 1 << 2,
	HAS_CLASS = 1 << 3,
	HAS_START = 1 << 4,
	HAS_VALUE = 1 << 5,
	IS_RUBY_PART = 1 << 6,
	IS_FORMAT = 1 << 7, /* "formatting" in the HTML standard: reopened behind what closed it */
};

static const unsigned elements[GUMBO_TAG_LAST] = {
	[GUMBO_TAG_P] = IS_ALLOWED | IS_BLOCK | HAS_CLASS,
	[GUMBO_TAG_PRE] = IS_ALLOWED | IS_BLOCK,
	[GUMBO_TAG_BLOCKQUOTE] = IS_ALLOWED | IS_BLOCK,
	[GUMBO_TAG_UL] = IS_ALLOWED | IS_BLOCK,
	[GUMBO_TAG_OL] = IS_ALLOWED | IS_BLOCK | HAS_START,
	[GUMBO_TAG_LI] = IS_ALLOWED | IS_BLOCK | HAS_VALUE,
	[GUMBO_TAG_H1] = IS_ALLOWED | IS_BLOCK | IS_HEADING,
	[GUMBO_TAG_H2] = IS_ALLOWED | IS_BLOCK | IS_HEADING,
	[GUMBO_TAG_H3] = IS_ALLOWED | IS_BLOCK | IS_HEADING,
	[GUMBO_TAG_H4] = IS_ALLOWED | IS_BLOCK | IS_HEADING,
	[GUMBO_TAG_H5] = IS_ALLOWED | IS_BLOCK | IS_HEADING,
	[GUMBO_TAG_H6] = IS_ALLOWED | IS_BLOCK | IS_HEADING,
	[GUMBO_TAG_DIV] = IS_BLOCK,
	[GUMBO_TAG_A] = IS_ALLOWED | IS_FORMAT | HAS_CLASS,
	[GUMBO_TAG_SPAN] = IS_ALLOWED | HAS_CLASS,
	[GUMBO_TAG_B] = IS_ALLOWED | IS_FORMAT,
	[GUMBO_TAG_STRONG] = IS_ALLOWED | IS_FORMAT,
	[GUMBO_TAG_I] = IS_ALLOWED | IS_FORMAT,
	[GUMBO_TAG_EM] = IS_ALLOWED | IS_FORMAT,
	[GUMBO_TAG_U] = IS_ALLOWED | IS_FORMAT,
	[GUMBO_TAG_S] = IS_ALLOWED | IS_FORMAT,
	[GUMBO_TAG_DEL] = IS_ALLOWED,
	[GUMBO_TAG_SUP] = IS_ALLOWED,
	[GUMBO_TAG_SUB] = IS_ALLOWED,
	[GUMBO_TAG_CODE] = IS_ALLOWED | IS_FORMAT,
	[GUMBO_TAG_RUBY] = IS_ALLOWED,
	[GUMBO_TAG_RT] = IS_ALLOWED | IS_RUBY_PART,
	[GUMBO_TAG_RP] = IS_ALLOWED | IS_RUBY_PART,
};

static const char *const classes[] = { "mention",  "hashtag",	"u-url",       "h-card",
				       "ellipsis", "invisible", "quote-inline" };

static const char *const directions[] = { "ltr", "rtl", "auto" };

/* An element that was written and not closed yet. */
struct open {
	GumboTag tag;
	const GumboElement *source;
};

struct sanitiser {
	struct out out;
	struct arena *arena;
	struct open open[HTML_DEPTH_LIMIT];
	size_t n;
	size_t formats; /* open ones */
	size_t tags; /* written, and end tags that will be */
	bool is_line_start; /* nothing stands on the line yet; white space would not show */
	bool is_break_due; /* before anything else is put on the line */
	bool is_fresh_pre; /* a parser drops a newline that stands here */
};

static bool is_in(const struct sanitiser *s, GumboTag tag)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->open[i].tag == tag)
			return true;
	}
	return false;
}

/* Whether an item may begin here: not within another without a list or a block between. */
static bool is_item_allowed(const struct sanitiser *s)
{
	for (size_t i = s->n; i-- > 0;) {
		GumboTag tag = s->open[i].tag;

		if (tag == GUMBO_TAG_LI)
			return false;
		if (elements[tag] & IS_BLOCK)
			return true;
	}
	return true;
}

static void text_put(struct sanitiser *s, str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char ch = text.p[i];

		if (ch == '&')
			out_c(&s->out, "&amp;");
		else if (ch == '<')
			out_c(&s->out, "&lt;");
		else if (ch == '>')
			out_c(&s->out, "&gt;");
		else
			out_char(&s->out, ch);
	}
}

/*
 * Control characters and those that Unicode promises never to assign have no place in content, and
 * like the carriage return they would read back as another character than they were written.
 */
static str text_clean(struct arena *a, str text)
{
	char *p = arena_copy(a, text.p, text.n);
	size_t end = 0, n;
	uint32_t ch;

	for (size_t i = 0; (n = char_at(text, i, &ch)); i += n) {
		if (ch == '\r' || ch == '\f') {
			p[end++] = ch == '\r' ? '\n' : ' ';
		} else if (char_is_content(ch)) {
			memcpy(p + end, text.p + i, n);
			end += n;
		}
	}
	return (str){ p, end };
}

static void break_put(struct sanitiser *s)
{
	if (s->tags < HTML_TAG_LIMIT) {
		out_c(&s->out, "<br>");
		s->tags++;
	}
	s->is_line_start = true;
	s->is_break_due = false;
	s->is_fresh_pre = false;
}

/* The border of a block that is not written itself. */
static void break_want(struct sanitiser *s)
{
	s->is_break_due = !s->is_line_start;
}

static void attribute_put(struct sanitiser *s, const char *name, str value)
{
	out_char(&s->out, ' ');
	out_c(&s->out, name);
	out_c(&s->out, "=\"");
	html_escape_out(&s->out, value);
	out_char(&s->out, '"');
}

static bool is_one_of(const char *const *list, size_t n, str value)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq_c(value, list[i]))
			return true;
	}
	return false;
}

/* The next word of s, cut off; false when there is none. */
static bool word_next(str *s, str *ret)
{
	size_t n = 0;

	*s = str_trim(*s);
	while (n < s->n && !char_is_space(s->p[n]))
		n++;
	*ret = str_slice(*s, 0, n);
	*s = str_from(*s, n);
	return n > 0;
}

static void class_put(struct sanitiser *s, const GumboElement *e)
{
	str rest = html_attribute(e, "class"), word;
	struct out known;

	out_init(&known, s->arena, HTML_INPUT_LIMIT);
	while (word_next(&rest, &word)) {
		if (!is_one_of(classes, ARRAY_SIZE(classes), word))
			continue;
		if (known.n)
			out_char(&known, ' ');
		out_str(&known, word);
	}
	if (known.n)
		attribute_put(s, "class", out_view(&known));
}

static void number_put(struct sanitiser *s, const GumboElement *e, const char *name)
{
	str value = str_trim(html_attribute(e, name));
	int64_t number;

	if (value.n <= NUMBER_LIMIT && str_to_i64(value, &number))
		attribute_put(s, name, str_fmt(s->arena, "%lld", (long long)number));
}

static bool is_lang(str value)
{
	for (size_t i = 0; i < value.n; i++) {
		if (!char_is_alnum(value.p[i]) && value.p[i] != '-')
			return false;
	}
	return value.n > 0 && value.n <= LANG_LIMIT;
}

static void text_attributes_put(struct sanitiser *s, const GumboElement *e)
{
	str lang = html_attribute(e, "lang");
	str dir = str_lower(s->arena, html_attribute(e, "dir"));

	if (is_lang(lang))
		attribute_put(s, "lang", lang);
	if (is_one_of(directions, ARRAY_SIZE(directions), dir))
		attribute_put(s, "dir", dir);
	if (str_eq_fold(html_attribute(e, "translate"), STR("no")))
		attribute_put(s, "translate", STR("no"));
}

static bool is_host_start(char ch)
{
	return char_is_alnum(ch) || ch == '[' || (unsigned char)ch >= 0x80;
}

/* Whether url begins with scheme and, with a host, goes on as one. */
static bool has_scheme(str url, str scheme, bool with_host)
{
	return str_starts_fold(url, scheme) && url.n > scheme.n &&
	       (!with_host || is_host_start(url.p[scheme.n]));
}

/*
 * The address of a link in the one form in which it is written, null when it is not allowed. White
 * space and control characters go, as browsers drop them before they look at the scheme.
 */
static str href_clean(struct arena *a, str value)
{
	struct out o;
	str url;

	out_init(&o, a, OUTPUT_LIMIT);
	value = str_trim(text_clean(a, value));
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == ' ')
			out_c(&o, "%20");
		else if (value.p[i] != '\n' && value.p[i] != '\t')
			out_char(&o, value.p[i]);
	}
	url = out_view(&o);
	if (html_escape(a, url).s.n > HTML_HREF_LIMIT)
		return STR_NULL;
	if (has_scheme(url, STR("https://"), true) || has_scheme(url, STR("http://"), true) ||
	    has_scheme(url, STR("mailto:"), false))
		return url;
	return STR_NULL;
}

static bool has_word(str text, str wanted)
{
	str word;

	while (word_next(&text, &word)) {
		if (str_eq_fold(word, wanted))
			return true;
	}
	return false;
}

static void link_put(struct sanitiser *s, const GumboElement *e)
{
	bool is_tag = has_word(html_attribute(e, "rel"), STR("tag"));

	attribute_put(s, "href", href_clean(s->arena, html_attribute(e, "href")));
	attribute_put(s, "rel", is_tag ? STR("tag " LINK_REL) : STR(LINK_REL));
	attribute_put(s, "target", STR("_blank"));
}

static void attributes_put(struct sanitiser *s, const GumboElement *e)
{
	unsigned flags = elements[e->tag];

	if (e->tag == GUMBO_TAG_A)
		link_put(s, e);
	if (flags & HAS_CLASS)
		class_put(s, e);
	if (flags & HAS_START)
		number_put(s, e, "start");
	if (flags & HAS_START && !str_is_null(html_attribute(e, "reversed")))
		attribute_put(s, "reversed", STR(""));
	if (flags & HAS_VALUE)
		number_put(s, e, "value");
	text_attributes_put(s, e);
}

/* Opens tag for source, with the attributes of source when they are meant for this one. */
static void element_open(struct sanitiser *s, GumboTag tag, const GumboElement *source,
			 bool with_attributes)
{
	if (elements[tag] & IS_BLOCK) {
		s->is_line_start = true;
		s->is_break_due = false;
	} else if (s->is_break_due) {
		break_put(s);
	}
	out_char(&s->out, '<');
	out_c(&s->out, gumbo_normalized_tagname(tag));
	if (with_attributes)
		attributes_put(s, source);
	out_char(&s->out, '>');
	s->is_fresh_pre = tag == GUMBO_TAG_PRE;
	s->tags += 2;
	s->formats += (elements[tag] & IS_FORMAT) != 0;
	s->open[s->n++] = (struct open){ .tag = tag, .source = source };
}

static void element_close(struct sanitiser *s)
{
	GumboTag tag = s->open[--s->n].tag;

	out_c(&s->out, "</");
	out_c(&s->out, gumbo_normalized_tagname(tag));
	out_char(&s->out, '>');
	s->is_fresh_pre = false;
	s->formats -= (elements[tag] & IS_FORMAT) != 0;
	if (elements[tag] & IS_BLOCK) {
		s->is_line_start = true;
		s->is_break_due = false;
	}
}

/*
 * Whether there is room for the element: what is written must stay within the limits that
 * html_reduce sets, or reading it back would give something else. A heading is two elements.
 */
static bool has_room(const struct sanitiser *s, unsigned flags)
{
	size_t breaks = s->is_break_due, n = flags & IS_HEADING ? 2 : 1;

	if (flags & (IS_HEADING | IS_FORMAT) && s->formats == HTML_FORMAT_LIMIT)
		return false;
	return s->n + n <= HTML_DEPTH_LIMIT && s->tags + breaks + 2 * n <= HTML_TAG_LIMIT;
}

/* Whether the element may be written here; see the invariant. */
static bool is_allowed(const struct sanitiser *s, const GumboElement *e)
{
	unsigned flags = e->tag < GUMBO_TAG_LAST ? elements[e->tag] : 0;

	if (!(flags & IS_ALLOWED) || e->tag_namespace != GUMBO_NAMESPACE_HTML ||
	    !has_room(s, flags))
		return false;
	if (flags & IS_BLOCK && is_in(s, GUMBO_TAG_P))
		return false;
	if (flags & IS_RUBY_PART)
		return s->n && s->open[s->n - 1].tag == GUMBO_TAG_RUBY;
	if (e->tag == GUMBO_TAG_LI)
		return is_item_allowed(s);
	if (e->tag == GUMBO_TAG_A)
		return !is_in(s, GUMBO_TAG_A) &&
		       !str_is_null(href_clean(s->arena, html_attribute(e, "href")));
	return true;
}

static bool is_block(const GumboElement *e)
{
	return e->tag < GUMBO_TAG_LAST && elements[e->tag] & IS_BLOCK;
}

static bool enter(void *arg, const GumboElement *e)
{
	struct sanitiser *s = arg;

	if (e->tag == GUMBO_TAG_BR) {
		break_put(s);
	} else if (!is_allowed(s, e)) {
		if (is_block(e))
			break_want(s);
	} else if (elements[e->tag] & IS_HEADING) {
		element_open(s, GUMBO_TAG_P, e, true);
		element_open(s, GUMBO_TAG_STRONG, e, false);
	} else {
		element_open(s, e->tag, e, true);
	}
	return true;
}

static void leave(void *arg, const GumboElement *e)
{
	struct sanitiser *s = arg;
	bool is_written = false;

	while (s->n && s->open[s->n - 1].source == e) {
		element_close(s);
		is_written = true;
	}
	if (!is_written && is_block(e))
		break_want(s);
}

static str trim_start(str text)
{
	size_t n = 0;

	while (n < text.n && char_is_space(text.p[n]))
		n++;
	return str_from(text, n);
}

static void text_visit(void *arg, str raw)
{
	struct sanitiser *s = arg;
	str text = text_clean(s->arena, raw);

	if (!is_in(s, GUMBO_TAG_PRE) && (s->is_line_start || s->is_break_due))
		text = trim_start(text);
	if (str_is_empty(text))
		return;
	if (s->is_break_due)
		break_put(s);
	if (s->is_fresh_pre && text.p[0] == '\n')
		out_char(&s->out, '\n');
	text_put(s, text);
	s->is_line_start = false;
	s->is_fresh_pre = false;
}

int html_sanitise(struct ctx *c, str markup, html *ret)
{
	static const struct html_visitor visitor = { enter, leave, text_visit };
	struct arena *scratch cleanup(arena_freep) = arena_new();
	struct sanitiser s = { .arena = scratch, .is_line_start = true };
	const GumboNode *root;
	str text;

	TRY(html_parse(c, scratch, markup, &root));
	out_init(&s.out, scratch, OUTPUT_LIMIT);
	html_walk(scratch, root, &visitor, &s);
	if (out_done(&s.out, &text))
		return fail(c, E_TOO_LARGE, "markup is too large after it was cleaned");
	ret->s = str_dup(c->arena, text);
	return 0;
}
