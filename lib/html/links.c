/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what is read here is the sanitiser's own form: names in lower case, values in double
 * quotes, '<' and '>' nowhere but around tags. Anything else gives fewer links, never wrong ones.
 */
#include "html/html.h"

/* The value of an attribute within a tag; the null str when there is none. */
static str attribute(struct ctx *c, str tag, str name)
{
	size_t at = str_find(tag, name, 0), end;
	str value;

	if (at == SIZE_MAX)
		return STR_NULL;
	at += name.n;
	end = str_find_char(tag, '"', at);
	if (end == SIZE_MAX || html_to_text(c, str_slice(tag, at, end), &value))
		return STR_NULL;
	return value;
}

static bool is_among(strs list, str s)
{
	for (size_t i = 0; i < list.n; i++)
		if (str_eq(list.p[i], s))
			return true;
	return false;
}

/* Mentions and hashtags lead to people and lists here, so they are no links in a reader's sense. */
static bool is_plain(str class)
{
	return str_find(class, STR("mention"), 0) == SIZE_MAX &&
	       str_find(class, STR("hashtag"), 0) == SIZE_MAX;
}

int html_links(struct ctx *c, str markup, size_t limit, strs *ret)
{
	str *found = arena_array(c->arena, limit + 1, sizeof(*found));
	strs list = { found, 0 };
	size_t at = 0, end;

	if (markup.n > HTML_INPUT_LIMIT)
		return fail(c, E_TOO_LARGE, "the markup is too long");
	while (list.n < limit && (at = str_find(markup, STR("<a "), at)) != SIZE_MAX) {
		str tag, href;

		end = str_find_char(markup, '>', at);
		if (end == SIZE_MAX)
			break;
		tag = str_slice(markup, at, end);
		at = end;
		href = attribute(c, tag, STR(" href=\""));
		if (str_starts(href, STR("http")) && !is_among(list, href) &&
		    is_plain(attribute(c, tag, STR(" class=\""))))
			found[list.n++] = href;
	}
	*ret = list;
	return 0;
}
