/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Accounts: whoever is known here, local or remote. */
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/render_account.h"

static int find_account(struct ctx *c, int64_t id, const struct identity_row **ret)
{
	int result = q_identity_by_id(c, id, ret);

	if (result == E_NOT_FOUND || (!result && (*ret)->deleted))
		return api_not_found(c);
	return result;
}

int api_account(struct ctx *c, struct request *q, struct response *r)
{
	const struct identity_row *i;
	struct account *account;
	struct json_out w;
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(find_account(c, id, &i));
	TRY(accounts_load(c, i, 1, &account));
	api_open(c, &w);
	render_whole_account(c, &w, NULL, account);
	return api_send(&w, r);
}

int api_verify_credentials(struct ctx *c, unused struct request *q, struct response *r)
{
	struct own_account own;
	struct json_out w;

	TRY(account_own(c, &own));
	api_open(c, &w);
	render_credential_account(c, &w, &own);
	return api_send(&w, r);
}
