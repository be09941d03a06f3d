/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a local author typed, on its way to markup, mentions and hashtags. */
#ifndef MODEL_POST_COMPOSE_H
#define MODEL_POST_COMPOSE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "html/html.h"

struct post_row;

struct composition {
	html content;
	i64s mentions; /* identities */
	strs tags; /* as written, without '#' */
};

/*
 * Plain text to a composition. Mentions are resolved, also on other servers; one that leads to nobody
 * stays text. to: an identity that is addressed though it is not named (the parent's author); 0: nobody.
 * quoted: what a quotation is about, for those that know only links; NULL: nothing.
 */
int post_compose(struct ctx *c, str text, int64_t to, const struct post_row *quoted,
		 struct composition *ret) must_check;

/* Characters as they count: an address is 23 of them, the host of a mention none. */
int post_length(struct ctx *c, str text, size_t *ret) must_check;

#endif
