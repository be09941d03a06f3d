/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Filter entities: https://docs.joinmastodon.org/entities/Filter/ */
#ifndef SERVER_API_RENDER_FILTER_H
#define SERVER_API_RENDER_FILTER_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/filter.h"
#include "model/post.h"

/* The FilterResults of a status as a member named key. */
void render_filter_results(struct json_out *w, const char *key, const struct status *s);

#endif
