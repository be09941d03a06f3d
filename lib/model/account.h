/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * account: identities with what a list of them shows beside their rows, loaded by a constant number
 * of statements for any number of them.
 */
#ifndef MODEL_ACCOUNT_H
#define MODEL_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/timeline.h"
#include "sql/gen/account.h"

struct identity_row;
struct preference_row;

struct account {
	const struct identity_row *identity;
	const struct identity_row *moved; /* NULL: nowhere, or nowhere that is known here */
	str role; /* "owner", "admin" or "moderator" of the ctx's tenant; empty: none */
	bool limited; /* it or its server, by the tenant or the host */
	bool suspended; /* by the tenant */
	bool is_mute; /* mute_expires is shown */
	usec mute_expires; /* 0: never */
};

/* The rows in their order. */
int accounts_load(struct ctx *c, const struct identity_row *rows, size_t n,
		  struct account **ret) must_check;
/* Identities by their ids, in the order of these, without deleted ones. */
int accounts_by_ids(struct ctx *c, i64s ids, struct account **ret, size_t *ret_n) must_check;

/*
 * Pages of accounts, newest entry first. Ids of entries are not those of accounts; they are what
 * bounds of pages mean.
 */
struct account_list {
	struct account *accounts;
	size_t n;
	int64_t newest, oldest; /* entries; 0: none */
	bool is_full; /* there may be more */
};
/* Nothing of one that hides whom it follows, to others than itself; none that the acting identity hides. */
int accounts_followers(struct ctx *c, const struct identity_row *i, const struct page *p,
		       struct account_list *ret) must_check;
int accounts_following(struct ctx *c, const struct identity_row *i, const struct page *p,
		       struct account_list *ret) must_check;
/* Of the acting identity: who waits for approval, whom it blocks, whom it mutes. */
int accounts_requests(struct ctx *c, const struct page *p, struct account_list *ret) must_check;
int accounts_blocked(struct ctx *c, const struct page *p, struct account_list *ret) must_check;
int accounts_muted(struct ctx *c, const struct page *p, struct account_list *ret) must_check;
/* Of a list that was found to be the acting identity's. A limit of 0: all. */
int accounts_on_list(struct ctx *c, int64_t list_id, const struct page *p,
		     struct account_list *ret) must_check;
/* Whom anybody here features. */
int accounts_endorsed(struct ctx *c, int64_t identity_id, const struct page *p,
		      struct account_list *ret) must_check;

struct directory {
	bool here; /* of the ctx's tenant alone */
	bool by_age; /* newest first, else most recently active first */
	int64_t limit, offset;
};
int accounts_directory(struct ctx *c, const struct directory *d, struct account **ret,
		       size_t *ret_n) must_check;

struct account_search {
	str text; /* beginning of a name or handle, a whole handle, or an actor's address */
	bool following; /* only those that the acting identity follows */
	bool resolve; /* asks other servers; for somebody who may */
	int64_t limit, offset;
};
int accounts_search(struct ctx *c, const struct account_search *s, struct account **ret,
		    size_t *ret_n) must_check;

/* What the acting identity alone sees of itself. */
struct own_account {
	struct account account;
	const struct preference_row *preferences;
	int64_t requests_count; /* who wait for approval */
};
int account_own(struct ctx *c, struct own_account *ret) must_check;

#endif
