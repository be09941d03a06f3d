/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the page is read once, tag by tag, up to its body or a limit, and no tree is built of
 * it; what is kept of a value is text.
 */
#include "html/html.h"

#define SCAN_LIMIT (512 * 1024) /* bytes of a page that are looked at */
#define VALUE_LIMIT 4096 /* bytes of a value as written */
#define TITLE_LIMIT 1024

/* Where each statement stands, the one to be preferred first. */
static const struct {
	const char *name; /* of a meta element, by property or name */
	size_t member;
} statements[] = {
	{ "og:title", offsetof(struct html_head, title) },
	{ "twitter:title", offsetof(struct html_head, title) },
	{ "og:description", offsetof(struct html_head, description) },
	{ "twitter:description", offsetof(struct html_head, description) },
	{ "description", offsetof(struct html_head, description) },
	{ "og:site_name", offsetof(struct html_head, site) },
	{ "application-name", offsetof(struct html_head, site) },
	{ "og:image:secure_url", offsetof(struct html_head, image) },
	{ "og:image", offsetof(struct html_head, image) },
	{ "og:image:url", offsetof(struct html_head, image) },
	{ "twitter:image", offsetof(struct html_head, image) },
	{ "og:image:alt", offsetof(struct html_head, image_text) },
	{ "twitter:image:alt", offsetof(struct html_head, image_text) },
	{ "og:image:width", offsetof(struct html_head, image_width) },
	{ "og:image:height", offsetof(struct html_head, image_height) },
	{ "author", offsetof(struct html_head, author) },
	{ "article:author", offsetof(struct html_head, author) },
	{ "article:published_time", offsetof(struct html_head, published) },
	{ "fediverse:creator", offsetof(struct html_head, creator) },
};

struct scan {
	str rest;
	str values[ARRAY_SIZE(statements)];
	str title, language, oembed;
};

/* Cuts a name of an attribute or tag. */
static str cut_name(str *s)
{
	size_t n = 0;

	while (n < s->n && !char_is_space(s->p[n]) && s->p[n] != '=' && s->p[n] != '>' &&
	       s->p[n] != '/')
		n++;
	*s = str_from(*s, n);
	return (str){ s->p - n, n };
}

static void skip_space(str *s)
{
	while (s->n && char_is_space(s->p[0]))
		*s = str_from(*s, 1);
}

/* Cuts a value with or without quotes; a quote that stays open takes all that is left, and says nothing. */
static str cut_value(str *s)
{
	char quote = s->n && (s->p[0] == '"' || s->p[0] == '\'') ? s->p[0] : 0;
	size_t n = 0;
	str value;

	if (quote)
		*s = str_from(*s, 1);
	while (n < s->n && (quote ? s->p[n] != quote : !char_is_space(s->p[n]) && s->p[n] != '>'))
		n++;
	value = quote && n == s->n ? STR("") : str_slice(*s, 0, n);
	*s = str_from(*s, n + (quote && n < s->n));
	return value;
}

/* The next attribute of the tag that is open; false at its end. */
static bool cut_attribute(str *s, str *ret_name, str *ret_value)
{
	skip_space(s);
	while (s->n && s->p[0] == '/') {
		*s = str_from(*s, 1);
		skip_space(s);
	}
	if (s->n == 0 || s->p[0] == '>')
		return false;
	*ret_name = cut_name(s);
	*ret_value = STR("");
	skip_space(s);
	if (s->n && s->p[0] == '=') {
		*s = str_from(*s, 1);
		skip_space(s);
		*ret_value = cut_value(s);
	} else if (ret_name->n == 0) {
		*s = str_from(*s, 1);
	}
	return true;
}

static void read_meta(struct scan *scan)
{
	str name, value, key = STR_NULL, content = STR_NULL;

	while (cut_attribute(&scan->rest, &name, &value)) {
		if (str_eq_fold(name, STR("property")) ||
		    (str_eq_fold(name, STR("name")) && str_is_null(key)))
			key = value;
		if (str_eq_fold(name, STR("content")))
			content = value;
	}
	for (size_t i = 0; i < ARRAY_SIZE(statements); i++)
		if (str_eq_fold(key, str_c(statements[i].name)) && content.n &&
		    content.n <= VALUE_LIMIT && str_is_null(scan->values[i]))
			scan->values[i] = content;
}

/* oEmbed 4: a link of the head tells where the description is. */
static void read_link(struct scan *scan)
{
	str name, value, rel = STR_NULL, type = STR_NULL, href = STR_NULL;

	while (cut_attribute(&scan->rest, &name, &value)) {
		if (str_eq_fold(name, STR("rel")))
			rel = value;
		else if (str_eq_fold(name, STR("type")))
			type = value;
		else if (str_eq_fold(name, STR("href")))
			href = value;
	}
	if (str_eq_fold(rel, STR("alternate")) &&
	    str_eq_fold(type, STR("application/json+oembed")) && href.n <= VALUE_LIMIT &&
	    str_is_null(scan->oembed))
		scan->oembed = href;
}

static void read_html(struct scan *scan)
{
	str name, value;

	while (cut_attribute(&scan->rest, &name, &value))
		if (str_eq_fold(name, STR("lang")))
			scan->language = value;
}

/* Text up to the next tag. */
static void read_title(struct scan *scan)
{
	size_t start = str_find_char(scan->rest, '>', 0), end;

	if (start == SIZE_MAX)
		return;
	scan->rest = str_from(scan->rest, start + 1);
	end = str_find_char(scan->rest, '<', 0);
	if (end != SIZE_MAX && end <= VALUE_LIMIT && str_is_null(scan->title))
		scan->title = str_slice(scan->rest, 0, end);
}

/* What stands in these is no markup. */
static void skip_raw(struct scan *scan, const char *closing)
{
	str end = str_c(closing);
	size_t at = 0;

	while (at < scan->rest.n && !str_starts_fold(str_from(scan->rest, at), end))
		at++;
	scan->rest = str_from(scan->rest, at);
}

/* False at the body. */
static bool read_tag(struct scan *scan)
{
	str name = cut_name(&scan->rest);

	if (str_eq_fold(name, STR("body")))
		return false;
	if (str_eq_fold(name, STR("meta")))
		read_meta(scan);
	else if (str_eq_fold(name, STR("title")))
		read_title(scan);
	else if (str_eq_fold(name, STR("link")))
		read_link(scan);
	else if (str_eq_fold(name, STR("html")))
		read_html(scan);
	else if (str_eq_fold(name, STR("script")))
		skip_raw(scan, "</script");
	else if (str_eq_fold(name, STR("style")))
		skip_raw(scan, "</style");
	else if (str_starts(name, STR("!--")))
		skip_raw(scan, "-->");
	return true;
}

/* References resolved, white space as one space, no tags. */
static str plain(struct ctx *c, str markup, size_t limit)
{
	str text;

	if (str_is_null(markup) || !str_is_utf8(markup) || html_to_text(c, markup, &text))
		return STR("");
	return str_clip(text, limit);
}

void html_head_read(struct ctx *c, str page, struct html_head *ret)
{
	struct scan scan = { .rest = str_clip(page, SCAN_LIMIT) };
	struct html_head head = { .language = plain(c, scan.language, TITLE_LIMIT) };
	size_t at;

	while ((at = str_find_char(scan.rest, '<', 0)) != SIZE_MAX) {
		scan.rest = str_from(scan.rest, at + 1);
		if (!read_tag(&scan))
			break;
	}
	for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
		str *member = (str *)(void *)((char *)&head + statements[i].member);

		if (member->n == 0)
			*member = plain(c, scan.values[i], VALUE_LIMIT);
	}
	if (head.title.n == 0)
		head.title = plain(c, scan.title, TITLE_LIMIT);
	head.language = plain(c, scan.language, TITLE_LIMIT);
	head.oembed = plain(c, scan.oembed, VALUE_LIMIT);
	/* Some name a page where others name a person. */
	if (str_starts(head.author, STR("https://"))) {
		head.author_url = head.author;
		head.author = STR("");
	}
	*ret = head;
}

str html_frame(struct ctx *c, str markup)
{
	str rest = str_clip(markup, SCAN_LIMIT), name, value;
	size_t at;

	while ((at = str_find_char(rest, '<', 0)) != SIZE_MAX) {
		rest = str_from(rest, at + 1);
		if (!str_eq_fold(cut_name(&rest), STR("iframe")))
			continue;
		while (cut_attribute(&rest, &name, &value))
			if (str_eq_fold(name, STR("src")))
				return plain(c, value, VALUE_LIMIT);
	}
	return STR("");
}
