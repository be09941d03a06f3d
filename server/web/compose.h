/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The form that writes posts, where other pages hold it. */
#ifndef SERVER_WEB_COMPOSE_H
#define SERVER_WEB_COMPOSE_H

#include "base/ctx.h"
#include "model/post.h"
#include "server/http.h"
#include "server/web/page.h"

/* For a new post. */
struct compose_view compose_empty(void);
/* For an answer: it begins with whom it is for, and is as narrow as what it answers. */
struct compose_view compose_answer(struct ctx *c, const struct request *q,
				   const struct status *parent, const struct post_view *view);

#endif
