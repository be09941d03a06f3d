/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What handlers about accounts share. */
#ifndef SERVER_API_ACCOUNTS_H
#define SERVER_API_ACCOUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "json/write.h"
#include "model/account.h"
#include "model/follow.h"
#include "model/identity.h"
#include "server/http.h"

/* Whom the n-th capture of the path means, deleted ones excepted; E_NOT_FOUND as clients know it. */
int api_path_account(struct ctx *c, const struct request *q, size_t n,
		     const struct identity_row **ret) must_check;
/* The same by an id from elsewhere; 0 is nobody. */
int api_find_account(struct ctx *c, int64_t id, const struct identity_row **ret) must_check;

/* One Account, loaded whole. */
int api_send_account(struct ctx *c, const struct identity_row *i, struct response *r) must_check;
/* A list of them; a page of them with its Link header. */
int api_send_accounts(struct ctx *c, const struct account *accounts, size_t n,
		      struct response *r) must_check;
int api_send_account_page(struct ctx *c, const struct request *q, const struct account_list *list,
			  struct response *r) must_check;
/* The Relationship of the acting identity to another, as it is now. */
int api_send_relationship(struct ctx *c, int64_t id, struct response *r) must_check;
/* Its CredentialAccount. */
int api_send_own_account(struct ctx *c, struct response *r) must_check;

/* A Relationship (https://docs.joinmastodon.org/entities/Relationship/). */
void render_relationship(struct json_out *w, int64_t id, const struct relation *r);

#endif
