/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Conversation entities: https://docs.joinmastodon.org/entities/Conversation/ */
#ifndef SERVER_API_RENDER_CONVERSATION_H
#define SERVER_API_RENDER_CONVERSATION_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/conversation.h"

/* A Conversation as an element, or as the document. */
void render_conversation(struct ctx *c, struct json_out *w, const struct conversation *v);

#endif
