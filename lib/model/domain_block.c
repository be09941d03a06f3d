/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a host is stored in its one form, so that equal is equal. */
#include "model/domain_block.h"

#include "ap/handle.h"
#include "db/db.h"
#include "model/domain.h"

static int host_of(struct ctx *c, str domain, str *ret)
{
	str host;

	if (!handle_host(c->arena, str_trim(domain), &host))
		return fail_at(c, "domain", fail(c, E_UNPROCESSABLE, "that is no domain"));
	*ret = host;
	return 0;
}

static int block(struct ctx *c, void *arg)
{
	const struct domain_block_told_row *told;
	const str *host = arg;
	size_t n;

	TRY(q_domain_block_add(c, c->identity_id, c->domain_id, *host, DOMAIN_BLOCK_LIMIT, &n));
	if (n == 0)
		return fail(c, E_UNPROCESSABLE, "nobody can block more than %d domains",
			    DOMAIN_BLOCK_LIMIT);
	TRY(q_domain_block_end_follows(c, c->identity_id, *host, c->domain_id, &told, &n));
	return q_domain_block_clear(c, c->identity_id, *host, NULL);
}

int domain_block_add(struct ctx *c, str domain)
{
	str host;

	TRY(host_of(c, domain, &host));
	if (domain_by_host(c->domains, host) == c->domain)
		return fail_at(c, "domain",
			       fail(c, E_UNPROCESSABLE, "that is this community itself"));
	return db_transaction(c, block, &host);
}

int domain_block_remove(struct ctx *c, str domain)
{
	str host;

	TRY(host_of(c, domain, &host));
	return q_domain_block_remove(c, c->identity_id, c->domain_id, host, NULL);
}

int domain_block_page(struct ctx *c, const struct page *p, const struct domain_block_row **ret,
		      size_t *ret_n)
{
	struct q_domain_block_page_args args = {
		.identity_id = c->identity_id,
		.max_id = p->max_id ? p->max_id : INT64_MAX,
		.since_id = p->since_id,
		.min_id = p->min_id,
		.limit = page_limit(p),
	};

	return q_domain_block_page(c, &args, ret, ret_n);
}
