/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The client API: what its handlers share. A handler reads its parameters (params.h), asks the model,
 * and writes entities (render_*.h) with the one JSON writer; the shapes are those of Mastodon's
 * public documentation. Whose token came, and whether its scope covers the route, dispatch has
 * judged: c->identity_id is who acts, 0 for nobody.
 */
#ifndef SERVER_API_API_H
#define SERVER_API_API_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "json/write.h"
#include "model/timeline.h"
#include "server/http.h"

#define API_BODY_LIMIT (4 * 1024 * 1024) /* bytes of an answer */

/* A writer for an answer in the ctx's arena. */
void api_open(struct ctx *c, struct json_out *w);
/* Sends what was written. */
int api_send(struct json_out *w, struct response *r) must_check;
/* {} as the answer. */
int api_send_empty(struct response *r) must_check;
/* The same, and clients that poll may ask whether it changed (ETag). */
int api_send_polled(struct json_out *w, struct response *r) must_check;

/*
 * max_id, since_id, min_id and limit (1 to most; otherwise when there is none; what is no number
 * counts as absent).
 */
void api_page(const struct request *q, int64_t otherwise, int64_t most, struct page *ret);
/*
 * The Link header (RFC 8288) of a page with entries from newest to oldest: the same address with
 * max_id=oldest as "next" (when the page was full) and min_id=newest as "prev". No entries: no header.
 */
void api_link(struct ctx *c, const struct request *q, int64_t newest, int64_t oldest, bool is_full,
	      struct response *r);

/* offset, for lists that have no ids to page by; at most OFFSET_MOST. */
#define OFFSET_MOST 10000
int64_t api_offset(const struct request *q);
/* The Link header of such a list: the same address with another offset. */
void api_link_offset(struct ctx *c, const struct request *q, int64_t limit, bool is_full,
		     struct response *r);

/* The id that a path captured; E_NOT_FOUND with a message when it is none. */
int api_path_id(struct ctx *c, const struct request *q, size_t n, int64_t *ret) must_check;

/* "Record not found", as clients know it. */
int api_not_found(struct ctx *c) must_check;
/* 422 with a reason in words and, in "code", one for programs. */
int api_unprocessable(struct ctx *c, const char *format, ...) printf_like(2, 3);

#endif
