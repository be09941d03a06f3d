/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * css: a style sheet that somebody wrote for their own pages, judged by allow-lists: rules with plain
 * selectors, and declarations of properties that colour, space and set text. Nothing in it loads
 * anything, moves anything over something else, or writes words. What passes is written anew.
 */
#ifndef HTML_CSS_H
#define HTML_CSS_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

#define CSS_LIMIT (16 * 1024) /* bytes, of what comes and of what is made of it */
#define CSS_RULES 500

/* E_INVALID says in which line what is not taken. */
int css_judge(struct ctx *c, str text, str *ret) must_check;

#endif
