/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Status entities: https://docs.joinmastodon.org/entities/Status/ */
#ifndef SERVER_API_RENDER_STATUS_H
#define SERVER_API_RENDER_STATUS_H

#include "base/ctx.h"
#include "json/write.h"
#include "model/timeline.h"
#include "server/http.h"

/*
 * A Status as a member named key, or as an element or the document when key is NULL. One that is
 * here by a boost is the boost with the post in "reblog". What only a viewer sees (favourited ...) is there
 * when the ctx acts as somebody.
 */
void render_status(struct ctx *c, struct json_out *w, const char *key, const struct status *s);
/* An own status as the document, with the text that was typed: for a new draft. */
void render_status_source(struct ctx *c, struct json_out *w, const struct status *s, str text);
/* The members of a reaction into an object that the caller opened: name, count, me, url, static_url. */
void render_reaction(struct ctx *c, struct json_out *w, const struct post_reaction_row *row);
/* A visibility of ours in the API's word, and back; "local" is ours alone. False for what is none. */
const char *visibility_in_api(str visibility);
bool visibility_from_api(str word, enum post_visibility *ret);
/* A page of them as the answer, with its Link header; limit: what was asked for. */
int respond_statuses(struct ctx *c, const struct request *q, const struct status *statuses,
		     size_t n, int64_t limit, struct response *r) must_check;
/* The same of a timeline, which knows where its neighbours begin. */
int respond_timeline(struct ctx *c, const struct request *q, const struct timeline *t,
		     struct response *r) must_check;

#endif
