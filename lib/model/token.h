/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * token: what a program of the client API holds to act for a person, or for itself. Stored as a
 * hash only; deleting the row revokes it.
 */
#ifndef MODEL_TOKEN_H
#define MODEL_TOKEN_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/token.h"

#define TOKEN_BYTES 32 /* random ones in a token or a code */

/*
 * The live token of the ctx's tenant; E_NOT_FOUND when it was revoked, its person was banned or does
 * not hold the identity any more. Touches last_used at most once a day.
 */
int token_get(struct ctx *c, str token, const struct token_row **ret) must_check;

/* Those that the logged-in user granted on this tenant, the last one first. */
int token_list(struct ctx *c, const struct token_grant_row **ret, size_t *ret_n) must_check;
/* Ends one of them at once; E_NOT_FOUND for another's. */
int token_revoke(struct ctx *c, int64_t id) must_check;

#endif
