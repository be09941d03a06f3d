/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Accounts: whoever is known here, local or remote. */
#include "server/api/accounts.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_account.h"

#define IDS_LIMIT 40 /* accounts that one request may ask for */

int api_find_account(struct ctx *c, int64_t id, const struct identity_row **ret)
{
	const struct identity_row *i = NULL;
	int result = id ? q_identity_by_id(c, id, &i) : E_NOT_FOUND;

	if (result == E_NOT_FOUND || (!result && i->deleted))
		return api_not_found(c);
	TRY(result);
	*ret = i;
	return 0;
}

int api_path_account(struct ctx *c, const struct request *q, size_t n,
		     const struct identity_row **ret)
{
	int64_t id;

	TRY(api_path_id(c, q, n, &id));
	return api_find_account(c, id, ret);
}

int api_send_account(struct ctx *c, const struct identity_row *i, struct response *r)
{
	struct account *account;
	struct json_out w;

	TRY(accounts_load(c, i, 1, &account));
	api_open(c, &w);
	render_whole_account(c, &w, NULL, account);
	return api_send(&w, r);
}

int api_send_accounts(struct ctx *c, const struct account *accounts, size_t n, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		render_whole_account(c, &w, NULL, &accounts[i]);
	json_close_array(&w);
	return api_send(&w, r);
}

int api_send_account_page(struct ctx *c, const struct request *q, const struct account_list *list,
			  struct response *r)
{
	TRY(api_send_accounts(c, list->accounts, list->n, r));
	api_link(c, q, list->newest, list->oldest, list->is_full, r);
	return 0;
}

int api_send_own_account(struct ctx *c, struct response *r)
{
	struct own_account own;
	struct json_out w;

	TRY(account_own(c, &own));
	api_open(c, &w);
	render_credential_account(c, &w, &own);
	return api_send(&w, r);
}

int api_account(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i = NULL;

	TRY(api_path_account(c, q, 0, &i));
	if (c->identity_id)
		TRY(identity_look(c, i));
	return api_send_account(c, i, r);
}

int api_verify_credentials(struct ctx *c, unused struct request *q, struct response *r)
{
	return api_send_own_account(c, r);
}

/* Those of the ids that are known, in their order. */
int api_accounts(struct ctx *c, struct request *q, struct response *r)
{
	struct account *accounts;
	struct params *p;
	size_t n;
	i64s ids;

	TRY(params_read(c, q, &p));
	ids = param_ids(c, p, "id");
	if (ids.n > IDS_LIMIT)
		ids.n = IDS_LIMIT;
	TRY(accounts_by_ids(c, ids, &accounts, &n));
	return api_send_accounts(c, accounts, n, r);
}

int api_account_lookup(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i = NULL;
	int result = identity_find(c, request_query(q, "acct"), &i);

	if (result == E_NOT_FOUND || result == E_INVALID || (!result && i->deleted))
		return api_not_found(c);
	TRY(result);
	return api_send_account(c, i, r);
}

int api_account_search(struct ctx *c, struct request *q, struct response *r)
{
	struct account_search s;
	struct account *accounts;
	struct params *p;
	struct page page;
	size_t n;

	TRY(params_read(c, q, &p));
	api_page(q, 40, 80, &page);
	s = (struct account_search){
		.text = param(p, "q"),
		.following = param_bool(p, "following", false),
		.resolve = param_bool(p, "resolve", false),
		.limit = page.limit,
		.offset = api_offset(q),
	};
	TRY(accounts_search(c, &s, &accounts, &n));
	return api_send_accounts(c, accounts, n, r);
}

/* Keybase is gone; programs still ask. */
int api_account_identity_proofs(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i = NULL;
	struct json_out w;

	TRY(api_path_account(c, q, 0, &i));
	api_open(c, &w);
	json_open_array(&w, NULL);
	json_close_array(&w);
	return api_send(&w, r);
}
