/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Hashtags and what trends: what of them the staff wants. */
#include "model/domain.h"
#include "model/post.h"
#include "model/tag_review.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "server/web/view.h"
#include "server/web/views.h"
#include "templates.h"

#define TRENDS 20
#define EXCERPT 100 /* characters */

static const struct staff_tag_view *view_tags(struct ctx *c, const struct admin_tag_row *rows,
					      size_t n)
{
	struct staff_tag_view *tags = arena_array(c->arena, n + 1, sizeof(*tags));

	for (size_t i = 0; i < n; i++)
		tags[i] = (struct staff_tag_view){
			.id = rows[i].id,
			.name = rows[i].name,
			.display = rows[i].display,
			.posts = rows[i].posts_count,
			.usable = rows[i].usable,
			.listable = rows[i].listable,
			.trendable = rows[i].trendable,
			.reviewed = rows[i].reviewed,
		};
	return tags;
}

static int respond_hashtags(struct ctx *c, const struct request *q,
			    struct staff_hashtags_page *page, struct response *r)
{
	const struct admin_tag_row *rows;

	if (!str_is_utf8(page->query))
		page->query = STR("");
	TRY(tag_review_search(c, page->query, &rows, &page->n_tags));
	page->tags = view_tags(c, rows, page->n_tags);
	TRY(staff_frame(c, q, SECTION_HASHTAGS, r, &page->staff));
	return RESPOND(c, tpl_staff_hashtags, page, r);
}

int staff_hashtags(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_hashtags_page page = { .query = staff_query(q, "q") };

	return respond_hashtags(c, q, &page, r);
}

int staff_hashtags_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_hashtags_page page = { .query = form_line(c, q, "q"),
					    .error_id = form_id(q, "tag") };
	const struct tag_decision decision = {
		.usable = form_ticked(q, "usable"),
		.listable = form_ticked(q, "listable"),
		.trendable = form_ticked(q, "trendable"),
		.decides_trend = true,
		.display = form_line(c, q, "display_name"),
	};
	int err = tag_review_set(c, page.error_id, &decision);

	if (err == E_UNPROCESSABLE) {
		page.error = wrong_in(str_fmt(c->arena, "%lld-", (long long)page.error_id),
				      form_error(c, err));
		r->status = form_status(err);
		return respond_hashtags(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c,
			  str_fmt(c->arena, "/staff/hashtags/?q=%.*s",
				  STR_ARG(url_part(c->arena, page.query))),
			  "saved", r);
}

static int fill_links(struct ctx *c, struct staff_trends_page *page)
{
	const struct admin_trend_row *rows;
	struct trend_view *links;

	TRY(q_admin_trending(c, c->domain_id, STR("link"), TRENDS, &rows, &page->n_links));
	links = arena_array(c->arena, page->n_links + 1, sizeof(*links));
	for (size_t i = 0; i < page->n_links; i++)
		links[i] = (struct trend_view){ rows[i].id, rows[i].url,
						view_url(c, rows[i].url, STR("")), rows[i].allowed,
						rows[i].reviewed };
	page->links = links;
	return 0;
}

static const struct post_row *post_of(const struct post_row *posts, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (posts[i].id == id)
			return &posts[i];
	return NULL;
}

static int fill_posts(struct ctx *c, struct staff_trends_page *page)
{
	const struct admin_trend_row *rows;
	const struct post_row *posts;
	struct trend_view *views;
	int64_t *ids;
	size_t n, n_posts;

	TRY(q_admin_trending(c, c->domain_id, STR("post"), TRENDS, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	TRY(q_post_by_ids(c, (i64s){ ids, n }, c->identity_id, &posts, &n_posts));
	views = arena_array(c->arena, n + 1, sizeof(*views));
	for (size_t i = 0; i < n; i++) {
		const struct post_row *p = post_of(posts, n_posts, rows[i].id);

		if (!p)
			continue;
		views[page->n_posts++] = (struct trend_view){
			p->id,
			view_excerpt(c, p->summary.n ? p->summary : p->content, EXCERPT),
			view_url(c, p->url.n ? p->url : p->object_uri, STR("")),
			rows[i].allowed,
			rows[i].reviewed,
		};
	}
	page->posts = views;
	return 0;
}

static int fill_tags(struct ctx *c, struct staff_trends_page *page)
{
	const struct admin_tag_row *rows;
	struct trend_view *tags;

	TRY(q_admin_tag_trending(c, c->domain_id, TRENDS, 0, &rows, &page->n_tags));
	tags = arena_array(c->arena, page->n_tags + 1, sizeof(*tags));
	for (size_t i = 0; i < page->n_tags; i++)
		tags[i] = (struct trend_view){
			rows[i].id,
			str_fmt(c->arena, "#%.*s", STR_ARG(rows[i].display)),
			str_fmt(c->arena, "/tags/%.*s/", STR_ARG(url_part(c->arena, rows[i].name))),
			rows[i].trendable,
			rows[i].reviewed,
		};
	page->tags = tags;
	return 0;
}

int staff_trends(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_trends_page page = { 0 };

	TRY(fill_tags(c, &page));
	TRY(fill_links(c, &page));
	TRY(fill_posts(c, &page));
	TRY(staff_frame(c, q, SECTION_HASHTAGS, r, &page.staff));
	return RESPOND(c, tpl_staff_trends, &page, r);
}

int staff_trends_send(struct ctx *c, struct request *q, struct response *r)
{
	TRY(trend_review(c, form_line(c, q, "kind"), form_id(q, "id"),
			 str_eq(form_line(c, q, "do"), STR("allow"))));
	return staff_done(c, STR("/staff/trends/"), "saved", r);
}
