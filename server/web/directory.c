/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who of the community wants to be found. */
#include "model/account.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/people_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

#define PEOPLE 40 /* on a page */
#define PAGES 250

static int64_t page_number(const struct request *q)
{
	int64_t n;

	return str_to_i64(request_query(q, "page"), &n) && n > 1 && n <= PAGES ? n : 1;
}

static str path_of(struct ctx *c, bool by_age, int64_t page)
{
	return str_fmt(c->arena, "/directory/?order=%s&page=%lld", by_age ? "new" : "active",
		       (long long)page);
}

static int load(struct ctx *c, int64_t number, struct directory_page *page)
{
	const struct directory d = { .here = true,
				     .by_age = page->by_age,
				     .limit = PEOPLE + 1,
				     .offset = (number - 1) * PEOPLE };
	const struct identity_row **people;
	struct person_row_view *rows;
	struct account *found;
	size_t n;

	TRY(accounts_directory(c, &d, &found, &n));
	people = arena_array(c->arena, n + 1, sizeof(*people));
	for (size_t i = 0; i < n; i++)
		people[i] = found[i].identity;
	page->n_people = n > PEOPLE ? PEOPLE : n;
	TRY(view_people(c, people, page->n_people, &rows));
	page->people = rows;
	if (number > 1)
		page->pager.newer = path_of(c, page->by_age, number - 1);
	if (n > PEOPLE && number < PAGES)
		page->pager.older = path_of(c, page->by_age, number + 1);
	return 0;
}

int web_directory(struct ctx *c, struct request *q, struct response *r)
{
	struct directory_page page = { .by_age = str_eq(request_query(q, "order"), STR("new")) };

	TRY(load(c, page_number(q), &page));
	TRY(frame_load(c, q, MENU_ABOUT, r, &page.frame));
	page.frame.title = text_in(c, TEXT_SAY_TITLE_DIRECTORY);
	page.frame.canonical = str_cat(c->arena, c->domain->origin, STR("/directory/"));
	return RESPOND(c, tpl_directory, &page, r);
}
