/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * emoji: small pictures that stand for :shortcodes: in text. A tenant offers its own; those of other servers are known by the tags of
 * their posts and actors, and belong to their server alone. What a page needs of them is loaded by one statement: whoever loads
 * posts or people says that their texts are to be expected, and the first that looks for emoji loads all of these.
 */
#ifndef MODEL_EMOJI_H
#define MODEL_EMOJI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ap/document.h"
#include "base/attr.h"
#include "base/ctx.h"
#include "html/html.h"
#include "base/str.h"
#include "json/write.h"
#include "sql/gen/emoji.h"

struct identity_row;
struct post_row;

/* Whose shortcodes a text has: those of a tenant, or of a server. */
struct emoji_origin {
	int64_t domain_id, server_id; /* one of them, 0 the other */
};
struct emoji_origin emoji_origin_of(const struct identity_row *i);

/* Notes the shortcodes of a text, HTML or plain, of a profile, of a post by its author. No statement. */
void emoji_expect(struct ctx *c, struct emoji_origin from, str text);
void emoji_expect_identity(struct ctx *c, const struct identity_row *i);
void emoji_expect_post(struct ctx *c, const struct post_row *p, const struct identity_row *author);
/* Loads all that was expected since the last time. */
int emoji_load(struct ctx *c) must_check;
/* The emoji of some texts, each once, in the order of their first use; loads all that was expected, and these. */
int emoji_find(struct ctx *c, struct emoji_origin from, const str *texts, size_t n_texts,
	       const struct emoji_row *const **ret, size_t *ret_n) must_check;

/*
 * Markup in which emoji that were loaded are pictures, with their :shortcode: as alternative text; and the same of
 * plain text, which is empty when there is none in it.
 */
html emoji_draw(struct ctx *c, struct emoji_origin from, html markup);
html emoji_draw_text(struct ctx *c, struct emoji_origin from, str text);

/* Addresses of an emoji's picture, and of its form without motion, for who reads this tenant's pages. */
str emoji_url(struct ctx *c, const struct emoji_row *e);
str emoji_static_url(struct ctx *c, const struct emoji_row *e);

/* Of the ctx's tenant, by category; all: also disabled ones. */
int emoji_list(struct ctx *c, bool all, const struct emoji_row **ret, size_t *ret_n) must_check;

struct emoji_draft {
	str shortcode; /* letters, digits and '_', 2 to 64 */
	str category; /* empty: none */
	bool hidden; /* not in pickers */
	bool disabled; /* its shortcode is mere text */
	str licence; /* where it is from, what may be done with it; plain text, may be empty or null */
	str bytes; /* PNG, GIF or WebP; of a new one */
};
/* A new emoji of the ctx's tenant, or another picture for one; E_INVALID, and as media_store_picture(). */
int emoji_add(struct ctx *c, const struct emoji_draft *d, const struct emoji_row **ret) must_check;
/* Says something else of one by its shortcode, the shortcode itself included; E_NOT_FOUND, E_INVALID, E_CONFLICT. */
int emoji_change(struct ctx *c, str shortcode, const struct emoji_draft *d) must_check;
/* One of the ctx's tenant; E_NOT_FOUND. */
int emoji_get(struct ctx *c, str shortcode, const struct emoji_row **ret) must_check;
/* Those of other servers by the beginnings of shortcode and host; none of servers that the tenant blocks. */
int emoji_search_remote(struct ctx *c, str shortcode, str host, const struct remote_emoji_row **ret,
			size_t *ret_n) must_check;
/* Fetches one of them and makes it the tenant's, under the draft's shortcode. E_NOT_FOUND, E_CONFLICT, and as fetch() and emoji_add(). */
int emoji_copy(struct ctx *c, int64_t remote_id, const struct emoji_draft *d) must_check;
/* E_NOT_FOUND. */
int emoji_remove(struct ctx *c, str shortcode) must_check;

/*
 * What a reaction says: an emoji of Unicode (*ret is NULL), or the shortcode of one of the ctx's tenant.
 * E_UNPROCESSABLE for anything else.
 */
int emoji_of_reaction(struct ctx *c, str name, const struct emoji_row **ret) must_check;

/* What a server says of its emoji in the tags of a post or an actor of its own. */
int emoji_learn(struct ctx *c, int64_t server_id, const struct ap_emoji *emojis,
		size_t n) must_check;
/* The document of one of the ctx's tenant's, by its id; E_NOT_FOUND. */
int emoji_write_document(struct ctx *c, int64_t id, struct json_out *w) must_check;
/* The Emoji tags of some texts of a local identity's, as elements of a list. */
int emoji_write_ap(struct ctx *c, const struct identity_row *owner, const str *texts, size_t n,
		   struct json_out *w) must_check;

#endif
