/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Lists: https://docs.joinmastodon.org/methods/lists/ */
#include "model/list.h"
#include "server/api/accounts.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"

static void put_list(struct json_out *w, const struct list_row *l)
{
	json_open_object(w, NULL);
	json_put_id(w, "id", l->id);
	json_put_str(w, "title", l->title);
	json_put_str(w, "replies_policy", l->replies_policy);
	json_put_bool(w, "exclusive", l->exclusive);
	json_close_object(w);
}

static int send_list(struct ctx *c, const struct list_row *l, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	put_list(&w, l);
	return api_send(&w, r);
}

static int send_lists(struct ctx *c, const struct list_row *rows, size_t n, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		put_list(&w, &rows[i]);
	json_close_array(&w);
	return api_send(&w, r);
}

static int path_list(struct ctx *c, const struct request *q, const struct list_row **ret)
{
	int64_t id;
	int result;

	TRY(api_path_id(c, q, 0, &id));
	result = list_get(c, id, ret);
	return result == E_NOT_FOUND ? api_not_found(c) : result;
}

int api_lists(struct ctx *c, unused struct request *q, struct response *r)
{
	const struct list_row *rows;
	size_t n;

	TRY(lists_get(c, &rows, &n));
	return send_lists(c, rows, n, r);
}

int api_account_lists(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i = NULL;
	const struct list_row *rows;
	size_t n;

	TRY(api_path_account(c, q, 0, &i));
	TRY(lists_with(c, i->id, &rows, &n));
	return send_lists(c, rows, n, r);
}

int api_list(struct ctx *c, struct request *q, struct response *r)
{
	const struct list_row *l = NULL;

	TRY(path_list(c, q, &l));
	return send_list(c, l, r);
}

/* What is not said stays as it is. */
static int read_list(struct ctx *c, const struct request *q, struct list_row *l)
{
	struct params *p;

	TRY(params_read(c, q, &p));
	if (param_is_there(p, "title"))
		l->title = param(p, "title");
	if (param_is_there(p, "replies_policy"))
		l->replies_policy = param(p, "replies_policy");
	l->exclusive = param_bool(p, "exclusive", l->exclusive);
	return 0;
}

int api_list_create(struct ctx *c, struct request *q, struct response *r)
{
	struct list_row l = { .title = STR(""), .replies_policy = STR("list") };
	const struct list_row *made;

	TRY(read_list(c, q, &l));
	TRY(list_create(c, &l, &made));
	return send_list(c, made, r);
}

int api_list_edit(struct ctx *c, struct request *q, struct response *r)
{
	const struct list_row *found;
	struct list_row l;

	TRY(path_list(c, q, &found));
	l = *found;
	TRY(read_list(c, q, &l));
	TRY(list_edit(c, &l));
	return send_list(c, &l, r);
}

int api_list_delete(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(list_delete(c, id));
	return api_send_empty(r);
}

int api_list_accounts(struct ctx *c, struct request *q, struct response *r)
{
	const struct list_row *l = NULL;
	struct account_list list;
	struct page page;

	TRY(path_list(c, q, &l));
	api_page(q, 40, 80, &page);
	/* All of them, as programs ask that offer a list to edit. */
	if (str_eq(request_query(q, "limit"), STR("0")))
		page.limit = page.most = LIST_MEMBERS_LIMIT;
	TRY(accounts_on_list(c, l->id, &page, &list));
	return api_send_account_page(c, q, &list, r);
}

static int change_members(struct ctx *c, const struct request *q, struct response *r,
			  int (*fn)(struct ctx *c, int64_t id, i64s members))
{
	struct params *p;
	i64s members;
	int64_t id;

	TRY(params_read(c, q, &p));
	TRY(api_path_id(c, q, 0, &id));
	members = param_ids(c, p, "account_ids");
	/* An id that is none is nobody's. */
	if (members.n < param_list(c, p, "account_ids").n)
		return api_not_found(c);
	TRY(fn(c, id, members));
	return api_send_empty(r);
}

int api_list_add(struct ctx *c, struct request *q, struct response *r)
{
	return change_members(c, q, r, list_add);
}

int api_list_remove(struct ctx *c, struct request *q, struct response *r)
{
	return change_members(c, q, r, list_remove);
}
