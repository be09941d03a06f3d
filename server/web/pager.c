/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Pages of lists: "?max_id=" is the last entry of the page before. */
#include "base/id.h"
#include "server/web/views.h"

struct page view_page(const struct request *q)
{
	struct page p = { .max_id = 0 };

	if (!id_parse(request_query(q, "max_id"), &p.max_id))
		p.max_id = 0;
	return p;
}

struct pager_view view_pager(struct ctx *c, const struct request *q, const struct page *p,
			     bool is_full, int64_t last_id)
{
	struct pager_view pager = { STR(""), STR("") };

	if (p->max_id)
		pager.newer = q->raw_path;
	if (is_full)
		pager.older = str_fmt(c->arena, "%.*s?max_id=%lld", STR_ARG(q->raw_path),
				      (long long)last_id);
	return pager;
}
