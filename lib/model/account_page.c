/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Pages of accounts. Invariant: three statements for a page, whatever is on it; the bounds of the
 * next page come from the entries, also of those whose account is not shown.
 */
#include "model/account.h"

#include <assert.h>
#include "model/identity.h"

static int64_t max_of(const struct page *p)
{
	return p->max_id ? p->max_id : INT64_MAX;
}

static const struct account_page_row *row_of(const struct account_page_row *rows, size_t n,
					     int64_t id)
{
	size_t i = 0;

	while (i < n && rows[i].identity_id != id)
		i++;
	assert(i < n); /* the accounts are those of the rows */
	return &rows[i];
}

static int load(struct ctx *c, const struct account_page_row *rows, size_t n, const struct page *p,
		struct account_list *ret)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	struct account_list list = { .is_full = (int64_t)n == page_limit(p) };

	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].identity_id;
	TRY(accounts_by_ids(c, (i64s){ ids, n }, &list.accounts, &list.n));
	if (n) {
		list.newest = rows[0].id;
		list.oldest = rows[n - 1].id;
	}
	*ret = list;
	return 0;
}

/* Whether the acting identity may see who follows and is followed. */
static bool shows_follows(const struct ctx *c, const struct identity_row *i)
{
	return i->show_follows || i->id == c->identity_id;
}

/* Oneself sees also those that one hides. */
static int64_t viewer_of(const struct ctx *c, const struct identity_row *i)
{
	return i->id == c->identity_id ? 0 : c->identity_id;
}

int accounts_followers(struct ctx *c, const struct identity_row *i, const struct page *p,
		       struct account_list *ret)
{
	struct q_account_followers_args args = {
		.identity_id = i->id,
		.viewer = viewer_of(c, i),
		.max_id = max_of(p),
		.since_id = p->since_id,
		.min_id = p->min_id,
		.limit = page_limit(p),
	};
	const struct account_page_row *rows = NULL;
	size_t n = 0;

	if (shows_follows(c, i))
		TRY(q_account_followers(c, &args, &rows, &n));
	return load(c, rows, n, p, ret);
}

int accounts_following(struct ctx *c, const struct identity_row *i, const struct page *p,
		       struct account_list *ret)
{
	struct q_account_following_args args = {
		.identity_id = i->id,
		.viewer = viewer_of(c, i),
		.max_id = max_of(p),
		.since_id = p->since_id,
		.min_id = p->min_id,
		.limit = page_limit(p),
	};
	const struct account_page_row *rows = NULL;
	size_t n = 0;

	if (shows_follows(c, i))
		TRY(q_account_following(c, &args, &rows, &n));
	return load(c, rows, n, p, ret);
}

int accounts_requests(struct ctx *c, const struct page *p, struct account_list *ret)
{
	struct q_account_requests_args args = {
		.identity_id = c->identity_id,
		.max_id = max_of(p),
		.since_id = p->since_id,
		.min_id = p->min_id,
		.limit = page_limit(p),
	};
	const struct account_page_row *rows;
	size_t n;

	TRY(q_account_requests(c, &args, &rows, &n));
	return load(c, rows, n, p, ret);
}

static int load_blocks(struct ctx *c, const char *kind, const struct page *p,
		       const struct account_page_row **rows, size_t *n)
{
	struct q_account_blocks_args args = {
		.identity_id = c->identity_id,
		.kind = str_c(kind),
		.max_id = max_of(p),
		.since_id = p->since_id,
		.min_id = p->min_id,
		.limit = page_limit(p),
	};

	return q_account_blocks(c, &args, rows, n);
}

int accounts_blocked(struct ctx *c, const struct page *p, struct account_list *ret)
{
	const struct account_page_row *rows;
	size_t n;

	TRY(load_blocks(c, "block", p, &rows, &n));
	return load(c, rows, n, p, ret);
}

int accounts_muted(struct ctx *c, const struct page *p, struct account_list *ret)
{
	const struct account_page_row *rows;
	size_t n;

	TRY(load_blocks(c, "mute", p, &rows, &n));
	TRY(load(c, rows, n, p, ret));
	for (size_t i = 0; i < ret->n; i++) {
		struct account *a = &ret->accounts[i];

		a->is_mute = true;
		a->mute_expires = row_of(rows, n, a->identity->id)->expires;
	}
	return 0;
}

int accounts_on_list(struct ctx *c, int64_t list_id, const struct page *p, struct account_list *ret)
{
	struct q_account_members_args args = {
		.list_id = list_id,
		.max_id = max_of(p),
		.since_id = p->since_id,
		.min_id = p->min_id,
		.limit = page_limit(p),
	};
	const struct account_page_row *rows;
	size_t n;

	TRY(q_account_members(c, &args, &rows, &n));
	return load(c, rows, n, p, ret);
}

int accounts_endorsed(struct ctx *c, int64_t identity_id, const struct page *p,
		      struct account_list *ret)
{
	struct q_account_endorsed_args args = {
		.identity_id = identity_id,
		.max_id = max_of(p),
		.since_id = p->since_id,
		.min_id = p->min_id,
		.limit = page_limit(p),
	};
	const struct account_page_row *rows;
	size_t n;

	TRY(q_account_endorsed(c, &args, &rows, &n));
	return load(c, rows, n, p, ret);
}
