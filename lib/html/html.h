/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Markup. html is a type of its own that only this module and the template engine make, so that
 * unsafe text does not compile where markup is wanted. Parsing is gumbo's (HTML5).
 */
#ifndef HTML_HTML_H
#define HTML_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/out.h"
#include "base/str.h"

typedef struct html {
	str s;
} html;

#define HTML_INPUT_LIMIT (256 * 1024) /* bytes */
#define HTML_DEPTH_LIMIT 64 /* nested elements; deeper ones are flattened */

/* Text with & < > " ' escaped, for element content and quoted attributes. */
html html_escape(struct arena *a, str text);
void html_escape_out(struct out *o, str text);

/*
 * Foreign markup to safe markup, by an allow-list (p br a b strong i em u del s sup sub code pre
 * blockquote ul ol li span h1-h6 to strong p, ruby rt rp) with attributes (a: href http(s)/mailto
 * only and rel, class from the known set: mention hashtag u-url h-card ellipsis invisible
 * quote-inline; ol start reversed, li value; lang, dir, translate="no"). Script and style bodies
 * vanish. Links get rel="nofollow noopener noreferrer", behind "tag" when that was there, and
 * target="_blank"; links without a good href become text. The result is its own sanitised form.
 * E_TOO_LARGE over HTML_INPUT_LIMIT.
 */
int html_sanitise(struct ctx *c, str markup, html *ret) must_check;

/* A stored result of html_sanitise, taken back from the database. */
html html_stored(str markup);

/* What a reader sees, with line breaks for p, br, li; entities resolved. E_TOO_LARGE likewise. */
int html_to_text(struct ctx *c, str markup, str *ret) must_check;

/* Addresses that a stored markup links to, each once and in its order, without those of mentions and
 * hashtags; at most limit. E_TOO_LARGE likewise. */
int html_links(struct ctx *c, str markup, size_t limit, strs *ret) must_check;

/*
 * Whether a foreign page has a link with rel="me" to one of these addresses (XFN, as profiles are
 * verified by): in its head or its body, a slash at the end set aside.
 */
int html_links_back(struct ctx *c, str page, strs targets, bool *ret) must_check;

/* A mention or hashtag as it stands in plain text. */
struct html_token {
	enum html_token_kind { HTML_MENTION, HTML_HASHTAG, HTML_URL } kind;
	size_t start, end; /* bytes in the text, the @ or # included */
	str name; /* user name, tag or URL */
	str host; /* of a mention @name@host; null without */
};

/* Finds @name, @name@host, #tag and http(s) URLs in plain text, left to right (rules as Mastodon's
 * and twitter-text's, with Unicode hashtags); at most limit. E_TOO_LARGE likewise. */
int html_tokens(struct ctx *c, str text, size_t limit, const struct html_token **ret,
		size_t *ret_n) must_check;

/* Where a token links to. A null href leaves the token as text. */
struct html_link {
	str href;
	str label; /* mentions: the name to show behind '@'; others: null */
};

/*
 * A local author's plain text to the stored markup: paragraphs and line breaks, tokens linked in
 * Mastodon's markup (span.h-card > a.u-url.mention > @<span>, a.mention.hashtag[rel=tag], URLs
 * shortened with span.invisible and span.ellipsis). link is asked for mentions and hashtags.
 * Text that is empty gives the empty markup. E_TOO_LARGE likewise.
 */
int html_from_text(struct ctx *c, str text,
		   struct html_link (*link)(void *arg, const struct html_token *t), void *arg,
		   html *ret) must_check;

/* The first address that sanitised markup links to, but for mentions, hashtags and what is quoted; null: none. */
int html_first_link(struct ctx *c, str markup, str *ret) must_check;

/*
 * What the head of a page says of it (Open Graph, Twitter's and plain meta elements, title), as plain
 * text; empty: not said, or not UTF-8. Addresses are as written. Only the first half MiB is looked at.
 */
struct html_head {
	str title, description, site, author, language;
	str image, image_text; /* picture that stands for it, and its description */
	str image_width, image_height; /* as written */
	str published; /* time as written */
	str creator; /* "@name@host" of the fediverse (fediverse:creator) */
	str author_url;
	str oembed; /* address of its description by oEmbed in JSON */
};
void html_head_read(struct ctx *c, str page, struct html_head *ret);
/* The address that the first frame (iframe) in some markup shows; empty: there is none. */
str html_frame(struct ctx *c, str markup);

#endif
