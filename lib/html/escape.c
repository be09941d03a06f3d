/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: escaped text holds none of the five characters that mean something in HTML, so that it
 * may stand in element content and in attributes with either quote.
 */
#include "html/html.h"

#include <stdint.h>

static const char *entity_of(char ch)
{
	switch (ch) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_escape_out(struct out *o, str text)
{
	size_t from = 0;

	for (size_t i = 0; i < text.n; i++) {
		const char *entity = entity_of(text.p[i]);

		if (!entity)
			continue;
		out_str(o, str_slice(text, from, i));
		out_c(o, entity);
		from = i + 1;
	}
	out_str(o, str_slice(text, from, text.n));
}

html html_escape(struct arena *a, str text)
{
	struct out o;

	out_init(&o, a, SIZE_MAX / 8);
	html_escape_out(&o, text);
	return (html){ out_view(&o) };
}

html html_stored(str markup)
{
	return (html){ markup };
}
