/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What staff wants among hashtags and trends: https://docs.joinmastodon.org/methods/admin/trends/. Posts and links are listed as
 * everybody sees them.
 */
#include "model/tag.h"
#include "model/tag_review.h"
#include "server/api/api.h"
#include "server/api/params.h"
#include "server/api/render_tag.h"
#include "server/api/staff_handlers.h"
#include "sql/gen/moderation.h"

#define PAGE_SIZE 100
#define PAGE_MOST 200
#define OFFSET_LIMIT 1000

/* Rows as the model of hashtags wants them, to have their history. */
static int load_tags(struct ctx *c, const struct admin_tag_row *rows, size_t n, struct tag **ret)
{
	struct tag_row *plain = arena_array(c->arena, n + 1, sizeof(*plain));

	for (size_t i = 0; i < n; i++)
		plain[i] = (struct tag_row){
			.id = rows[i].id,
			.name = rows[i].name,
			.display = rows[i].display,
			.posts_count = rows[i].posts_count,
			.entry_id = rows[i].id,
		};
	return tags_load(c, plain, n, ret);
}

static void put_tag(struct ctx *c, struct json_out *w, const struct admin_tag_row *row,
		    const struct tag *t)
{
	json_open_object(w, NULL);
	render_tag_members(c, w, t);
	json_put_str(w, "display_name", row->display);
	json_put_bool(w, "trendable", row->trendable);
	json_put_bool(w, "usable", row->usable);
	json_put_bool(w, "listable", row->listable);
	json_put_bool(w, "requires_review", !row->reviewed);
	json_close_object(w);
}

static int put_tags(struct ctx *c, struct json_out *w, const struct admin_tag_row *rows, size_t n)
{
	struct tag *tags;

	TRY(load_tags(c, rows, n, &tags));
	json_open_array(w, NULL);
	for (size_t i = 0; i < n; i++)
		put_tag(c, w, &rows[i], &tags[i]);
	json_close_array(w);
	return 0;
}

int admin_trends_tags(struct ctx *c, struct request *q, struct response *r)
{
	const struct admin_tag_row *rows;
	struct params *p;
	struct json_out w;
	struct page page;
	int64_t offset;
	size_t n;

	TRY(params_read(c, q, &p));
	api_page(q, 10, 100, &page);
	if (!str_to_i64(param(p, "offset"), &offset) || offset < 0 || offset > OFFSET_LIMIT)
		offset = 0;
	TRY(q_admin_tag_trending(c, c->domain_id, page_limit(&page), offset, &rows, &n));
	api_open(c, &w);
	TRY(put_tags(c, &w, rows, n));
	return api_send(&w, r);
}

int admin_tags(struct ctx *c, struct request *q, struct response *r)
{
	const struct admin_tag_row *rows;
	struct admin_tag_row *ordered;
	struct json_out w;
	struct page page;
	size_t n;

	api_page(q, PAGE_SIZE, PAGE_MOST, &page);
	TRY(q_admin_tag_list(
		c, page.min_id != 0, c->domain_id, page.max_id ? page.max_id : INT64_MAX,
		page.min_id ? page.min_id : page.since_id, page_limit(&page), &rows, &n));
	ordered = arena_array(c->arena, n + 1, sizeof(*ordered));
	for (size_t i = 0; i < n; i++)
		ordered[i] = rows[page.min_id ? n - 1 - i : i];
	api_open(c, &w);
	TRY(put_tags(c, &w, ordered, n));
	if (n)
		api_link(c, q, ordered[0].id, ordered[n - 1].id, (int64_t)n == page_limit(&page),
			 r);
	return api_send(&w, r);
}

static int send_tag(struct ctx *c, int64_t id, struct response *r)
{
	const struct admin_tag_row *row;
	struct json_out w;
	struct tag *tags;

	TRY(tag_review_get(c, id, &row));
	TRY(load_tags(c, row, 1, &tags));
	api_open(c, &w);
	put_tag(c, &w, row, &tags[0]);
	return api_send(&w, r);
}

int admin_tag(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	return send_tag(c, id, r);
}

int admin_tag_change(struct ctx *c, struct request *q, struct response *r)
{
	const struct admin_tag_row *row;
	struct tag_decision decision;
	struct params *p;
	int64_t id;

	TRY(params_read(c, q, &p));
	TRY(api_path_id(c, q, 0, &id));
	TRY(tag_review_get(c, id, &row));
	decision = (struct tag_decision){
		.usable = param_bool(p, "usable", row->usable),
		.listable = param_bool(p, "listable", row->listable),
		.trendable = param_bool(p, "trendable", true),
		.decides_trend = param_is_there(p, "trendable"),
		.display = param(p, "display_name"),
	};
	TRY(tag_review_set(c, id, &decision));
	return send_tag(c, id, r);
}

static int decide(struct ctx *c, const struct request *q, str kind, bool allowed,
		  struct response *r)
{
	int64_t id;
	int result;

	TRY(api_path_id(c, q, 0, &id));
	result = trend_review(c, kind, id, allowed);
	if (result == E_NOT_FOUND)
		return api_not_found(c);
	TRY(result);
	return str_eq(kind, STR("tag")) ? send_tag(c, id, r) : api_send_empty(r);
}

int admin_trend_tag_approve(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, STR("tag"), true, r);
}

int admin_trend_tag_reject(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, STR("tag"), false, r);
}

int admin_trend_status_approve(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, STR("post"), true, r);
}

int admin_trend_status_reject(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, STR("post"), false, r);
}

int admin_trend_link_approve(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, STR("link"), true, r);
}

int admin_trend_link_reject(struct ctx *c, struct request *q, struct response *r)
{
	return decide(c, q, STR("link"), false, r);
}
