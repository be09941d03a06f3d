/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Interaction policies and requests, as GoToSocial's client API names them: https://docs.gotosocial.org/en/latest/api/swagger/ */
#ifndef SERVER_API_CONSENT_H
#define SERVER_API_CONSENT_H

#include "base/attr.h"
#include "base/ctx.h"
#include "json/write.h"
#include "model/consent.h"
#include "server/api/params.h"

/*
 * A policy at root ("interaction_policy", "public" ...) of the parameters; *ret is NULL when there is none. A part that is not
 * said is open to everybody; one that names "author" alone is for nobody else. E_UNPROCESSABLE for another word.
 */
int consent_policy_read(struct ctx *c, const struct params *p, const char *root,
			const struct consent_policy **ret) must_check;
/* As a member named key. */
void render_policy(struct json_out *w, const char *key, const struct consent_policy *p);

#endif
