/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What clients of a WebSocket say: subscribe and unsubscribe. Invariant: one message of a connection
 * is worked on at a time; while it is, the connection is not read.
 */
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "json/write.h"
#include "server/stream_hub.h"

#define ANSWER_LIMIT 4096

struct message {
	struct stream *stream;
	str text; /* in the same block */
};

void stream_say(struct stream *s, str text)
{
	struct arena *a = arena_new();
	struct chunk *k = chunk_new(frame_text(a, text));

	socket_send(&s->socket, k);
	chunk_unref(k);
	arena_free(a);
}

static void say_error(struct ctx *c, struct stream *s, int err)
{
	struct json_out w;
	str text;

	json_out_init(&w, c->arena, ANSWER_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "error", err < 0 ? STR("Internal Server Error") : ctx_words(c, err));
	json_put_i64(&w, "status", err_http_status(err));
	json_close_object(&w);
	if (json_out_done(&w, &text) == 0)
		stream_say(s, text);
}

/* A list's id comes as text or as a number. */
static str id_text(struct ctx *c, const struct json *j)
{
	if (json_is(j, JSON_NUMBER))
		return str_fmt(c->arena, "%lld", (long long)json_i64(j));
	return json_str(j);
}

static int obey(struct ctx *c, struct stream *s, const struct json *j)
{
	str type = json_get_str(j, "type");
	bool on = str_eq(type, STR("subscribe"));
	struct subscription_words words = {
		.stream = json_get_str(j, "stream"),
		.tag = json_get_str(j, "tag"),
		.list = id_text(c, json_get(j, "list")),
	};
	struct subscription what;

	if (!on && !str_eq(type, STR("unsubscribe")))
		return fail(c, E_INVALID, "Unknown message type");
	TRY(subscription_read(c, &words, stream_scopes(s), &what));
	if (on)
		return stream_subscribe(s, &what) ? fail(c, E_TOO_LARGE, "Too many subscriptions")
						  : 0;
	stream_unsubscribe(s, &what);
	return 0;
}

static int read_message(struct ctx *c, const struct message *m)
{
	const struct json *j;

	c->identity_id = m->stream->identity_id;
	TRY(json_parse(c, m->text, &j));
	return obey(c, m->stream, j);
}

static void work(void *arg)
{
	struct message *m = arg;
	struct stream *s = m->stream;
	struct ctx c;
	int err;

	if (stream_ctx(s->hub, s->domain_id, &c)) {
		stream_end(s, FRAME_CLOSE_AWAY);
	} else {
		err = read_message(&c, m);
		if (err)
			say_error(&c, s, err);
		ctx_done(&c);
	}
	s->holds--;
	if (s->is_over)
		timer_start(s->hub->loop, &s->hub->reaper, 0);
	else
		socket_pause(&s->socket, s->holds > 0);
	free(m);
}

/* Messages that came in one piece are worked on one after the other: fibers run in their order. */
void stream_message(struct stream *s, str text)
{
	struct message *m = malloc(sizeof(*m) + text.n);

	if (!m)
		abort();
	*m = (struct message){ s, { (char *)(m + 1), text.n } };
	memcpy(m + 1, text.p, text.n);
	s->holds++;
	socket_pause(&s->socket, true);
	if (fiber_spawn(s->hub->loop, work, m)) {
		s->holds--;
		free(m);
		stream_end(s, FRAME_CLOSE_AWAY);
	}
}
