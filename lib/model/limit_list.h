/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * limit_list: rules for servers as a list in a file (CSV, RFC 4180), in the columns that Mastodon writes: #domain, #severity,
 * #reject_media, #reject_reports, #public_comment, #obfuscate. A plain list of host names is one of blocks. A list is looked at
 * first, and then done line by line; the caller has judged that the acting staff may.
 */
#ifndef MODEL_LIMIT_LIST_H
#define MODEL_LIMIT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/limit.h"
#include "sql/gen/server.h"

#define LIMIT_LIST_BYTES (400 * 1024)
#define LIMIT_LIST_LINES 3000

enum limit_effect {
	LIMIT_EFFECT_WRONG, /* see error */
	LIMIT_EFFECT_NEW, /* there is no rule yet */
	LIMIT_EFFECT_CHANGES, /* the tenant's rule becomes another */
	LIMIT_EFFECT_SAME, /* nothing */
	LIMIT_EFFECT_REMOVES, /* the tenant's rule goes */
};

struct limit_line {
	size_t number; /* in the file, from 1 */
	struct limit_draft draft; /* its host as it was written, when that is wrong */
	enum limit_effect effect;
	str error; /* a sentence; empty: none */
	str now; /* severity of the tenant's rule; empty: none */
	str floor; /* severity of the host's rule, which holds whatever the tenant says; empty: none */
	int64_t rule_id; /* of the tenant's rule; 0: none */
};

/*
 * What a list would do, or with retract, what taking its rules back would: a rule goes when the list has its host. E_INVALID
 * for what is no list, or is too long.
 */
int limit_list_read(struct ctx *c, str text, bool retract, struct limit_line **ret,
		    size_t *ret_n) must_check;
/* Does a line that is not wrong. Errors as limit_rule_add() and its like. */
int limit_line_apply(struct ctx *c, const struct limit_line *line) must_check;
/* Follows that would end if these lines were done: whose, with which host, how many of each direction. */
int limit_list_severs(struct ctx *c, const struct limit_line *lines, size_t n,
		      const struct would_sever_row **ret, size_t *ret_n) must_check;
/* All rules of the ctx's tenant as a file. */
int limit_list_write(struct ctx *c, str *ret) must_check;

#endif
