/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the library sees only bytes that are here already and never waits; what it wants to
 * send it hands to the connection's own queue, which is bounded.
 */
#include "server/stream_frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#include "base/out.h"
#include "crypt/hash.h"

#define FRAME_ROOM 16 /* bytes of a frame's head at most */
#define CLOSE_CODE_BYTES 2
#define KEY_BYTES 16
#define KEY_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455, 1.3 */

struct frames {
	const struct frame_calls *calls;
	void *arg;
	wslay_event_context_ptr context;
	str rest; /* not read yet */
};

static ssize_t on_recv(wslay_event_context_ptr context, uint8_t *p, size_t n, unused int flags,
		       void *arg)
{
	struct frames *f = arg;

	if (f->rest.n == 0) {
		wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	if (n > f->rest.n)
		n = f->rest.n;
	memcpy(p, f->rest.p, n);
	f->rest = str_from(f->rest, n);
	return (ssize_t)n;
}

static ssize_t on_send(unused wslay_event_context_ptr context, const uint8_t *p, size_t n,
		       unused int flags, void *arg)
{
	struct frames *f = arg;

	f->calls->reply(f->arg, (str){ (const char *)p, n });
	return (ssize_t)n;
}

static void on_message(unused wslay_event_context_ptr context,
		       const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
	struct frames *f = arg;

	if (m->opcode == WSLAY_TEXT_FRAME)
		f->calls->message(f->arg, (str){ (const char *)m->msg, m->msg_length });
}

static const struct wslay_event_callbacks callbacks = {
	.recv_callback = on_recv,
	.send_callback = on_send,
	.on_msg_recv_callback = on_message,
};

int frames_new(const struct frame_calls *calls, void *arg, struct frames **ret)
{
	struct frames *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->calls = calls;
	f->arg = arg;
	if (wslay_event_context_server_init(&f->context, &callbacks, f)) {
		free(f);
		return -ENOMEM;
	}
	wslay_event_config_set_max_recv_msg_length(f->context, FRAME_MESSAGE_LIMIT);
	*ret = f;
	return 0;
}

void frames_free(struct frames *f)
{
	if (!f)
		return;
	wslay_event_context_free(f->context);
	free(f);
}

bool frames_read(struct frames *f, str bytes)
{
	bool good;

	f->rest = bytes;
	good = wslay_event_recv(f->context) == 0 && wslay_event_send(f->context) == 0;
	f->rest = STR_NULL;
	return good && wslay_event_want_read(f->context) &&
	       !wslay_event_get_close_received(f->context);
}

static ssize_t append(const uint8_t *p, size_t n, unused int flags, void *arg)
{
	out_str(arg, (str){ (const char *)p, n });
	return (ssize_t)n;
}

static str frame(struct arena *a, uint8_t opcode, str data)
{
	const struct wslay_frame_callbacks calls = { .send_callback = append };
	struct wslay_frame_iocb one = {
		.fin = 1,
		.opcode = opcode,
		.payload_length = data.n,
		.data = (const uint8_t *)data.p,
		.data_length = data.n,
	};
	wslay_frame_context_ptr context;
	struct out o;
	str text = STR("");

	out_init(&o, a, data.n + FRAME_ROOM);
	if (wslay_frame_context_init(&context, &calls, &o))
		abort();
	if (wslay_frame_send(context, &one) < 0 || out_done(&o, &text))
		abort();
	wslay_frame_context_free(context);
	return text;
}

str frame_text(struct arena *a, str text)
{
	return frame(a, WSLAY_TEXT_FRAME, text);
}

str frame_ping(struct arena *a)
{
	return frame(a, WSLAY_PING, STR(""));
}

str frame_close(struct arena *a, enum frame_close code)
{
	uint16_t number = htons((uint16_t)code);

	return frame(a, WSLAY_CONNECTION_CLOSE, (str){ (const char *)&number, CLOSE_CODE_BYTES });
}

str frame_accept(struct arena *a, str key)
{
	str raw;

	if (!base64_decode(a, key, &raw) || raw.n != KEY_BYTES)
		return STR_NULL;
	return base64_encode(a, hash_sha1(a, str_cat(a, key, STR(KEY_SUFFIX))));
}
