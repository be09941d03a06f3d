/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Handlers of the client API, by noun; the routes that lead to them stand in routes.c. */
#ifndef SERVER_API_HANDLERS_H
#define SERVER_API_HANDLERS_H

#include "base/attr.h"
#include "base/ctx.h"
#include "server/http.h"

/* account.c */
int api_account(struct ctx *c, struct request *q, struct response *r) must_check;
int api_verify_credentials(struct ctx *c, struct request *q, struct response *r) must_check;

/* app.c */
int api_app_create(struct ctx *c, struct request *q, struct response *r) must_check;
int api_app_verify_credentials(struct ctx *c, struct request *q, struct response *r) must_check;

/* oauth.c */
int api_oauth_token(struct ctx *c, struct request *q, struct response *r) must_check;
int api_oauth_revoke(struct ctx *c, struct request *q, struct response *r) must_check;
int api_oauth_userinfo(struct ctx *c, struct request *q, struct response *r) must_check;
int api_oauth_metadata(struct ctx *c, struct request *q, struct response *r) must_check;

/* status.c */
int api_status(struct ctx *c, struct request *q, struct response *r) must_check;

/* timeline.c */
int api_timeline_home(struct ctx *c, struct request *q, struct response *r) must_check;

/* push.c */
int api_push_subscribe(struct ctx *c, struct request *q, struct response *r) must_check;
int api_push_subscription(struct ctx *c, struct request *q, struct response *r) must_check;
int api_push_change(struct ctx *c, struct request *q, struct response *r) must_check;
int api_push_unsubscribe(struct ctx *c, struct request *q, struct response *r) must_check;

/* streaming.c */
int api_streaming(struct ctx *c, struct request *q, struct response *r) must_check;
int api_streaming_health(struct ctx *c, struct request *q, struct response *r) must_check;

#endif
