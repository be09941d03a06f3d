/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Domains that an identity blocks: https://docs.joinmastodon.org/methods/domain_blocks/ */
#include "model/domain_block.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"

int api_domain_blocks(struct ctx *c, struct request *q, struct response *r)
{
	const struct domain_block_row *rows;
	struct json_out w;
	struct page page;
	size_t n;

	api_page(q, 100, 200, &page);
	TRY(domain_block_page(c, &page, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		json_put_str(&w, NULL, rows[i].host);
	json_close_array(&w);
	if (n)
		api_link(c, q, rows[0].id, rows[n - 1].id, (int64_t)n == page_limit(&page), r);
	return api_send(&w, r);
}

static int change(struct ctx *c, const struct request *q, struct response *r,
		  int (*fn)(struct ctx *c, str domain))
{
	struct params *p;

	TRY(params_read(c, q, &p));
	TRY(fn(c, param(p, "domain")));
	return api_send_empty(r);
}

int api_domain_block_add(struct ctx *c, struct request *q, struct response *r)
{
	return change(c, q, r, domain_block_add);
}

int api_domain_block_remove(struct ctx *c, struct request *q, struct response *r)
{
	return change(c, q, r, domain_block_remove);
}
