/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Tag entities (https://docs.joinmastodon.org/entities/Tag/) and links that trend (Trends::Link). As a
 * member named key, or as an element or the document when key is NULL.
 */
#ifndef SERVER_API_RENDER_TAG_H
#define SERVER_API_RENDER_TAG_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/tag.h"

void render_tag(struct ctx *c, struct json_out *w, const char *key, const struct tag *t);
/* The members alone, of an object that the caller opened. */
void render_tag_members(struct ctx *c, struct json_out *w, const struct tag *t);
/* A list of them. */
void render_tags(struct ctx *c, struct json_out *w, const char *key, const struct tag *tags,
		 size_t n);
void render_trending_link(struct ctx *c, struct json_out *w, const char *key,
			  const struct trending_link *l);

#endif
