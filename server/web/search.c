/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Search, and following by handle. Only who is logged in makes us ask other servers, and not often:
 * everybody else finds what is here.
 */
#include "fetch/url.h"
#include "model/identity.h"
#include "model/search.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/people_page.h"
#include "server/web/post_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

#define PEOPLE 20
#define TAGS 10

/* Whom the words may mean: exactly one by handle or address, else those whose names begin so. */
static int search_people(struct ctx *c, const struct identity_row *person, struct search_page *page)
{
	const struct search_range range = { .limit = PEOPLE };
	const struct identity_row **people;
	struct account *found;
	struct person_row_view *views;
	size_t n = 0;

	if (!person && c->identity_id && !str_starts(page->query, STR("#")))
		TRY(search_accounts(c, page->query, false, range, &found, &n));
	people = arena_array(c->arena, n + 1, sizeof(*people));
	for (size_t i = 0; i < n; i++)
		people[i] = found[i].identity;
	if (person)
		people[n++] = person;
	TRY(view_people(c, people, n, &views));
	page->people = views;
	page->n_people = n;
	return 0;
}

static int show_tags(struct ctx *c, struct search_page *page)
{
	const struct search_range range = { .limit = TAGS };
	struct tag_view *views;
	struct tag *tags;

	TRY(search_tags(c, page->query, true, range, &tags, &page->n_tags));
	views = arena_array(c->arena, page->n_tags + 1, sizeof(*views));
	for (size_t i = 0; i < page->n_tags; i++)
		views[i] = (struct tag_view){
			.name = tags[i].display,
			.path = str_fmt(c->arena, "/tags/%.*s/",
					STR_ARG(url_encode(c->arena, tags[i].name))),
			.posts = tags[i].posts,
		};
	page->tags = views;
	return 0;
}

/* Words that are no handle and no hashtag may stand in posts, for those who are logged in. */
static int show_posts(struct ctx *c, const struct request *q, struct search_page *page)
{
	struct page p = view_page(q);
	struct status *statuses;

	if (!c->identity_id || str_starts(page->query, STR("@")))
		return 0;
	TRY(search_posts(c, page->query, 0, &p, 0, &statuses, &page->n_posts));
	page->posts = view_posts(c, statuses, page->n_posts);
	page->pager = view_pager(c, q, &p, (int64_t)page->n_posts == page_limit(&p),
				 page->n_posts ? statuses[page->n_posts - 1].entry_id : 0);
	if (page->pager.newer.n)
		page->pager.newer = str_fmt(c->arena, "/search/?q=%.*s",
					    STR_ARG(url_encode(c->arena, page->query)));
	if (page->pager.older.n)
		page->pager.older = str_fmt(c->arena, "%.*s&q=%.*s", STR_ARG(page->pager.older),
					    STR_ARG(url_encode(c->arena, page->query)));
	return 0;
}

static int show_post(struct ctx *c, int64_t id, struct search_page *page)
{
	struct post_view *view = arena_new_of(c->arena, struct post_view);

	TRY(view_post(c, id, view));
	page->posts = view;
	page->n_posts = 1;
	return 0;
}

/* Words that name nobody are no mistake; a server that is away or refused is worth a word. */
static int search(struct ctx *c, const struct request *q, struct search_page *page)
{
	struct search_found f = { 0 };
	int err;

	/* Further pages are of posts alone. */
	if (!str_is_null(request_query(q, "max_id")))
		return show_posts(c, q, page);
	err = search_find(c, page->query, true, &f);

	if (err < 0)
		return err;
	if (err && err != E_NOT_FOUND && err != E_INVALID)
		page->error = form_error(c, err);
	if (f.post_id)
		return show_post(c, f.post_id, page);
	TRY(search_people(c, f.person, page));
	if (f.person)
		return 0;
	TRY(show_tags(c, page));
	return show_posts(c, q, page);
}

int web_search(struct ctx *c, struct request *q, struct response *r)
{
	str text = str_trim(request_query(q, "q"));
	struct search_page page = { .query = str_clip(text, SEARCH_LIMIT) };

	if (page.query.n)
		TRY(search(c, q, &page));
	TRY(frame_load(c, q, MENU_SEARCH, r, &page.frame));
	page.frame.title = text_in(c, TEXT_MENU_SEARCH);
	page.frame.hidden = true;
	return RESPOND(c, tpl_search, &page, r);
}

int web_follow(struct ctx *c, struct request *q, struct response *r)
{
	struct follow_page page = { .handle = str_clip(str_trim(request_query(q, "handle")),
						       SEARCH_LIMIT) };
	struct person_row_view *rows;
	struct search_found f = { 0 };

	if (page.handle.n) {
		int err = fail_at(c, "handle", search_find(c, page.handle, true, &f));

		if (err < 0)
			return err;
		if (!err && f.person)
			TRY(view_people(c, &f.person, 1, &rows));
		if (!err && f.person)
			page.found = rows;
		else
			page.error =
				err ? form_error(c, err)
				    : wrong_at("handle", STR("That is the address of a post."));
	}
	TRY(frame_load(c, q, MENU_SEARCH, r, &page.frame));
	page.frame.title = text_in(c, TEXT_FOLLOW);
	return RESPOND(c, tpl_follow, &page, r);
}
