/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Filter entities: https://docs.joinmastodon.org/entities/Filter/, FilterResult, FilterKeyword,
 * FilterStatus and V1_Filter. As a member named key, or as an element or the document when key is NULL.
 */
#ifndef SERVER_API_RENDER_FILTER_H
#define SERVER_API_RENDER_FILTER_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/filter.h"
#include "model/post.h"

void render_filter(struct json_out *w, const char *key, const struct filter *f);
void render_filter_keyword(struct json_out *w, const char *key, const struct filter_keyword_row *k);
void render_filter_status(struct json_out *w, const char *key, const struct filter_status_row *s);
/* A keyword as the first version of the API had filters. */
void render_filter_v1(struct json_out *w, const char *key, const struct filter_row *f,
		      const struct filter_keyword_row *k);
/* The FilterResults of a status as a member named key. */
void render_filter_results(struct json_out *w, const char *key, const struct status *s);

#endif
