/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The session's cookie, and what is noted of the browser that gets it. */
#ifndef SERVER_WEB_COOKIE_H
#define SERVER_WEB_COOKIE_H

#include "base/ctx.h"
#include "model/session.h"
#include "server/http.h"

void cookie_set(struct ctx *c, str value, struct response *r);
/* What the browser keeps of the account of an address having been in with it. */
int cookie_set_device(struct ctx *c, str email, struct response *r) must_check;
void cookie_clear(struct ctx *c, struct response *r);
struct session_client cookie_client(const struct request *q);

#endif
