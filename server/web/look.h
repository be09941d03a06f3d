/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How pages look to whoever asks: language, colours, size of text, motion, keys. */
#ifndef SERVER_WEB_LOOK_H
#define SERVER_WEB_LOOK_H

#include "base/ctx.h"
#include "server/http.h"
#include "server/web/page.h"

/* What somebody chose, as a session has it; who chose no theme has the one that is there. */
void look_read(const struct session_row *session, struct viewer_view *ret);
/*
 * The language of the page, into the ctx: what a program that sends people to log in says ("lang"),
 * else what they chose, else what the browser asks for, else the tenant's.
 */
void look_language(struct ctx *c, const struct request *q);

#endif
