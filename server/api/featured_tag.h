/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Hashtags on profiles, as several handlers show them. */
#ifndef SERVER_API_FEATURED_TAG_H
#define SERVER_API_FEATURED_TAG_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/featured_tag.h"

/* The tenant's page of a hashtag. */
str api_tag_url(struct ctx *c, str name);
/* A FeaturedTag (https://docs.joinmastodon.org/entities/FeaturedTag/) as an element or the document. */
void render_featured_tag(struct ctx *c, struct json_out *w, const struct featured_tag_row *t);

#endif
