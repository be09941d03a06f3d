/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Pages: what the rooms beside web/ use of it. */
#ifndef SERVER_WEB_WEB_H
#define SERVER_WEB_WEB_H

#include "base/attr.h"
#include "base/ctx.h"
#include "server/http.h"

/* The error page of the tenant, with the status that r has. */
int web_error_page(struct ctx *c, const struct request *q, str message,
		   struct response *r) must_check;

/* Where two representations share one address, federation asks first and leads here for people. */
int web_profile(struct ctx *c, struct request *q, struct response *r) must_check;
int web_post(struct ctx *c, struct request *q, struct response *r) must_check;
int web_followers(struct ctx *c, struct request *q, struct response *r) must_check;
int web_following(struct ctx *c, struct request *q, struct response *r) must_check;
int web_collections(struct ctx *c, struct request *q, struct response *r) must_check;
int web_collection(struct ctx *c, struct request *q, struct response *r) must_check;
/* What strangers see first. */
int web_front(struct ctx *c, struct request *q, struct response *r) must_check;
int web_about(struct ctx *c, struct request *q, struct response *r) must_check;

#endif
