/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: every "<" in the output was written here, in front of a name from the table below, so
 * that the tree builder behind cannot read the output otherwise than it is meant.
 *
 * A tree builder for HTML may take time and memory by the square of its input: each paragraph
 * opens the formatting elements again that were left open before, each attribute of a tag is
 * compared with all others, each end tag is looked for in all elements that are open. With few
 * formatting elements open, few short attributes and not too many tags it is harmless.
 * No element is kept here that would hide another from its end tag (as table cells do), so that
 * the count of open formatting elements is never below the tree builder's.
 *
 * Tokens are those of the HTML standard (13.2.5) without the states that only matter for scripts.
 */
#include "html/reduce.h"

#include <string.h>

enum element_kind {
	ELEMENT_UNKNOWN, /* the tags are taken out, the content stays */
	ELEMENT_KEPT,
	ELEMENT_FORMAT, /* kept; the tree builder's "formatting elements" */
	ELEMENT_BLOCK, /* written as a div */
	ELEMENT_CELL, /* a space is written for the start tag */
	ELEMENT_RAW, /* the content is no markup; taken out with it */
	ELEMENT_SUBTREE, /* taken out with its content */
	ELEMENT_REST, /* taken out with all that follows */
};

/* Which attributes an element keeps. */
enum attribute_use {
	FOR_ALL = 0,
	FOR_CLASSED = 1 << 0,
	FOR_LINK = 1 << 1,
	FOR_LIST = 1 << 2,
	FOR_ITEM = 1 << 3,
};

static const struct element {
	const char *name;
	enum element_kind kind;
	unsigned uses;
} elements[] = {
	{ "p", ELEMENT_KEPT, FOR_CLASSED },
	{ "br", ELEMENT_KEPT },
	{ "a", ELEMENT_FORMAT, FOR_LINK },
	{ "link", ELEMENT_KEPT, FOR_LINK },
	{ "span", ELEMENT_KEPT, FOR_CLASSED },
	{ "b", ELEMENT_FORMAT },
	{ "strong", ELEMENT_FORMAT },
	{ "i", ELEMENT_FORMAT },
	{ "em", ELEMENT_FORMAT },
	{ "u", ELEMENT_FORMAT },
	{ "s", ELEMENT_FORMAT },
	{ "code", ELEMENT_FORMAT },
	{ "del", ELEMENT_KEPT },
	{ "sup", ELEMENT_KEPT },
	{ "sub", ELEMENT_KEPT },
	{ "pre", ELEMENT_KEPT },
	{ "blockquote", ELEMENT_KEPT },
	{ "ul", ELEMENT_KEPT },
	{ "ol", ELEMENT_KEPT, FOR_LIST },
	{ "li", ELEMENT_KEPT, FOR_ITEM },
	{ "h1", ELEMENT_KEPT },
	{ "h2", ELEMENT_KEPT },
	{ "h3", ELEMENT_KEPT },
	{ "h4", ELEMENT_KEPT },
	{ "h5", ELEMENT_KEPT },
	{ "h6", ELEMENT_KEPT },
	{ "ruby", ELEMENT_KEPT },
	{ "rt", ELEMENT_KEPT },
	{ "rp", ELEMENT_KEPT },
	{ "div", ELEMENT_BLOCK },
	{ "address", ELEMENT_BLOCK },
	{ "article", ELEMENT_BLOCK },
	{ "aside", ELEMENT_BLOCK },
	{ "center", ELEMENT_BLOCK },
	{ "dd", ELEMENT_BLOCK },
	{ "details", ELEMENT_BLOCK },
	{ "dialog", ELEMENT_BLOCK },
	{ "dir", ELEMENT_BLOCK },
	{ "dl", ELEMENT_BLOCK },
	{ "dt", ELEMENT_BLOCK },
	{ "fieldset", ELEMENT_BLOCK },
	{ "figcaption", ELEMENT_BLOCK },
	{ "figure", ELEMENT_BLOCK },
	{ "footer", ELEMENT_BLOCK },
	{ "form", ELEMENT_BLOCK },
	{ "header", ELEMENT_BLOCK },
	{ "hgroup", ELEMENT_BLOCK },
	{ "hr", ELEMENT_BLOCK },
	{ "legend", ELEMENT_BLOCK },
	{ "listing", ELEMENT_BLOCK },
	{ "main", ELEMENT_BLOCK },
	{ "menu", ELEMENT_BLOCK },
	{ "nav", ELEMENT_BLOCK },
	{ "search", ELEMENT_BLOCK },
	{ "section", ELEMENT_BLOCK },
	{ "summary", ELEMENT_BLOCK },
	{ "table", ELEMENT_BLOCK },
	{ "caption", ELEMENT_BLOCK },
	{ "tr", ELEMENT_BLOCK },
	{ "td", ELEMENT_CELL },
	{ "th", ELEMENT_CELL },
	{ "script", ELEMENT_RAW },
	{ "style", ELEMENT_RAW },
	{ "title", ELEMENT_RAW },
	{ "textarea", ELEMENT_RAW },
	{ "xmp", ELEMENT_RAW },
	{ "iframe", ELEMENT_RAW },
	{ "noembed", ELEMENT_RAW },
	{ "noframes", ELEMENT_RAW },
	{ "noscript", ELEMENT_RAW },
	{ "svg", ELEMENT_SUBTREE },
	{ "math", ELEMENT_SUBTREE },
	{ "template", ELEMENT_SUBTREE },
	{ "object", ELEMENT_SUBTREE },
	{ "applet", ELEMENT_SUBTREE },
	{ "select", ELEMENT_SUBTREE },
	{ "audio", ELEMENT_SUBTREE },
	{ "video", ELEMENT_SUBTREE },
	{ "canvas", ELEMENT_SUBTREE },
	{ "plaintext", ELEMENT_REST },
};

/*
 * Longer values are taken out with the attribute. Formatting elements are copied with their
 * attributes, so these have to be short; of links there is never more than one to copy.
 */
static const struct attribute_rule {
	const char *name;
	unsigned uses;
	size_t limit; /* bytes */
} attributes[] = {
	{ "href", FOR_LINK, HTML_HREF_LIMIT },
	{ "class", FOR_LINK | FOR_CLASSED, 256 },
	{ "rel", FOR_LINK, 256 },
	{ "start", FOR_LIST, 32 },
	{ "reversed", FOR_LIST, 32 },
	{ "value", FOR_ITEM, 32 },
	{ "translate", FOR_ALL, 32 },
	{ "lang", FOR_ALL, 64 },
	{ "dir", FOR_ALL, 32 },
};

struct attribute {
	str value;
	bool is_there;
};

struct tag {
	const struct element *element; /* NULL: unknown */
	struct attribute attributes[ARRAY_SIZE(attributes)];
	bool is_end;
	bool is_closed; /* "/>" */
};

struct reader {
	struct out *out;
	str text;
	size_t at;
	size_t tags; /* written */
	size_t formats; /* open */
	size_t open[ARRAY_SIZE(elements)]; /* of a formatting element */
	size_t taken_out[ARRAY_SIZE(elements)]; /* open ones that were not written */
	const struct element *subtree; /* inside of this; nothing is written */
	size_t subtree_depth;
};

static bool is_letter(char ch)
{
	return char_lower(ch) >= 'a' && char_lower(ch) <= 'z';
}

static bool is_space(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\f' || ch == '\r';
}

/* The byte at an offset from where the reader is; NUL behind the end. */
static char peek(const struct reader *r, size_t offset)
{
	return r->at + offset < r->text.n ? r->text.p[r->at + offset] : 0;
}

static bool is_at_end(const struct reader *r)
{
	return r->at >= r->text.n;
}

static void skip_to(struct reader *r, str needle)
{
	size_t found = str_find(r->text, needle, r->at);

	r->at = found == SIZE_MAX ? r->text.n : found + needle.n;
}

/* Whether "</name" stands here, followed by what ends a name. */
static bool is_end_tag_of(const struct reader *r, str name)
{
	char behind = peek(r, 2 + name.n);

	return peek(r, 0) == '<' && peek(r, 1) == '/' &&
	       str_eq_fold(str_slice(r->text, r->at + 2, r->at + 2 + name.n), name) &&
	       (is_space(behind) || behind == '/' || behind == '>');
}

static void skip_raw(struct reader *r, str name)
{
	while (!is_at_end(r) && !is_end_tag_of(r, name)) {
		size_t next = str_find_char(r->text, '<', r->at + 1);

		r->at = next == SIZE_MAX ? r->text.n : next;
	}
}

/* A comment from behind its "<!--". It may also end with "--!>", and at once with ">" or "->". */
static void skip_comment(struct reader *r)
{
	size_t start = r->at;

	if (peek(r, 0) == '>' || (peek(r, 0) == '-' && peek(r, 1) == '>')) {
		skip_to(r, STR(">"));
		return;
	}
	while (!is_at_end(r)) {
		skip_to(r, STR("--"));
		if (peek(r, 0) == '>' || (peek(r, 0) == '!' && peek(r, 1) == '>')) {
			skip_to(r, STR(">"));
			return;
		}
		if (r->at > start && !is_at_end(r))
			r->at--;
	}
}

static const struct element *element_find(str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++) {
		if (str_eq_fold(name, str_c(elements[i].name)))
			return &elements[i];
	}
	return NULL;
}

static str read_until(struct reader *r, const char *ends)
{
	size_t from = r->at;

	while (!is_at_end(r) && !is_space(peek(r, 0)) && !strchr(ends, peek(r, 0) ? peek(r, 0) : 1))
		r->at++;
	return str_slice(r->text, from, r->at);
}

static void skip_spaces(struct reader *r)
{
	while (is_space(peek(r, 0)))
		r->at++;
}

static str read_value(struct reader *r)
{
	char quote = peek(r, 0);
	size_t from;

	if (quote != '"' && quote != '\'')
		return read_until(r, ">");
	from = ++r->at;
	skip_to(r, (str){ &quote, 1 });
	return str_slice(r->text, from, r->at - 1);
}

/* One attribute; its name may begin with "=", strange as that is. */
static void read_attribute(struct reader *r, struct tag *tag)
{
	size_t from = r->at++;
	str value = STR(""), name;

	read_until(r, "=/>");
	name = str_slice(r->text, from, r->at);
	skip_spaces(r);
	if (peek(r, 0) == '=') {
		r->at++;
		skip_spaces(r);
		if (peek(r, 0) != '>')
			value = read_value(r);
	}
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		struct attribute *a = &tag->attributes[i];

		if (!a->is_there && str_eq_fold(name, str_c(attributes[i].name)))
			*a = (struct attribute){ .value = value, .is_there = true };
	}
}

/* A tag from its name on, to behind its ">"; false when the text ends before. */
static bool read_tag(struct reader *r, struct tag *tag)
{
	tag->element = element_find(read_until(r, "/>"));
	while (!is_at_end(r)) {
		char ch = peek(r, 0);

		if (ch == '>') {
			r->at++;
			return true;
		}
		tag->is_closed = ch == '/' && peek(r, 1) == '>';
		if (ch == '/' || is_space(ch))
			r->at++;
		else
			read_attribute(r, tag);
	}
	return false;
}

static void write_value(struct out *o, str value)
{
	size_t quote;

	while ((quote = str_find_char(value, '"', 0)) != SIZE_MAX) {
		out_str(o, str_slice(value, 0, quote));
		out_c(o, "&quot;");
		value = str_from(value, quote + 1);
	}
	out_str(o, value);
}

static void write_attributes(struct out *o, const struct tag *tag)
{
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		const struct attribute_rule *rule = &attributes[i];
		str value = tag->attributes[i].value;

		if (!tag->attributes[i].is_there || value.n > rule->limit ||
		    (rule->uses && !(rule->uses & tag->element->uses)))
			continue;
		out_char(o, ' ');
		out_c(o, rule->name);
		out_c(o, "=\"");
		write_value(o, value);
		out_char(o, '"');
	}
}

static void write_tag(struct reader *r, const struct tag *tag, const char *name)
{
	if (r->tags++ >= HTML_TAG_LIMIT)
		return;
	out_c(r->out, tag->is_end ? "</" : "<");
	out_c(r->out, name);
	if (!tag->is_end)
		write_attributes(r->out, tag);
	out_char(r->out, '>');
}

/* Formatting elements: the end tag of one that was not written is not written either. */
static void write_format(struct reader *r, const struct tag *tag)
{
	size_t i = (size_t)(tag->element - elements);

	if (!tag->is_end && r->formats == HTML_FORMAT_LIMIT) {
		r->taken_out[i]++;
		return;
	}
	if (tag->is_end && r->taken_out[i]) {
		r->taken_out[i]--;
		return;
	}
	if (!tag->is_end) {
		r->open[i]++;
		r->formats++;
	} else if (r->open[i]) {
		r->open[i]--;
		r->formats--;
	}
	write_tag(r, tag, tag->element->name);
}

static void subtree_enter(struct reader *r, const struct tag *tag)
{
	if (tag->is_end || tag->is_closed)
		return;
	r->subtree = tag->element;
	r->subtree_depth = 1;
}

static void subtree_tag(struct reader *r, const struct tag *tag)
{
	if (tag->element != r->subtree)
		return;
	if (!tag->is_end)
		r->subtree_depth += !tag->is_closed;
	else if (--r->subtree_depth == 0)
		r->subtree = NULL;
}

static void handle_tag(struct reader *r, const struct tag *tag)
{
	enum element_kind kind = tag->element ? tag->element->kind : ELEMENT_UNKNOWN;

	if (kind == ELEMENT_RAW && !tag->is_end) {
		skip_raw(r, str_c(tag->element->name));
		return;
	}
	if (r->subtree) {
		subtree_tag(r, tag);
		return;
	}
	switch (kind) {
	case ELEMENT_KEPT:
		write_tag(r, tag, tag->element->name);
		break;
	case ELEMENT_FORMAT:
		write_format(r, tag);
		break;
	case ELEMENT_BLOCK:
		write_tag(r, tag, "div");
		break;
	case ELEMENT_CELL:
		if (!tag->is_end)
			out_char(r->out, ' ');
		break;
	case ELEMENT_SUBTREE:
		subtree_enter(r, tag);
		break;
	case ELEMENT_REST:
		r->at = r->text.n;
		break;
	case ELEMENT_RAW:
	case ELEMENT_UNKNOWN:
		break;
	}
}

/* What begins with "<". */
static void handle_markup(struct reader *r)
{
	struct tag tag = { .is_end = peek(r, 1) == '/' };
	char first = peek(r, tag.is_end ? 2 : 1);

	if (is_letter(first)) {
		r->at += tag.is_end ? 2 : 1;
		if (read_tag(r, &tag))
			handle_tag(r, &tag);
	} else if (str_starts(str_from(r->text, r->at), STR("<!--"))) {
		r->at += 4;
		skip_comment(r);
	} else if (first == '!' || first == '?' || (tag.is_end && r->at + 2 < r->text.n)) {
		skip_to(r, STR(">"));
	} else {
		if (!r->subtree)
			out_c(r->out, "&lt;");
		r->at++;
	}
}

void html_reduce(struct out *o, str markup)
{
	struct reader r = { .out = o, .text = markup };

	while (!is_at_end(&r)) {
		size_t from = r.at;

		r.at = str_find_char(markup, '<', from);
		if (r.at == SIZE_MAX)
			r.at = markup.n;
		if (!r.subtree)
			out_str(o, str_slice(markup, from, r.at));
		if (!is_at_end(&r))
			handle_markup(&r);
	}
}
