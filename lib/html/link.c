/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what is no plain link (a mention, a hashtag, a quoted post) is never the first one. */
#include "html/html.h"
#include "html/parse.h"

struct search {
	str href; /* null: none yet */
	unsigned quotes; /* open elements that hold a quotation's link */
};

static bool has_class(const GumboElement *e, const char *name)
{
	str classes = html_attribute(e, "class"), one;

	while (str_cut(&classes, ' ', &one))
		if (str_eq_c(one, name))
			return true;
	return false;
}

static bool is_plain_link(const GumboElement *e)
{
	str href = html_attribute(e, "href");

	return e->tag == GUMBO_TAG_A && !has_class(e, "mention") && !has_class(e, "hashtag") &&
	       !has_class(e, "u-url") &&
	       (str_starts(href, STR("https://")) || str_starts(href, STR("http://")));
}

static bool enter(void *arg, const GumboElement *e)
{
	struct search *s = arg;

	s->quotes += has_class(e, "quote-inline");
	if (str_is_null(s->href) && !s->quotes && is_plain_link(e))
		s->href = html_attribute(e, "href");
	return true;
}

static void leave(void *arg, const GumboElement *e)
{
	struct search *s = arg;

	s->quotes -= has_class(e, "quote-inline");
}

static void text(unused void *arg, unused str piece)
{
}

int html_first_link(struct ctx *c, str markup, str *ret)
{
	static const struct html_visitor visitor = { enter, leave, text };
	struct search s = { .href = STR_NULL };
	struct arena *a = arena_new();
	const GumboNode *root;
	int result = html_parse(c, a, markup, &root);

	if (result == 0) {
		html_walk(a, root, &visitor, &s);
		*ret = str_dup(c->arena, s.href);
	}
	arena_free(a);
	return result;
}
