/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Lists: what their members write, who is on them, and on which ones somebody is. */
#include "model/list.h"

#include "base/id.h"
#include "model/account.h"
#include "model/identity.h"
#include "model/timeline.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/people_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

static struct list_view view(const struct list_row *row)
{
	return (struct list_view){
		.id = row->id,
		.title = row->title,
		.replies = row->replies_policy,
		.exclusive = row->exclusive,
	};
}

static struct list_view *view_all(struct ctx *c, const struct list_row *rows, size_t n)
{
	struct list_view *lists = arena_array(c->arena, n + 1, sizeof(*lists));

	for (size_t i = 0; i < n; i++)
		lists[i] = view(&rows[i]);
	return lists;
}

static int respond_lists(struct ctx *c, const struct request *q, struct lists_page *page,
			 struct response *r)
{
	const struct list_row *rows;

	TRY(lists_get(c, &rows, &page->n_lists));
	page->lists = view_all(c, rows, page->n_lists);
	TRY(frame_load(c, q, MENU_LISTS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_LISTS);
	return RESPOND(c, tpl_lists, page, r);
}

int web_lists(struct ctx *c, struct request *q, struct response *r)
{
	struct lists_page page = { 0 };

	return respond_lists(c, q, &page, r);
}

static str path_of(struct ctx *c, int64_t id, const char *rest)
{
	return str_fmt(c->arena, "/lists/%lld/%s", (long long)id, rest);
}

int web_lists_send(struct ctx *c, struct request *q, struct response *r)
{
	struct lists_page page = { .title = form_line(c, q, "title") };
	const struct list_row wanted = { .title = page.title, .replies_policy = STR("list") },
			      *made;
	int err = list_create(c, &wanted, &made);

	if (err == E_UNPROCESSABLE) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond_lists(c, q, &page, r);
	}
	TRY(err);
	return go_to(path_of(c, made->id, "edit/"), r);
}

static int list_of_path(struct ctx *c, const struct request *q, const struct list_row **ret)
{
	int64_t id;
	int result = id_parse(q->args[0], &id) ? list_get(c, id, ret) : E_NOT_FOUND;

	return result == E_NOT_FOUND ? fail(c, result, "you have no such list") : result;
}

int web_list(struct ctx *c, struct request *q, struct response *r)
{
	struct page p = view_page(q);
	struct list_page page = { 0 };
	const struct list_row *row;
	struct timeline found;

	TRY(list_of_path(c, q, &row));
	page.list = view(row);
	TRY(timeline_list(c, row->id, &p, &found));
	TRY(frame_load(c, q, MENU_LISTS, r, &page.frame));
	page.frame.title = row->title;
	page.posts = view_posts_in(c, "home", found.statuses, found.n, &page.n_posts);
	page.pager = view_pager(c, q, &p, found.is_full, found.oldest);
	return RESPOND(c, tpl_list, &page, r);
}

static int fill_members(struct ctx *c, const struct request *q, struct list_edit_page *page)
{
	struct page p = view_page(q);
	const struct identity_row **people;
	struct person_row_view *rows;
	struct account_list list;

	p.limit = 40;
	TRY(accounts_on_list(c, page->list.id, &p, &list));
	people = arena_array(c->arena, list.n + 1, sizeof(*people));
	for (size_t i = 0; i < list.n; i++)
		people[i] = list.accounts[i].identity;
	TRY(view_people(c, people, list.n, &rows));
	page->people = rows;
	page->n_people = list.n;
	page->pager = view_pager(c, q, &p, list.is_full, list.oldest);
	return 0;
}

static int respond_edit(struct ctx *c, const struct request *q, const struct list_row *row,
			struct wrong error, struct response *r)
{
	struct list_edit_page page = { .list = view(row), .error = error };

	TRY(fill_members(c, q, &page));
	TRY(frame_load(c, q, MENU_LISTS, r, &page.frame));
	page.frame.title = text_in(c, TEXT_SAY_TITLE_LIST);
	return RESPOND(c, tpl_list_edit, &page, r);
}

int web_list_edit(struct ctx *c, struct request *q, struct response *r)
{
	const struct list_row *row;

	TRY(list_of_path(c, q, &row));
	return respond_edit(c, q, row, NO_WRONG, r);
}

static int save(struct ctx *c, const struct request *q, int64_t id, struct response *r)
{
	const struct list_row wanted = {
		.id = id,
		.title = form_line(c, q, "title"),
		.replies_policy = form_line(c, q, "replies"),
		.exclusive = form_ticked(q, "exclusive"),
	};
	int err = list_edit(c, &wanted);

	if (err == E_UNPROCESSABLE) {
		r->status = form_status(err);
		return respond_edit(c, q, &wanted, form_error(c, err), r);
	}
	TRY(err);
	return go_to(path_of(c, id, ""), r);
}

int web_list_edit_send(struct ctx *c, struct request *q, struct response *r)
{
	int64_t member = form_id(q, "remove");
	const struct list_row *row;

	TRY(list_of_path(c, q, &row));
	if (form_ticked(q, "delete")) {
		TRY(list_delete(c, row->id));
		return go_to(STR("/lists/"), r);
	}
	if (!member)
		return save(c, q, row->id, r);
	TRY(list_remove(c, row->id, (i64s){ &member, 1 }));
	return go_back(c, q, path_of(c, row->id, "edit/"), r);
}

/* All lists, with those that somebody is on chosen. */
static int load_choice(struct ctx *c, int64_t member_id, struct list_view **ret, size_t *ret_n)
{
	const struct list_row *rows, *with;
	size_t n_with;

	TRY(lists_get(c, &rows, ret_n));
	TRY(lists_with(c, member_id, &with, &n_with));
	*ret = view_all(c, rows, *ret_n);
	for (size_t i = 0; i < *ret_n; i++)
		for (size_t k = 0; k < n_with; k++)
			(*ret)[i].chosen |= with[k].id == (*ret)[i].id;
	return 0;
}

static int respond_choice(struct ctx *c, const struct request *q, const struct identity_row *i,
			  const struct list_view *lists, size_t n, struct wrong error,
			  struct response *r)
{
	struct list_choice_page page = {
		.person = view_person(c, i),
		.lists = lists,
		.n_lists = n,
		.error = error,
	};

	TRY(frame_load(c, q, MENU_LISTS, r, &page.frame));
	page.frame.title = text_with(c, TEXT_LISTS_WITH, page.person.name);
	return RESPOND(c, tpl_list_choice, &page, r);
}

int web_person_lists(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i;
	struct list_view *lists;
	size_t n;

	TRY(person_of_path(c, q->args[0], &i));
	TRY(load_choice(c, i->id, &lists, &n));
	return respond_choice(c, q, i, lists, n, NO_WRONG, r);
}

static bool is_ticked(const struct request *q, int64_t id)
{
	str name, value;
	int64_t ticked;

	for (size_t i = 0; request_form_at(q, i, &name, &value); i++)
		if (str_eq(name, STR("list")) && id_parse(value, &ticked) && ticked == id)
			return true;
	return false;
}

/* Only what changed is changed. */
static int choose(struct ctx *c, const struct request *q, struct list_view *lists, size_t n,
		  int64_t member)
{
	i64s members = { &member, 1 };

	for (size_t i = 0; i < n; i++) {
		bool was = lists[i].chosen;

		lists[i].chosen = is_ticked(q, lists[i].id);
		if (lists[i].chosen && !was)
			TRY(list_add(c, lists[i].id, members));
		if (!lists[i].chosen && was)
			TRY(list_remove(c, lists[i].id, members));
	}
	return 0;
}

int web_person_lists_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i;
	struct list_view *lists;
	size_t n;
	int err;

	TRY(person_of_path(c, q->args[0], &i));
	TRY(load_choice(c, i->id, &lists, &n));
	err = choose(c, q, lists, n, i->id);
	if (err == E_NOT_FOUND)
		err = fail(c, E_UNPROCESSABLE,
			   "follow them first: lists are of people whom you follow");
	if (err == E_UNPROCESSABLE) {
		fail_at(c, "list", err);
		r->status = form_status(err);
		return respond_choice(c, q, i, lists, n, form_error(c, err), r);
	}
	TRY(err);
	return go_to(view_person(c, i).path, r);
}
