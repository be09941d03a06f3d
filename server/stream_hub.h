/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Inside of the streams: what stream_hub.c (who is connected), stream_message.c (what clients say)
 * and stream_event.c (what readers are told) know of each other. All of it runs on the streams' own
 * loop, so nothing has a lock.
 */
#ifndef SERVER_STREAM_HUB_H
#define SERVER_STREAM_HUB_H

#include <pthread.h>

#include "daemon/daemon.h"
#include "loop/fiber.h"
#include "loop/loop.h"
#include "model/program.h"
#include "server/stream.h"
#include "server/stream_socket.h"

struct stream {
	struct stream *next, *previous;
	struct streams *hub;
	struct stream_socket socket;
	struct timer heartbeat;
	int64_t domain_id, identity_id;
	int64_t token_id, session_id; /* one of them is 0: of a program, or of a page */
	str *scopes; /* with the texts behind them in one block */
	size_t n_scopes;
	char *address;
	struct subscription *subscriptions; /* each owns its tag */
	unsigned n_subscriptions;
	bool is_websocket;
	bool is_present; /* its row in stream_readers is there */
	bool is_over; /* ended, and about to be given back */
	unsigned
		holds; /* it may not be freed yet: its connection is on the way, or a fiber works for it */
	enum frame_close close; /* the last word */
};

struct news_item; /* stream_news.c: a notification that waits its turn */

struct streams {
	const struct program *program;
	struct loop *loop;
	struct doors doors;
	pthread_t thread;
	const char *name; /* in stream_servers */
	struct stream *first;
	unsigned n;
	struct slots presence; /* who writes stream_readers now */
	struct timer reaper;
	struct timer life; /* signs of it in the database */
	struct daemon_pulse pulse;
	bool is_written; /* the row in stream_servers is there */
	bool is_listening;
	bool is_checking, is_due; /* tokens */
	bool stopping;
	struct news_item *news, **news_end;
	unsigned n_news;
	bool is_telling; /* a fiber works on the news */
};

/* Ends a stream; it is freed later, from the loop. */
void stream_end(struct stream *s, enum frame_close code);
void streams_end_all(struct streams *h, enum frame_close code);
/* Adds or takes away what it reads; again is no error. E_TOO_LARGE for too many. */
int stream_subscribe(struct stream *s, const struct subscription *what) must_check;
void stream_unsubscribe(struct stream *s, const struct subscription *what);
strs stream_scopes(const struct stream *s);
/* A ctx of the streams' loop, bound to a tenant. E_NOT_FOUND when there is none of that number. */
int stream_ctx(struct streams *h, int64_t domain_id, struct ctx *c) must_check;
/* stream_check.c: ends the streams whose token or session, tenant or identity is not good any more. */
void streams_check(struct streams *h);

/* stream_presence.c: in a fiber, tells the database of a reader before its stream is answered; of one that left; and that
 * this server lives. */
int stream_enter(struct streams *h, struct stream *s) must_check;
void stream_leave(struct streams *h, const struct stream *s);
void streams_show_life(struct streams *h);

/* stream_message.c: a text from the client of s. */
void stream_message(struct stream *s, str text);
/* Sends text that is the same for nobody else. */
void stream_say(struct stream *s, str text);

/* stream_news.c: a payload of NOTIFY "streams". */
void streams_tell(struct streams *h, str payload);
void streams_forget_news(struct streams *h);

#endif
