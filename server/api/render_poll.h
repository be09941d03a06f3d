/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Poll entities: https://docs.joinmastodon.org/entities/Poll/ */
#ifndef SERVER_API_RENDER_POLL_H
#define SERVER_API_RENDER_POLL_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/post.h"

/* The Poll of a status as a member named key, or as the document when key is NULL. No poll writes null. */
void render_poll(struct ctx *c, struct json_out *w, const char *key, const struct status *s);

#endif
