/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Token entities: https://docs.joinmastodon.org/entities/Token/ */
#ifndef SERVER_API_TOKEN_H
#define SERVER_API_TOKEN_H

#include "base/attr.h"
#include "base/ctx.h"
#include "model/oauth.h"
#include "server/http.h"

/* A Token as the answer. */
int respond_token(struct ctx *c, const struct oauth_token *t, struct response *r) must_check;

#endif
