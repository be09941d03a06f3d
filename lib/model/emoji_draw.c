/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Emoji in markup. Invariant: only text is looked at, never a tag or what stands in one, and nothing in code; what
 * is put in is an img of an address of ours.
 */
#include "model/emoji.h"
#include "model/emoji_part.h"
#include "model/media.h"

#define DRAWN_LIMIT (1024 * 1024) /* bytes of markup */

static void put_attribute(struct out *o, const char *name, str value)
{
	out_fmt(o, " %s=\"", name);
	html_escape_out(o, value);
	out_char(o, '"');
}

/* One that moves stands still for who asked for less motion. */
static void put_picture(struct ctx *c, struct out *o, const struct emoji_row *e)
{
	str url = media_proxy_url(c, emoji_url(c, e));
	str still = media_proxy_url(c, emoji_static_url(c, e));
	str alt = str_fmt(c->arena, ":%.*s:", STR_ARG(e->shortcode));

	if (!str_eq(url, still)) {
		out_c(o, "<picture><source media=\"(prefers-reduced-motion: reduce)\"");
		put_attribute(o, "srcset", still);
		out_char(o, '>');
	}
	out_c(o, "<img class=\"emoji\"");
	put_attribute(o, "src", url);
	put_attribute(o, "alt", alt);
	put_attribute(o, "title", alt);
	out_c(o, " loading=\"lazy\">");
	if (!str_eq(url, still))
		out_c(o, "</picture>");
}

/* Text up to the next tag; what is in code stays as it is. */
static void draw_text(struct ctx *c, struct emoji_origin from, str text, struct out *o)
{
	size_t at = 0, done = 0;
	str code;

	while (emoji_next_code(text, &at, &code)) {
		const struct emoji_row *e = emoji_known(c, from, code);

		if (!e)
			continue;
		out_str(o, str_slice(text, done, at - code.n - 1));
		put_picture(c, o, e);
		done = at = at + 1;
	}
	out_str(o, str_from(text, done));
}

/* How deep in code it is behind this tag. */
static int code_depth(str tag, int depth)
{
	static const str names[] = { STR("code"), STR("pre") };
	bool is_end = str_starts(tag, STR("</"));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t end = 1 + (size_t)is_end + names[i].n;

		if (str_eq(str_slice(tag, 1 + (size_t)is_end, end), names[i]) && end < tag.n &&
		    (tag.p[end] == '>' || tag.p[end] == ' '))
			return is_end ? depth - 1 : depth + 1;
	}
	return depth;
}

static html draw(struct ctx *c, struct emoji_origin from, str markup)
{
	struct out o;
	int depth = 0;
	str drawn;

	out_init(&o, c->arena, DRAWN_LIMIT);
	while (markup.n) {
		bool is_tag = markup.p[0] == '<';
		size_t end = str_find_char(markup, is_tag ? '>' : '<', 0);
		str part = str_slice(markup, 0, end == SIZE_MAX ? markup.n : end + is_tag);

		if (is_tag)
			depth = code_depth(part, depth);
		if (is_tag || depth > 0)
			out_str(&o, part);
		else
			draw_text(c, from, part, &o);
		markup = str_from(markup, part.n);
	}
	return html_stored(out_done(&o, &drawn) ? STR("") : drawn);
}

/* Most texts have none, and cost a look. A statement that fails leaves them as text: the next one fails as well. */
static bool has_emoji(struct ctx *c, struct emoji_origin from, str text)
{
	size_t at = 0;
	str code;

	if (str_find_char(text, ':', 0) == SIZE_MAX || emoji_load(c))
		return false;
	while (emoji_next_code(text, &at, &code))
		if (emoji_known(c, from, code))
			return true;
	return false;
}

html emoji_draw(struct ctx *c, struct emoji_origin from, html markup)
{
	html drawn;

	if (!has_emoji(c, from, markup.s))
		return markup;
	drawn = draw(c, from, markup.s);
	return drawn.s.n ? drawn : markup;
}

html emoji_draw_text(struct ctx *c, struct emoji_origin from, str text)
{
	if (!has_emoji(c, from, text))
		return html_stored(STR(""));
	return emoji_draw(c, from, html_escape(c->arena, text));
}
