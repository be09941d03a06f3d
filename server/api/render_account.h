/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Account entities: https://docs.joinmastodon.org/entities/Account/ */
#ifndef SERVER_API_RENDER_ACCOUNT_H
#define SERVER_API_RENDER_ACCOUNT_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/account.h"
#include "model/identity.h"

/* "name" for one of the ctx's tenant, "name@host" for all others. */
str account_acct(struct ctx *c, const struct identity_row *i);
/* An Account as a member named key, or as an element or the document when key is NULL. NULL for i writes null. */
void render_account(struct ctx *c, struct json_out *w, const char *key,
		    const struct identity_row *i);
/* The same with what the row alone does not say: roles, where it moved, limited. */
void render_whole_account(struct ctx *c, struct json_out *w, const char *key,
			  const struct account *a);
/* A CredentialAccount, for its owner, as the document. */
void render_credential_account(struct ctx *c, struct json_out *w, const struct own_account *a);

/* A Role of a tenant's staff ("owner" ...; empty: of everybody) as a member named key. */
void render_role(struct json_out *w, const char *key, str role);
/* A PartialAccountWithAvatar as an element. */
void render_partial_account(struct ctx *c, struct json_out *w, const struct identity_row *i);
/* A list of them as the document. */
void render_accounts(struct ctx *c, struct json_out *w, const struct identity_row *rows, size_t n);
/* "2026-11-23", the day of a moment; null for 0. */
void render_day(struct ctx *c, struct json_out *w, const char *key, usec t);

#endif
