/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A strict second opinion on markup that was declared safe, which shares no code with what it
 * judges: first byte by byte (balanced, and spelled in one way only), then as gumbo reads it.
 * Each check gives NULL, or what is wrong.
 */
#ifndef HTML_CHECK_H
#define HTML_CHECK_H

#include <gumbo.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/str.h"

#define CHECK_DEPTH 64

static const char *const check_elements[] = {
	"p",   "br",  "a",    "span", "b",	    "strong", "i",  "em", "u",	  "s",	"del",
	"sup", "sub", "code", "pre",  "blockquote", "ul",     "ol", "li", "ruby", "rt", "rp",
};

static const char *const check_classes[] = { "mention",	 "hashtag",   "u-url",	     "h-card",
					     "ellipsis", "invisible", "quote-inline" };

/* Attribute, and the elements that may have it ("" for all). */
static const struct check_attribute {
	const char *name;
	const char *elements;
} check_attributes[] = {
	{ "href", "a" },   { "rel", "a" },	    { "target", "a" }, { "lang", "" },
	{ "dir", "" },	   { "translate", "" },	    { "start", "ol" }, { "reversed", "ol" },
	{ "value", "li" }, { "class", "a span p" },
};

static inline bool check_is_element(str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(check_elements); i++) {
		if (str_eq_c(name, check_elements[i]))
			return true;
	}
	return false;
}

static inline bool check_is_attribute(str element, str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(check_attributes); i++) {
		str list = str_c(check_attributes[i].elements), word;

		if (!str_eq_c(name, check_attributes[i].name))
			continue;
		if (list.n == 0)
			return true;
		while (str_cut(&list, ' ', &word)) {
			if (str_eq(word, element))
				return true;
		}
	}
	return false;
}

static inline bool check_is_href(str value)
{
	return str_starts_fold(value, STR("http://")) || str_starts_fold(value, STR("https://")) ||
	       str_starts_fold(value, STR("mailto:"));
}

static inline bool check_is_class(str value)
{
	str word;
	bool is_known = false;

	while (str_cut(&value, ' ', &word)) {
		is_known = false;
		for (size_t i = 0; i < ARRAY_SIZE(check_classes); i++)
			is_known = is_known || str_eq_c(word, check_classes[i]);
		if (!is_known)
			return false;
	}
	return is_known;
}

/* The attributes of a start tag, from behind its name to its end. */
static inline const char *check_tag_attributes(str element, str rest)
{
	while (rest.n) {
		size_t equals = str_find(rest, STR("=\""), 0);
		size_t end = equals == SIZE_MAX ? SIZE_MAX : str_find_char(rest, '"', equals + 2);
		str name, value;

		if (rest.p[0] != ' ' || end == SIZE_MAX)
			return "an attribute is not written as name=\"value\"";
		name = str_slice(rest, 1, equals);
		value = str_slice(rest, equals + 2, end);
		if (!check_is_attribute(element, name))
			return "an attribute that is not allowed";
		if (str_eq_c(name, "href") && !check_is_href(value))
			return "an address that is not allowed";
		if (str_eq_c(name, "class") && !check_is_class(value))
			return "a class that is not allowed";
		rest = str_from(rest, end + 1);
	}
	return NULL;
}

static inline const char *check_tag(str tag, str open[CHECK_DEPTH], size_t *depth)
{
	size_t space = str_find_char(tag, ' ', 0);
	str name = str_slice(tag, 0, space);

	if (str_starts(tag, STR("/"))) {
		if (*depth == 0 || !str_eq(open[--*depth], str_from(tag, 1)))
			return "an end tag that does not fit";
		return NULL;
	}
	if (!check_is_element(name))
		return "an element that is not allowed";
	if (!str_eq_c(name, "br")) {
		if (*depth == CHECK_DEPTH)
			return "elements are nested too deep";
		open[(*depth)++] = name;
	}
	return check_tag_attributes(name, space == SIZE_MAX ? STR("") : str_from(tag, space));
}

static inline const char *check_bytes(str markup)
{
	str open[CHECK_DEPTH];
	size_t depth = 0;

	for (size_t i = 0; i < markup.n; i++) {
		unsigned char ch = (unsigned char)markup.p[i];
		size_t end;
		const char *problem;

		if ((ch < ' ' && ch != '\n' && ch != '\t') || ch == 0x7f)
			return "a control character";
		if (ch == '>')
			return "a > in text";
		if (ch != '<')
			continue;
		end = str_find_char(markup, '>', i);
		if (end == SIZE_MAX)
			return "a tag without an end";
		problem = check_tag(str_slice(markup, i + 1, end), open, &depth);
		if (problem)
			return problem;
		i = end;
	}
	if (depth)
		return "an element is not closed";
	return str_is_utf8(markup) ? NULL : "not UTF-8";
}

static inline const char *check_node(const GumboNode *node, bool is_foreign);

static inline const char *check_element(const GumboElement *e, bool is_foreign)
{
	str name = str_c(gumbo_normalized_tagname(e->tag));
	const GumboAttribute *href = gumbo_get_attribute(&e->attributes, "href");
	const GumboAttribute *rel = gumbo_get_attribute(&e->attributes, "rel");

	if (e->tag_namespace != GUMBO_NAMESPACE_HTML || !check_is_element(name))
		return "gumbo sees an element that is not allowed";
	for (unsigned i = 0; i < e->attributes.length; i++) {
		const GumboAttribute *a = e->attributes.data[i];

		if (!check_is_attribute(name, str_c(a->name)))
			return "gumbo sees an attribute that is not allowed";
	}
	if (e->tag == GUMBO_TAG_A && (!href || !check_is_href(str_c(href->value))))
		return "gumbo sees a link without a good address";
	if (e->tag == GUMBO_TAG_A && is_foreign &&
	    (!rel || !strstr(rel->value, "nofollow noopener noreferrer")))
		return "gumbo sees a link without rel";
	for (unsigned i = 0; i < e->children.length; i++) {
		const char *problem = check_node(e->children.data[i], is_foreign);

		if (problem)
			return problem;
	}
	return NULL;
}

static inline const char *check_node(const GumboNode *node, bool is_foreign)
{
	if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE)
		return NULL;
	if (node->type != GUMBO_NODE_ELEMENT)
		return "gumbo sees something else than elements and text";
	return check_element(&node->v.element, is_foreign);
}

/* Read as the content of the body of a page. */
static inline const char *check_tree(str markup, bool is_foreign)
{
	GumboOptions options = kGumboDefaultOptions;
	const char *problem = NULL;
	GumboOutput *output;

	options.fragment_context = GUMBO_TAG_BODY;
	output = gumbo_parse_with_options(&options, markup.p, markup.n);
	for (unsigned i = 0; !problem && i < output->root->v.element.children.length; i++)
		problem = check_node(output->root->v.element.children.data[i], is_foreign);
	gumbo_destroy_output(&options, output);
	return problem;
}

/* is_foreign: links must carry the rel of links that strangers wrote. */
static inline const char *check_markup(str markup, bool is_foreign)
{
	const char *problem = check_bytes(markup);

	return problem ? problem : check_tree(markup, is_foreign);
}

#endif
