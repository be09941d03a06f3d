/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Lists of those who ask to follow, and of those whom one blocks or mutes. */
#include "model/account.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/people_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

static const struct {
	int (*load)(struct ctx *c, const struct page *p, struct account_list *ret);
	enum text_key title;
} lists[] = {
	[RELATIONS_REQUESTS] = { accounts_requests, TEXT_RELATIONS_REQUESTS },
	[RELATIONS_BLOCKS] = { accounts_blocked, TEXT_SAY_TITLE_BLOCKS },
	[RELATIONS_MUTES] = { accounts_muted, TEXT_SAY_TITLE_MUTES },
};

static int respond(struct ctx *c, const struct request *q, enum relations which, struct response *r)
{
	struct page p = view_page(q);
	struct relations_page page = { .which = which };
	const struct identity_row **people;
	struct person_row_view *rows;
	struct account_list list;

	TRY(lists[which].load(c, &p, &list));
	people = arena_array(c->arena, list.n + 1, sizeof(*people));
	for (size_t i = 0; i < list.n; i++)
		people[i] = list.accounts[i].identity;
	TRY(view_people(c, people, list.n, &rows));
	page.people = rows;
	page.n_people = list.n;
	page.pager = view_pager(c, q, &p, list.is_full, list.oldest);
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = text_in(c, lists[which].title);
	return RESPOND(c, tpl_relations, &page, r);
}

int web_requests(struct ctx *c, struct request *q, struct response *r)
{
	return respond(c, q, RELATIONS_REQUESTS, r);
}

int web_blocks(struct ctx *c, struct request *q, struct response *r)
{
	return respond(c, q, RELATIONS_BLOCKS, r);
}

int web_mutes(struct ctx *c, struct request *q, struct response *r)
{
	return respond(c, q, RELATIONS_MUTES, r);
}
