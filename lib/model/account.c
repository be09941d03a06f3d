/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: two statements for any number of accounts, one when none of them moved. */
#include "model/account.h"

#include <assert.h>

#include "model/emoji.h"
#include "model/identity.h"
#include "model/preference.h"

static const struct identity_row *find(const struct identity_row *rows, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == id)
			return &rows[i];
	return NULL;
}

static struct account *find_account(struct account *accounts, size_t n, int64_t id)
{
	size_t i = 0;

	while (i < n && accounts[i].identity->id != id)
		i++;
	assert(i < n); /* what was asked for is among what was asked about */
	return &accounts[i];
}

static int load_moved(struct ctx *c, const struct account_extra_row *extras, size_t n_extras,
		      struct account *accounts, size_t n)
{
	int64_t *ids = arena_array(c->arena, n_extras + 1, sizeof(*ids));
	const struct identity_row *rows;
	size_t n_ids = 0, n_rows;

	for (size_t i = 0; i < n_extras; i++)
		if (extras[i].moved_id)
			ids[n_ids++] = extras[i].moved_id;
	if (n_ids == 0)
		return 0;
	TRY(q_identity_by_ids(c, (i64s){ ids, n_ids }, &rows, &n_rows));
	for (size_t i = 0; i < n_rows; i++)
		emoji_expect_identity(c, &rows[i]);
	for (size_t i = 0; i < n_extras; i++)
		if (extras[i].moved_id)
			find_account(accounts, n, extras[i].id)->moved =
				find(rows, n_rows, extras[i].moved_id);
	return 0;
}

int accounts_load(struct ctx *c, const struct identity_row *rows, size_t n, struct account **ret)
{
	struct account *accounts = arena_array(c->arena, n + 1, sizeof(*accounts));
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct account_extra_row *extras;
	size_t n_extras;

	for (size_t i = 0; i < n; i++) {
		accounts[i].identity = &rows[i];
		ids[i] = rows[i].id;
		emoji_expect_identity(c, &rows[i]);
	}
	*ret = accounts;
	if (n == 0)
		return 0;
	TRY(q_account_extras(c, c->domain_id, (i64s){ ids, n }, &extras, &n_extras));
	for (size_t i = 0; i < n_extras; i++) {
		struct account *a = find_account(accounts, n, extras[i].id);

		a->role = extras[i].role;
		a->limited = extras[i].limited;
		a->suspended = extras[i].suspended;
	}
	return load_moved(c, extras, n_extras, accounts, n);
}

int accounts_by_ids(struct ctx *c, i64s ids, struct account **ret, size_t *ret_n)
{
	struct identity_row *ordered = arena_array(c->arena, ids.n + 1, sizeof(*ordered));
	const struct identity_row *rows = NULL;
	size_t n_rows = 0, n = 0;

	if (ids.n)
		TRY(q_identity_by_ids(c, ids, &rows, &n_rows));
	for (size_t i = 0; i < ids.n; i++) {
		const struct identity_row *row = find(rows, n_rows, ids.p[i]);

		if (row && !row->deleted && !find(ordered, n, row->id))
			ordered[n++] = *row;
	}
	*ret_n = n;
	return accounts_load(c, ordered, n, ret);
}

int account_own(struct ctx *c, struct own_account *ret)
{
	const struct account_count_row *requests;
	const struct identity_row *i;
	struct account *account;

	TRY(q_identity_by_id(c, c->identity_id, &i));
	TRY(accounts_load(c, i, 1, &account));
	TRY(q_account_requests_count(c, c->identity_id, &requests));
	TRY(preferences_get(c, &ret->preferences));
	ret->account = *account;
	ret->requests_count = requests->count;
	return 0;
}
