/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: every post is indexed, whoever may read it, so that people find their own; who finds what is
 * decided when somebody asks. Links are kept of public posts alone.
 */
#include "base/out.h"
#include "html/html.h"
#include "model/search.h"
#include "sql/gen/search.h"

#define TEXT_LIMIT (128 * 1024) /* bytes of a post that are indexed */
#define LINK_LIMIT 4 /* of one post */
#define LINK_LENGTH_LIMIT 2048 /* bytes */

static void add_text(struct out *o, str text)
{
	if (str_is_empty(text) || o->n + text.n + 1 > TEXT_LIMIT)
		return;
	out_str(o, text);
	out_char(o, '\n');
}

/* What it says, and what its media show. */
static int text_of(struct ctx *c, const struct post_row *p, str *ret)
{
	const struct attachment_row *media;
	struct out o;
	str text;
	size_t n;

	out_init(&o, c->arena, TEXT_LIMIT);
	TRY(q_post_attachments(c, (i64s){ &p->id, 1 }, &media, &n));
	add_text(&o, p->summary);
	if (html_to_text(c, p->content, &text) == 0)
		add_text(&o, text);
	for (size_t i = 0; i < n; i++)
		add_text(&o, media[i].description);
	*ret = out_view(&o);
	return 0;
}

static int set_links(struct ctx *c, const struct post_row *p, strs links)
{
	str *kept = arena_array(c->arena, links.n + 1, sizeof(*kept));
	size_t n = 0;

	if (!str_eq(p->visibility, STR("public")))
		return 0;
	for (size_t i = 0; i < links.n; i++)
		if (links.p[i].n <= LINK_LENGTH_LIMIT)
			kept[n++] = links.p[i];
	return q_search_set_links(c, (strs){ kept, n }, p->id, NULL);
}

int search_index(struct ctx *c, const struct post_row *p)
{
	strs links = { NULL, 0 };
	str text;

	TRY(text_of(c, p, &text));
	if (html_links(c, p->content, LINK_LIMIT, &links))
		links.n = 0;
	TRY(q_search_index(c, p->id, text, links.n > 0, NULL));
	return set_links(c, p, links);
}
