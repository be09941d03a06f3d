/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Hashtags: their posts, those that one follows, and those that one shows on one's page. */
#include "fetch/url.h"
#include "model/featured_tag.h"
#include "model/hashtag.h"
#include "model/tag.h"
#include "model/timeline.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/post_page.h"
#include "server/web/settings_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

static str path_of(struct ctx *c, str name)
{
	return str_fmt(c->arena, "/tags/%.*s/", STR_ARG(url_encode(c->arena, name)));
}

static struct tag_view view(struct ctx *c, const struct tag *t)
{
	return (struct tag_view){
		.name = t->name,
		.path = path_of(c, t->name),
		.posts = t->posts,
		.following = t->following,
		.featuring = t->featuring,
	};
}

int view_featured_tags(struct ctx *c, int64_t identity_id, const struct tag_view **ret,
		       size_t *ret_n)
{
	const struct featured_tag_row *rows;
	struct tag_view *views;

	TRY(featured_tags_get(c, identity_id, &rows, ret_n));
	views = arena_array(c->arena, *ret_n + 1, sizeof(*views));
	for (size_t i = 0; i < *ret_n; i++)
		views[i] = (struct tag_view){
			.name = rows[i].name,
			.path = path_of(c, rows[i].name),
			.posts = rows[i].posts_count,
		};
	*ret = views;
	return 0;
}

/* A tag that nobody used yet is a page without posts. */
int web_tag(struct ctx *c, struct request *q, struct response *r)
{
	struct page p = view_page(q);
	struct tag_page page = { 0 };
	struct timeline_tags tags = { 0 };
	struct timeline found;
	struct tag *tag;
	int err = tag_get(c, q->args[0], &tag);

	if (err == E_NOT_FOUND)
		return fail_at(c, "follow", fail(c, E_NOT_FOUND, "that is no hashtag"));
	TRY(err);
	page.tag = view(c, tag);
	tags.any = (strs){ &page.tag.name, 1 };
	TRY(timeline_hashtag(c, &tags, &p, c->identity_id, &found));
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = str_cat(c->arena, STR("#"), page.tag.name);
	page.frame.hidden = true;
	page.frame.feed = str_cat(c->arena, page.tag.path, STR("feed"));
	page.posts = view_posts_in(c, "public", found.statuses, found.n, &page.n_posts);
	page.pager = view_pager(c, q, &p, found.is_full, found.oldest);
	return RESPOND(c, tpl_tag, &page, r);
}

static int respond(struct ctx *c, const struct request *q, struct hashtags_page *page,
		   struct response *r)
{
	struct page p = view_page(q);
	struct tag_view *views;
	struct tag *tags;

	TRY(tags_followed(c, &p, &tags, &page->n_tags));
	views = arena_array(c->arena, page->n_tags + 1, sizeof(*views));
	for (size_t i = 0; i < page->n_tags; i++)
		views[i] = view(c, &tags[i]);
	page->tags = views;
	page->pager = view_pager(c, q, &p, (int64_t)page->n_tags == page_limit(&p),
				 page->n_tags ? tags[page->n_tags - 1].entry_id : 0);
	TRY(view_featured_tags(c, c->identity_id, &page->featured, &page->n_featured));
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = text_in(c, TEXT_HASHTAGS);
	return RESPOND(c, tpl_hashtags, page, r);
}

int web_hashtags(struct ctx *c, struct request *q, struct response *r)
{
	struct hashtags_page page = { 0 };

	return respond(c, q, &page, r);
}

static int feature(struct ctx *c, str name)
{
	const struct featured_tag_row *row;

	return featured_tag_add(c, name, &row);
}

static int follow(struct ctx *c, str name)
{
	return tag_follow(c, name, true);
}

static int unfollow(struct ctx *c, str name)
{
	return tag_follow(c, name, false);
}

static const struct {
	const char *field; /* that has the name of the hashtag */
	int (*fn)(struct ctx *c, str name);
} acts[] = {
	{ "follow", follow },
	{ "unfollow", unfollow },
	{ "feature", feature },
	{ "unfeature", featured_tag_remove_name },
};

static int act(struct ctx *c, const struct request *q, str *ret_typed)
{
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		*ret_typed = form_line(c, q, acts[i].field);
		if (ret_typed->n)
			return acts[i].fn(c, *ret_typed);
	}
	return fail_at(c, "follow", fail(c, E_UNPROCESSABLE, "name a hashtag"));
}

int web_hashtags_send(struct ctx *c, struct request *q, struct response *r)
{
	struct hashtags_page page = { 0 };
	int err = act(c, q, &page.typed);

	if (err == E_NOT_FOUND)
		err = fail_at(c, "follow", fail(c, E_UNPROCESSABLE, "that is no hashtag"));
	if (err == E_UNPROCESSABLE) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return go_back(c, q, STR("/tags/"), r);
}
