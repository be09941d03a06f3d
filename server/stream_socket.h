/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * stream_socket: the connection of one stream, WebSocket or server-sent events, on the loop of the
 * streams. It takes what it is given at once or keeps it in a bounded queue; a reader that does not
 * read is given up, never waited for.
 */
#ifndef SERVER_STREAM_SOCKET_H
#define SERVER_STREAM_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "loop/loop.h"
#include "server/stream_frame.h"

#define SOCKET_QUEUE_LIMIT (64 * 1024) /* bytes that a reader may be behind */
#define SOCKET_BUFFER (64 * 1024) /* bytes that the kernel may hold for it */

/* Bytes that many connections send. */
struct chunk {
	unsigned refs;
	size_t n;
	char bytes[];
};
struct chunk *chunk_new(str bytes);
void chunk_unref(struct chunk *k);

struct socket_calls {
	void (*message)(void *arg, str text); /* from the client of a WebSocket */
	/* Nothing more comes or goes: once, from within any call of this header or from the loop. The socket may
	 * not be freed in it. */
	void (*ended)(void *arg);
};

struct stream_socket {
	struct loop *loop;
	struct watch watch; /* fd -1: the connection is not here yet */
	struct frames *frames; /* NULL: server-sent events */
	const struct socket_calls *calls;
	void *arg;
	struct packet *first, *last; /* not sent yet */
	size_t queued; /* bytes */
	size_t sent; /* of the first */
	bool is_paused, is_over;
	bool heard; /* something came since this was last cleared */
};

/* Keeps what is sent until the connection is attached. -ENOMEM. */
int socket_init(struct stream_socket *s, struct loop *l, bool is_websocket,
		const struct socket_calls *calls, void *arg) must_check;
/* The connection, with what goes before everything else; takes the descriptor over in any case. */
void socket_attach(struct stream_socket *s, int fd, str head);
void socket_send(struct stream_socket *s, struct chunk *k);
/* While paused nothing is read, so that the client waits. */
void socket_pause(struct stream_socket *s, bool pause);
/* Sends a last word if there is room for it, and gives everything back. */
void socket_done(struct stream_socket *s, str last);

#endif
