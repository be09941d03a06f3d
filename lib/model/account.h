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
#include "sql/gen/account.h"

struct identity_row;
struct preference_row;

struct account {
	const struct identity_row *identity;
	const struct identity_row *moved; /* NULL: nowhere, or nowhere that is known here */
	str role; /* "owner", "admin" or "moderator" of the ctx's tenant; empty: none */
	bool limited; /* its server, by the tenant or the host */
	bool is_mute; /* mute_expires is shown */
	usec mute_expires; /* 0: never */
};

/* The rows in their order. */
int accounts_load(struct ctx *c, const struct identity_row *rows, size_t n,
		  struct account **ret) must_check;
/* Identities by their ids, in the order of these, without deleted ones. */
int accounts_by_ids(struct ctx *c, i64s ids, struct account **ret, size_t *ret_n) must_check;

/* What the acting identity alone sees of itself. */
struct own_account {
	struct account account;
	const struct preference_row *preferences;
	int64_t requests_count; /* who wait for approval */
};
int account_own(struct ctx *c, struct own_account *ret) must_check;

#endif
