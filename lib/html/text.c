/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: outside of pre elements, white space and line breaks between two pieces of text are
 * remembered, not written, until the second piece is there.
 */
#include "html/html.h"

#include "base/err.h"
#include "html/parse.h"

#define OUTPUT_LIMIT (4 * (size_t)HTML_INPUT_LIMIT)
#define BREAKS_LIMIT 2 /* newlines in a row */

struct writer {
	struct out out;
	unsigned breaks; /* newlines due */
	unsigned pre; /* open pre elements */
	bool is_space_due;
};

/* Newlines around an element. */
static unsigned breaks_of(const GumboElement *e)
{
	switch (e->tag) {
	case GUMBO_TAG_P:
	case GUMBO_TAG_PRE:
	case GUMBO_TAG_BLOCKQUOTE:
	case GUMBO_TAG_UL:
	case GUMBO_TAG_OL:
	case GUMBO_TAG_H1:
	case GUMBO_TAG_H2:
	case GUMBO_TAG_H3:
	case GUMBO_TAG_H4:
	case GUMBO_TAG_H5:
	case GUMBO_TAG_H6:
		return 2;
	case GUMBO_TAG_LI:
	case GUMBO_TAG_DIV:
		return 1;
	default:
		return 0;
	}
}

static void breaks_want(struct writer *w, unsigned n)
{
	if (n > w->breaks)
		w->breaks = n;
}

static bool enter(void *arg, const GumboElement *e)
{
	struct writer *w = arg;

	if (e->tag == GUMBO_TAG_BR)
		breaks_want(w, w->breaks < BREAKS_LIMIT ? w->breaks + 1 : BREAKS_LIMIT);
	breaks_want(w, breaks_of(e));
	w->pre += e->tag == GUMBO_TAG_PRE;
	return true;
}

static void leave(void *arg, const GumboElement *e)
{
	struct writer *w = arg;

	breaks_want(w, breaks_of(e));
	w->pre -= e->tag == GUMBO_TAG_PRE;
}

static void due_put(struct writer *w)
{
	if (w->out.n && w->breaks) {
		for (unsigned i = 0; i < w->breaks; i++)
			out_char(&w->out, '\n');
	} else if (w->out.n && w->is_space_due) {
		out_char(&w->out, ' ');
	}
	w->breaks = 0;
	w->is_space_due = false;
}

static void text_visit(void *arg, str text)
{
	struct writer *w = arg;

	for (size_t i = 0; i < text.n; i++) {
		char ch = text.p[i];

		if (w->pre && ch == '\n') {
			breaks_want(w, w->breaks + 1);
		} else if (char_is_space(ch) && !(w->pre && ch != '\r')) {
			w->is_space_due = true;
		} else if ((unsigned char)ch >= ' ' || ch == '\t') {
			due_put(w);
			out_char(&w->out, ch);
		}
	}
}

int html_to_text(struct ctx *c, str markup, str *ret)
{
	static const struct html_visitor visitor = { enter, leave, text_visit };
	struct arena *scratch cleanup(arena_freep) = arena_new();
	struct writer w = { .breaks = 0 };
	const GumboNode *root;
	str text;

	TRY(html_parse(c, scratch, markup, &root));
	out_init(&w.out, scratch, OUTPUT_LIMIT);
	html_walk(scratch, root, &visitor, &w);
	if (out_done(&w.out, &text))
		return fail(c, E_TOO_LARGE, "text is too large");
	*ret = str_dup(c->arena, text);
	return 0;
}
