/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The only door to wslay: frames of WebSocket (RFC 6455). What clients send is read by one struct
 * frames for each connection; what we send is framed once and goes to as many as want it, since
 * frames of a server are not masked.
 */
#ifndef SERVER_STREAM_FRAME_H
#define SERVER_STREAM_FRAME_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

struct frames;

#define FRAME_MESSAGE_LIMIT 4096 /* bytes of a message from a client */

enum frame_close {
	FRAME_CLOSE_AWAY = 1001, /* the server stops, or wants the client to come again */
	FRAME_CLOSE_POLICY = 1008, /* the token is of no more use */
};

struct frame_calls {
	void (*message)(void *arg, str text); /* a whole text message, UTF-8 */
	void (*reply)(void *arg, str bytes); /* frames that answer the client's: pong, close */
};

/* calls must outlive it. -ENOMEM. */
int frames_new(const struct frame_calls *calls, void *arg, struct frames **ret) must_check;
void frames_free(struct frames *f);
/*
 * Bytes from the client. False when the connection is to end: the client closed it, or sent what breaks the protocol
 * or a limit (a frame without a mask, a message over FRAME_MESSAGE_LIMIT); the close frame went to reply.
 */
bool frames_read(struct frames *f, str bytes);

/* Frames to send. */
str frame_text(struct arena *a, str text);
str frame_ping(struct arena *a);
str frame_close(struct arena *a, enum frame_close code);

/* Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455, 4.2.2); the null str for a key that is none. */
str frame_accept(struct arena *a, str key);

#endif
