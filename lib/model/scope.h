/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * scope: what programs may be allowed to do, in Mastodon's names and granularity
 * (https://docs.joinmastodon.org/api/oauth-scopes/). A scope covers those below it: "write" covers
 * "write:statuses".
 */
#ifndef MODEL_SCOPE_H
#define MODEL_SCOPE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct scope {
	const char *name;
	const char *words; /* what it allows, for the person who is asked: "It wants to ..." */
};

/* All that there are, ended by a NULL name: general ones first. */
extern const struct scope scope_table[];

/* NULL when there is none of that name. */
const struct scope *scope_find(str name);

/* Whether the scopes of a token cover one: "write" covers "write:statuses". */
bool scopes_cover(strs scopes, str scope);
/* Whether each of them is covered by what was granted. */
bool scopes_within(strs scopes, strs granted);

/*
 * Names with white space (or '+', as some programs send it) between them, each once, in the order in
 * which they came; nothing at all is "read". E_INVALID "invalid_scope: ..." for one that is unknown.
 */
int scopes_parse(struct ctx *c, str text, strs *ret) must_check;
/* As they stand in an answer, with a space between. */
str scopes_join(struct ctx *c, strs scopes);

#endif
