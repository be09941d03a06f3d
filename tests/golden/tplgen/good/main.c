/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Prints the compiled templates beside this file. */
#include <stdio.h>

#include "templates.h"

/* Enough for these pages; the real one is in lib/html. */
void html_escape_out(struct out *o, str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char ch = text.p[i];

		out_c(o, ch == '&' ? "&amp;" : ch == '<' ? "&lt;" : ch == '"' ? "&quot;" : "");
		if (!(ch == '&' || ch == '<' || ch == '"'))
			out_char(o, ch);
	}
}

int main(void)
{
	static const struct item items[] = {
		{ STR("Tea <green>"), "https://shop.example/tea?a=1&b=2", 1 },
		{ STR("\"Cups\""), "javascript:alert(1)", 12 },
		{ STR("Sp\303\244tzle"), "/local", -3 },
	};
	static const struct shop shops[] = {
		{ STR("Corner & Co"), { STR("<em>Old</em>") }, items, 3, true, 1 },
		{ STR("Empty"), { STR("") }, NULL, 0, false, 0 },
	};
	struct arena *a = arena_new();

	for (size_t i = 0; i < 2; i++) {
		struct out o;
		str text;

		out_init(&o, a, 65536);
		tpl_page(&o, &shops[i], STR("it's \"new\""));
		tpl_plain(&o);
		if (out_done(&o, &text))
			return 1;
		fwrite(text.p, 1, text.n, stdout);
	}
	arena_free(a);
	return 0;
}
