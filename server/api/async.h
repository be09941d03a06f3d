/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What goes on behind an answer, and the header by which clients hear of it. */
#ifndef SERVER_API_ASYNC_H
#define SERVER_API_ASYNC_H

#include "base/attr.h"
#include "base/ctx.h"
#include "model/post.h"
#include "server/http.h"

/* Has missing replies to a remote post fetched for somebody who looks at it, and says so in the answer. */
int async_offer_thread(struct ctx *c, const struct post_row *p, struct response *r) must_check;

#endif
