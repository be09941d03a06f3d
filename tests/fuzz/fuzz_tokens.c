/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Tokens come in order and lie within the text, on borders of characters when it is UTF-8; the
 * markup that is made of a text is balanced and holds what is allowed only.
 */
#include <assert.h>
#include <stdint.h>

#include "base/ctx.h"
#include "html/html.h"
#include "tests/unit/html_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct html_link link_of(void *arg, const struct html_token *t)
{
	(void)arg;
	return (struct html_link){ .href = t->name.n % 2 ? STR("https://example.org/\"<&")
							 : STR_NULL };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	str text = { (const char *)data, size };
	bool is_utf8 = str_is_utf8(text);
	const struct html_token *tokens;
	size_t n, at = 0;
	struct ctx c;
	html markup;

	ctx_init(&c, arena);
	if (html_tokens(&c, text, 100, &tokens, &n))
		return 0;
	assert(n <= 100);
	for (size_t i = 0; i < n; i++) {
		assert(tokens[i].start >= at && tokens[i].end > tokens[i].start);
		at = tokens[i].end;
		assert(at <= size);
		assert(!is_utf8 || str_is_utf8(tokens[i].name));
	}
	assert(html_from_text(&c, text, link_of, NULL, &markup) == 0);
	assert(!check_markup(markup.s, false));
	return 0;
}
