/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Lists of accounts, paged by what binds them: follows, blocks, mutes, endorsements; and the directory. */
#include "model/endorsement.h"
#include "model/suggestion.h"
#include "server/api/accounts.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_account.h"

int api_account_followers(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i = NULL;
	struct account_list list;
	struct page page;

	TRY(api_path_account(c, q, 0, &i));
	api_page(q, 40, 80, &page);
	TRY(accounts_followers(c, i, &page, &list));
	return api_send_account_page(c, q, &list, r);
}

int api_account_following(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i = NULL;
	struct account_list list;
	struct page page;

	TRY(api_path_account(c, q, 0, &i));
	api_page(q, 40, 80, &page);
	TRY(accounts_following(c, i, &page, &list));
	return api_send_account_page(c, q, &list, r);
}

int api_account_endorsements(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i = NULL;
	struct account_list list;
	struct page page;

	TRY(api_path_account(c, q, 0, &i));
	api_page(q, 40, 80, &page);
	TRY(accounts_endorsed(c, i->id, &page, &list));
	return api_send_account_page(c, q, &list, r);
}

int api_endorsements(struct ctx *c, struct request *q, struct response *r)
{
	struct account_list list;
	struct page page;

	api_page(q, 40, 80, &page);
	TRY(accounts_endorsed(c, c->identity_id, &page, &list));
	return api_send_account_page(c, q, &list, r);
}

static int send_page(struct ctx *c, const struct request *q, struct response *r,
		     int (*load)(struct ctx *c, const struct page *p, struct account_list *ret))
{
	struct account_list list;
	struct page page;

	api_page(q, 40, 80, &page);
	TRY(load(c, &page, &list));
	return api_send_account_page(c, q, &list, r);
}

int api_follow_requests(struct ctx *c, struct request *q, struct response *r)
{
	return send_page(c, q, r, accounts_requests);
}

int api_blocks(struct ctx *c, struct request *q, struct response *r)
{
	return send_page(c, q, r, accounts_blocked);
}

int api_mutes(struct ctx *c, struct request *q, struct response *r)
{
	return send_page(c, q, r, accounts_muted);
}

int api_directory(struct ctx *c, struct request *q, struct response *r)
{
	struct account *accounts;
	struct directory d;
	struct params *p;
	struct page page;
	size_t n;

	TRY(params_read(c, q, &p));
	api_page(q, 40, 80, &page);
	d = (struct directory){
		.here = param_bool(p, "local", false),
		.by_age = str_eq(param(p, "order"), STR("new")),
		.limit = page.limit,
		.offset = api_offset(q),
	};
	TRY(accounts_directory(c, &d, &accounts, &n));
	return api_send_accounts(c, accounts, n, r);
}

static int load_suggestions(struct ctx *c, const struct request *q,
			    const struct suggestion_row **ret_rows, size_t *ret_n_rows,
			    struct account **ret, size_t *ret_n)
{
	struct page page;
	int64_t *ids;

	api_page(q, 40, 80, &page);
	TRY(suggestions_get(c, page.limit, ret_rows, ret_n_rows));
	ids = arena_array(c->arena, *ret_n_rows + 1, sizeof(*ids));
	for (size_t i = 0; i < *ret_n_rows; i++)
		ids[i] = (*ret_rows)[i].id;
	return accounts_by_ids(c, (i64s){ ids, *ret_n_rows }, ret, ret_n);
}

int api_suggestions_v1(struct ctx *c, struct request *q, struct response *r)
{
	const struct suggestion_row *rows;
	struct account *accounts;
	size_t n_rows, n;

	TRY(load_suggestions(c, q, &rows, &n_rows, &accounts, &n));
	return api_send_accounts(c, accounts, n, r);
}

static bool is_by_friends(const struct suggestion_row *rows, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == id)
			return rows[i].friends;
	return false;
}

/* A Suggestion; "source" is what programs from before 4.3 read. */
static void put_suggestion(struct ctx *c, struct json_out *w, const struct account *a, bool friends)
{
	json_open_object(w, NULL);
	json_put_c(w, "source", friends ? "past_interactions" : "global");
	json_open_array(w, "sources");
	json_put_c(w, NULL, friends ? "friends_of_friends" : "most_followed");
	json_close_array(w);
	render_whole_account(c, w, "account", a);
	json_close_object(w);
}

int api_suggestions(struct ctx *c, struct request *q, struct response *r)
{
	const struct suggestion_row *rows;
	struct account *accounts;
	struct json_out w;
	size_t n_rows, n;

	TRY(load_suggestions(c, q, &rows, &n_rows, &accounts, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		put_suggestion(c, &w, &accounts[i],
			       is_by_friends(rows, n_rows, accounts[i].identity->id));
	json_close_array(&w);
	return api_send(&w, r);
}

int api_suggestion_dismiss(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(suggestion_dismiss(c, id));
	return api_send_empty(r);
}
