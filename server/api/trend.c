/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What trends on the tenant: https://docs.joinmastodon.org/methods/trends/. Pages are counted by offset. */
#include "model/domain.h"
#include "model/tag.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_status.h"
#include "server/api/render_tag.h"

#define OFFSET_LIMIT 1000

struct offset_page {
	int64_t limit, offset;
};

static int read_page(struct ctx *c, const struct request *q, int64_t otherwise, int64_t most,
		     struct offset_page *ret)
{
	struct page page;
	struct params *p;

	TRY(params_read(c, q, &p));
	api_page(q, otherwise, most, &page);
	*ret = (struct offset_page){ .limit = page_limit(&page) };
	if (!str_to_i64(param(p, "offset"), &ret->offset) || ret->offset < 0)
		ret->offset = 0;
	if (ret->offset > OFFSET_LIMIT)
		ret->offset = OFFSET_LIMIT;
	return 0;
}

/* There may be more behind a full page. */
static void link_next(struct ctx *c, const struct request *q, const struct offset_page *p, size_t n,
		      struct response *r)
{
	if ((int64_t)n == p->limit && p->offset + p->limit <= OFFSET_LIMIT)
		r->link = str_fmt(c->arena, "<%.*s%.*s?limit=%lld&offset=%lld>; rel=\"next\"",
				  STR_ARG(c->domain->origin), STR_ARG(q->raw_path),
				  (long long)p->limit, (long long)(p->offset + p->limit));
}

int api_trends_tags(struct ctx *c, struct request *q, struct response *r)
{
	struct offset_page p;
	struct json_out w;
	struct tag *tags;
	size_t n;

	TRY(read_page(c, q, 10, 20, &p));
	TRY(tags_trending(c, p.limit, p.offset, &tags, &n));
	api_open(c, &w);
	render_tags(c, &w, NULL, tags, n);
	link_next(c, q, &p, n, r);
	return api_send_polled(&w, r);
}

int api_trends_statuses(struct ctx *c, struct request *q, struct response *r)
{
	struct status *statuses;
	struct offset_page p;
	size_t n;

	TRY(read_page(c, q, 20, 40, &p));
	TRY(timeline_trending(c, p.limit, p.offset, c->identity_id, &statuses, &n));
	TRY(respond_statuses(c, q, statuses, n, p.limit, r));
	r->link = STR("");
	link_next(c, q, &p, n, r);
	return 0;
}

int api_trends_links(struct ctx *c, struct request *q, struct response *r)
{
	struct trending_link *links;
	struct offset_page p;
	struct json_out w;
	size_t n;

	TRY(read_page(c, q, 10, 20, &p));
	TRY(links_trending(c, p.limit, p.offset, &links, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_trending_link(c, &w, NULL, &links[i]);
	json_close_array(&w);
	link_next(c, q, &p, n, r);
	return api_send_polled(&w, r);
}
