/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the templates beside this file show. */
#ifndef GOLDEN_VIEW_H
#define GOLDEN_VIEW_H

#include <stdbool.h>

#include "base/str.h"
#include "html/html.h"

struct item {
	str name;
	const char *link;
	int64_t count;
};

struct shop {
	str title;
	html about;
	const struct item *items;
	size_t n_items;
	bool open;
	unsigned visits;
};

static inline str loud(struct arena *a, str s)
{
	return str_cat(a, s, STR("!"));
}

static inline str times(struct arena *a, str s, int n)
{
	return str_fmt(a, STR_FMT " x%d", STR_ARG(s), n);
}

#endif
