/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Whatever a page says of itself, what is read of it is short text. */
#include <assert.h>
#include <stdint.h>

#include "base/ctx.h"
#include "html/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena cleanup(arena_freep) = arena_new();
	struct html_head head;
	struct ctx c;
	str link = STR_NULL;

	ctx_init(&c, arena);
	html_head_read(&c, (str){ (const char *)data, size }, &head);
	assert(head.title.n <= 4096 && str_is_utf8(head.title));
	assert(head.image.n <= 4096 && str_is_utf8(head.description));
	if (html_first_link(&c, (str){ (const char *)data, size }, &link) == 0)
		assert(str_is_null(link) || str_starts(link, STR("http")));
	return 0;
}
