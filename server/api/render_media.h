/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Media attachments: https://docs.joinmastodon.org/entities/MediaAttachment/ */
#ifndef SERVER_API_RENDER_MEDIA_H
#define SERVER_API_RENDER_MEDIA_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/media.h"

/* A MediaAttachment as a member named key, or as an element or the document when key is NULL. */
void render_media(struct ctx *c, struct json_out *w, const char *key, const struct status_media *m);

#endif
