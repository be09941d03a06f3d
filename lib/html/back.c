/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: only the first HTML_INPUT_LIMIT bytes of a page are looked at, so that its length is no work of ours. */
#include "html/html.h"
#include "html/parse.h"

struct search {
	strs targets;
	bool found;
};

static bool has_word(str words, str wanted)
{
	str word;

	while (str_cut(&words, ' ', &word))
		if (str_eq_fold(str_trim(word), wanted))
			return true;
	return false;
}

/* A slash at the end makes no other address of a profile. */
static str bare(str url)
{
	url = str_trim(url);
	return str_ends(url, STR("/")) ? str_slice(url, 0, url.n - 1) : url;
}

static bool enter(void *arg, const GumboElement *e)
{
	struct search *s = arg;
	str href;

	if (e->tag != GUMBO_TAG_A && e->tag != GUMBO_TAG_LINK)
		return true;
	href = bare(html_attribute(e, "href"));
	if (str_is_empty(href) || !has_word(html_attribute(e, "rel"), STR("me")))
		return true;
	for (size_t i = 0; i < s->targets.n && !s->found; i++)
		s->found = str_eq_fold(href, bare(s->targets.p[i]));
	return true;
}

static void leave(unused void *arg, unused const GumboElement *e)
{
}

static void text(unused void *arg, unused str s)
{
}

int html_links_back(struct ctx *c, str page, strs targets, bool *ret)
{
	static const struct html_visitor visitor = { enter, leave, text };
	struct arena *scratch cleanup(arena_freep) = arena_new();
	struct search s = { .targets = targets };
	const GumboNode *root;

	TRY(html_parse(c, scratch, str_slice(page, 0, HTML_INPUT_LIMIT), &root));
	html_walk(scratch, root, &visitor, &s);
	*ret = s.found;
	return 0;
}
