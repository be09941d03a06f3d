/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The door to gumbo, for this room only: markup to a tree with limits on the work that a stranger
 * can cause, and a walk over the tree that does not recurse.
 */
#ifndef HTML_PARSE_H
#define HTML_PARSE_H

#include <gumbo.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

/*
 * The root of what reduced markup gives as content of a div. The tree lives in the arena, which
 * should be one for this purpose alone. E_TOO_LARGE over HTML_INPUT_LIMIT.
 */
int html_parse(struct ctx *c, struct arena *a, str markup, const GumboNode **ret) must_check;

struct html_visitor {
	/* Whether to visit the children; leave follows in any case. */
	bool (*enter)(void *arg, const GumboElement *element);
	void (*leave)(void *arg, const GumboElement *element);
	void (*text)(void *arg, str text);
};

/* Visits all below root in document order; the arena is for its stack. */
void html_walk(struct arena *a, const GumboNode *root, const struct html_visitor *visitor,
	       void *arg);

/* Value of an attribute; the null str when it is not there. */
str html_attribute(const GumboElement *element, const char *name);

#endif
