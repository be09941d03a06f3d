/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Announcement entities: https://docs.joinmastodon.org/entities/Announcement/ */
#ifndef SERVER_API_RENDER_ANNOUNCEMENT_H
#define SERVER_API_RENDER_ANNOUNCEMENT_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/announcement.h"

/* The pictures of the tenant's own emoji among the reactions of these are asked for together. */
void announcements_expect(struct ctx *c, const struct announcement *list, size_t n);
/* An Announcement as an element, or as the document. */
void render_announcement(struct ctx *c, struct json_out *w, const struct announcement *a);
/* Addresses of the picture of a reaction, when it is one of the tenant's own emoji, as members. */
void render_reaction_picture(struct ctx *c, struct json_out *w, str name);

#endif
