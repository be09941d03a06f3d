/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * stream: what the client API tells without being asked, and pages that are open. All streams of the process live on one
 * loop of their own, with one LISTEN; requests hand their connections over. What comes is the ids
 * that triggers in the database notify (sql/schema, "streams"); what each reader is shown goes
 * through the same model functions and renderers as the rest of the API.
 */
#ifndef SERVER_STREAM_H
#define SERVER_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "server/stream_channel.h"

struct program;
struct request;
struct streams;
struct stream;

#define STREAMS_LIMIT 16384 /* in the process */
#define STREAMS_PER_TOKEN 16 /* or session */
#define STREAMS_PER_ADDRESS 256
#define STREAM_SUBSCRIPTIONS 64 /* of one connection */

/* Starts the thread of the streams; tenants must be loaded. */
int streams_start(const struct program *p, struct streams **ret) must_check;
/* From any thread: ends all streams at once, with word to come again, and then the thread. */
void streams_stop(struct streams *h);
/* Waits for the thread and frees. NULL is allowed. */
void streams_free(struct streams *h);
/* From any thread: the snapshot of tenants changed. */
void streams_recheck(struct streams *h);

struct stream_request {
	int64_t domain_id, identity_id;
	int64_t token_id; /* of a program; 0: it is a page's */
	/* Of a page, which hears that something came, and nothing of what it is; 0: it is a program's. */
	int64_t session_id;
	strs scopes; /* of the token, or what the page shows */
	str address; /* of the client */
	bool is_websocket;
	const struct subscription *subscription; /* that it begins with; NULL: none */
	/* Whether something came behind the entry that the page has, before its stream was open; NULL: nobody asks. */
	int (*missed)(struct ctx *c, int64_t after, bool *ret);
	int64_t after;
};

/*
 * In a fiber: room for a stream, which collects events from now on. E_LIMITED when the token or the address has
 * enough of them, E_LATER while the process cannot serve one.
 */
int streams_admit(struct ctx *c, struct streams *h, const struct stream_request *q,
		  struct stream **ret) must_check;
/* Gives it its connection and what that is answered first, or with fd -1 the room back. */
void streams_attach(struct streams *h, struct stream *s, int fd, str head);

/* stream_serve.c: the head of an answer of server-sent events; open: scripts of all sites may read it. */
str stream_events_head(struct ctx *c, bool is_open);
/* In the fiber of a request: it becomes a stream whose answer begins with head. As streams_admit(). */
int stream_serve(struct ctx *c, struct request *q, const struct stream_request *asked,
		 str head) must_check;
/* What pages are told. */
extern const str stream_page_news;

#endif
