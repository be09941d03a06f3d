/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: gumbo's tree lives in an arena and is never freed node by node, as gumbo would do that
 * by recursion, as deep as a stranger likes. The arena does not get back what gumbo frees while it
 * parses; that is little, and bounded by what html_reduce lets through.
 */
#include "html/parse.h"

#include <string.h>

#include "base/err.h"
#include "base/out.h"
#include "html/html.h"
#include "html/reduce.h"

/* Reducing writes at most "&quot;" for a byte. */
#define REDUCED_LIMIT (6 * (size_t)HTML_INPUT_LIMIT + 64 * HTML_TAG_LIMIT)

static void *allocate(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void forget(void *arena unused, void *p unused)
{
}

int html_parse(struct ctx *c, struct arena *a, str markup, const GumboNode **ret)
{
	GumboOptions options = kGumboDefaultOptions;
	struct out o;
	str reduced;

	if (markup.n > HTML_INPUT_LIMIT)
		return fail(c, E_TOO_LARGE, "markup of %zu bytes, the limit is %d", markup.n,
			    HTML_INPUT_LIMIT);
	out_init(&o, a, REDUCED_LIMIT);
	html_reduce(&o, markup);
	TRY(out_done(&o, &reduced));
	options.allocator = allocate;
	options.deallocator = forget;
	options.userdata = a;
	options.max_errors = 0;
	options.fragment_context = GUMBO_TAG_DIV;
	*ret = gumbo_parse_with_options(&options, reduced.p, reduced.n)->root;
	return 0;
}

struct level {
	const GumboElement *element;
	unsigned next; /* child to visit */
};

struct stack {
	struct level *levels;
	size_t n;
	size_t room;
};

static void stack_push(struct arena *a, struct stack *s, const GumboElement *element)
{
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		struct level *levels = arena_array(a, room, sizeof(*levels));

		if (s->n)
			memcpy(levels, s->levels, s->n * sizeof(*levels));
		s->levels = levels;
		s->room = room;
	}
	s->levels[s->n++] = (struct level){ .element = element };
}

void html_walk(struct arena *a, const GumboNode *root, const struct html_visitor *visitor,
	       void *arg)
{
	struct stack s = { .n = 0 };

	stack_push(a, &s, &root->v.element);
	while (s.n) {
		struct level *top = &s.levels[s.n - 1];
		const GumboNode *child;

		if (top->next == top->element->children.length) {
			s.n--;
			if (s.n)
				visitor->leave(arg, top->element);
			continue;
		}
		child = top->element->children.data[top->next++];
		switch (child->type) {
		case GUMBO_NODE_ELEMENT:
		case GUMBO_NODE_TEMPLATE:
			if (visitor->enter(arg, &child->v.element))
				stack_push(a, &s, &child->v.element);
			else
				visitor->leave(arg, &child->v.element);
			break;
		case GUMBO_NODE_TEXT:
		case GUMBO_NODE_WHITESPACE:
			visitor->text(arg, str_c(child->v.text.text));
			break;
		default:
			break;
		}
	}
}

str html_attribute(const GumboElement *element, const char *name)
{
	const GumboAttribute *found = gumbo_get_attribute(&element->attributes, name);

	return found ? str_c(found->value) : STR_NULL;
}
