/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * domain_block: domains that an identity wants to see nobody of. What a tenant blocks is in limit.h.
 * identity_is_hidden() of the database obeys both this and blocks.
 */
#ifndef MODEL_DOMAIN_BLOCK_H
#define MODEL_DOMAIN_BLOCK_H

#include "base/attr.h"
#include "base/ctx.h"
#include "model/timeline.h"
#include "sql/gen/domain_block.h"

#define DOMAIN_BLOCK_LIMIT 2000 /* of one identity */

/* The acting identity blocks a domain (as people write it): follows both ways end, of which it is told, and
 * notifications go. Again is no error. E_UNPROCESSABLE for what is no domain, for the tenant's own, and over the limit. */
int domain_block_add(struct ctx *c, str domain) must_check;
/* ... no longer. Not blocking is no error. */
int domain_block_remove(struct ctx *c, str domain) must_check;
int domain_block_page(struct ctx *c, const struct page *p, const struct domain_block_row **ret,
		      size_t *ret_n) must_check;

#endif
