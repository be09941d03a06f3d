/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * gate: who may not join a tenant: hosts of e-mail addresses, single addresses (kept as a hash), networks. The caller has judged
 * that the acting staff may; all is written down.
 */
#ifndef MODEL_GATE_H
#define MODEL_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/timeline.h"
#include "sql/gen/moderation.h"

/* Judges one who would join with an e-mail address from a network address; email empty: one who would log in. E_FORBIDDEN;
 * *ret_approval: staff has to approve of it. */
int gate_check(struct ctx *c, str email, str address, bool *ret_approval) must_check;

/* Newest first; one by its id, E_NOT_FOUND. */
int email_domain_blocks_list(struct ctx *c, const struct page *p,
			     const struct email_domain_block_row **ret, size_t *ret_n) must_check;
int email_domain_block_get(struct ctx *c, int64_t id,
			   const struct email_domain_block_row **ret) must_check;
/* E_UNPROCESSABLE for no host, or one that is blocked already. */
int email_domain_block_add(struct ctx *c, str host,
			   const struct email_domain_block_row **ret) must_check;
int email_domain_block_remove(struct ctx *c, int64_t id) must_check;

/* SHA-256, in hexadecimal, of the canonical form of an address. E_UNPROCESSABLE. */
int email_hash(struct ctx *c, str email, str *ret) must_check;
int email_blocks_list(struct ctx *c, const struct page *p, const struct email_block_row **ret,
		      size_t *ret_n) must_check;
int email_block_get(struct ctx *c, int64_t id, const struct email_block_row **ret) must_check;
/* Those that an address meets. */
int email_blocks_of(struct ctx *c, str email, const struct email_block_row **ret,
		    size_t *ret_n) must_check;
/* By its address, or by its hash alone. */
int email_block_add(struct ctx *c, str email, str hash,
		    const struct email_block_row **ret) must_check;
int email_block_remove(struct ctx *c, int64_t id) must_check;

struct ip_block_draft {
	str range; /* "203.0.113.0/24", or one address */
	str severity; /* "sign_up_requires_approval" "sign_up_block" "no_access" */
	str comment;
	usec expires; /* 0: never */
};
int ip_blocks_list(struct ctx *c, const struct page *p, const struct ip_block_row **ret,
		   size_t *ret_n) must_check;
int ip_block_get(struct ctx *c, int64_t id, const struct ip_block_row **ret) must_check;
int ip_block_add(struct ctx *c, const struct ip_block_draft *d,
		 const struct ip_block_row **ret) must_check;
int ip_block_change(struct ctx *c, int64_t id, const struct ip_block_draft *d,
		    const struct ip_block_row **ret) must_check;
int ip_block_remove(struct ctx *c, int64_t id) must_check;

#endif
