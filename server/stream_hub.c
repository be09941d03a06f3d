/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Who is connected. Invariants: before a stream is answered, the database knows that its identity
 * reads, so nothing that happens afterwards is missed; when notifications may have been missed, all
 * streams end, and programs that come again ask for what they lack. A stream is freed only from the
 * reaper, so that no caller finds it gone.
 */
#include "server/stream_hub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "crypt/hash.h"
#include "db/db.h"
#include "model/domain.h"
#include "model/settings.h"
#include "server/metrics.h"
#include "sql/gen/stream.h"

#define CHANNEL "streams" /* of NOTIFY */
#define LIFE USEC_MINUTE
#define PATIENCE (3 * USEC_SEC) /* with a database that is not there yet */

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

/* Ending */

static void stream_free(struct stream *s)
{
	str last = STR_NULL;
	struct arena *a = arena_new();

	if (s->is_websocket)
		last = frame_close(a, s->close);
	timer_stop(&s->heartbeat);
	socket_done(&s->socket, last);
	arena_free(a);
	for (unsigned i = 0; i < s->n_subscriptions; i++)
		free((void *)(uintptr_t)s->subscriptions[i].tag.p);
	free(s->subscriptions);
	free(s->scopes);
	free(s->address);
	free(s);
}

static void unlink_stream(struct stream *s)
{
	struct streams *h = s->hub;

	if (s->previous)
		s->previous->next = s->next;
	else
		h->first = s->next;
	if (s->next)
		s->next->previous = s->previous;
	h->n--;
	metrics_set_streams(h->n);
}

static void reap(struct timer *t)
{
	struct streams *h = t->arg;
	struct stream *next;

	for (struct stream *s = h->first; s; s = next) {
		next = s->next;
		if (!s->is_over || s->holds)
			continue;
		unlink_stream(s);
		if (s->is_present)
			stream_leave(h, s);
		stream_free(s);
	}
}

void stream_end(struct stream *s, enum frame_close code)
{
	if (s->is_over)
		return;
	s->is_over = true;
	s->close = code;
	timer_start(s->hub->loop, &s->hub->reaper, 0);
}

void streams_end_all(struct streams *h, enum frame_close code)
{
	for (struct stream *s = h->first; s; s = s->next)
		stream_end(s, code);
}

/* A stream's own calls */

static void on_message(void *arg, str text)
{
	stream_message(arg, text);
}

static void on_ended(void *arg)
{
	stream_end(arg, FRAME_CLOSE_AWAY);
}

static const struct socket_calls socket_calls = { .message = on_message, .ended = on_ended };

static usec heartbeat_of(const struct stream *s)
{
	return s->hub->program->settings.stream_heartbeat * USEC_SEC;
}

/* An idle stream shows that it lives; a WebSocket whose client did not answer the last ping is over. */
static void on_heartbeat(struct timer *t)
{
	struct stream *s = t->arg;
	struct arena *a;
	struct chunk *k;

	if (s->is_over)
		return;
	if (s->is_websocket && !s->socket.heard) {
		stream_end(s, FRAME_CLOSE_AWAY);
		return;
	}
	a = arena_new();
	k = chunk_new(s->is_websocket ? frame_ping(a) : STR(":thump\n"));
	arena_free(a);
	s->socket.heard = false;
	socket_send(&s->socket, k);
	chunk_unref(k);
	timer_start(s->hub->loop, t, heartbeat_of(s));
}

strs stream_scopes(const struct stream *s)
{
	return (strs){ s->scopes, s->n_scopes };
}

int stream_subscribe(struct stream *s, const struct subscription *what)
{
	struct subscription *place;

	for (unsigned i = 0; i < s->n_subscriptions; i++)
		if (subscription_eq(&s->subscriptions[i], what))
			return 0;
	if (s->n_subscriptions == STREAM_SUBSCRIPTIONS)
		return E_TOO_LARGE;
	place = need(realloc(s->subscriptions, (s->n_subscriptions + 1) * sizeof(*place)));
	s->subscriptions = place;
	place += s->n_subscriptions++;
	*place = *what;
	if (what->tag.n)
		place->tag.p = need(strndup(what->tag.p, what->tag.n));
	return 0;
}

void stream_unsubscribe(struct stream *s, const struct subscription *what)
{
	for (unsigned i = 0; i < s->n_subscriptions; i++)
		if (subscription_eq(&s->subscriptions[i], what)) {
			free((void *)(uintptr_t)s->subscriptions[i].tag.p);
			s->subscriptions[i] = s->subscriptions[--s->n_subscriptions];
			return;
		}
}

/* Coming */

static void copy_scopes(struct stream *s, strs scopes)
{
	size_t bytes = 0;
	char *text;

	for (size_t i = 0; i < scopes.n; i++)
		bytes += scopes.p[i].n;
	s->scopes = need(malloc(scopes.n * sizeof(str) + bytes + 1));
	s->n_scopes = scopes.n;
	text = (char *)(s->scopes + scopes.n);
	for (size_t i = 0; i < scopes.n; i++) {
		memcpy(text, scopes.p[i].p, scopes.p[i].n);
		s->scopes[i] = (str){ text, scopes.p[i].n };
		text += scopes.p[i].n;
	}
}

static int stream_new(struct streams *h, const struct stream_request *q, struct stream **ret)
{
	struct stream *s = need(calloc(1, sizeof(*s)));
	int result = socket_init(&s->socket, h->loop, q->is_websocket, &socket_calls, s);

	if (result) {
		free(s);
		return result;
	}
	s->hub = h;
	s->heartbeat = (struct timer){ .fn = on_heartbeat, .arg = s };
	s->domain_id = q->domain_id;
	s->token_id = q->token_id;
	s->session_id = q->session_id;
	s->identity_id = q->identity_id;
	s->is_websocket = q->is_websocket;
	s->close = FRAME_CLOSE_AWAY;
	copy_scopes(s, q->scopes);
	s->address = need(strndup(q->address.p, q->address.n));
	s->next = h->first;
	if (s->next)
		s->next->previous = s;
	h->first = s;
	h->n++;
	metrics_set_streams(h->n);
	*ret = s;
	return q->subscription ? stream_subscribe(s, q->subscription) : 0;
}

static int check_limits(struct ctx *c, const struct streams *h, const struct stream_request *q)
{
	unsigned of_token = 0, of_address = 0;

	if (h->stopping || !h->is_listening || h->n >= STREAMS_LIMIT)
		return fail(c, E_LATER, "no more streams can be served at the moment");
	for (const struct stream *s = h->first; s; s = s->next) {
		of_token += !s->is_over && s->token_id == q->token_id &&
			    s->session_id == q->session_id;
		of_address += !s->is_over && str_eq_c(q->address, s->address);
	}
	if (of_token >= STREAMS_PER_TOKEN)
		return fail(c, E_LIMITED, "this %s has %u streams open already",
			    q->session_id ? "session" : "token", of_token);
	if (of_address >= STREAMS_PER_ADDRESS)
		return fail(c, E_LIMITED, "this address has %d streams open already", of_address);
	return 0;
}

/* A request's fiber waits on its own loop while the streams' loop makes room. */
struct admission {
	struct ctx *ctx; /* of the request, which is parked */
	struct streams *hub;
	const struct stream_request *request;
	struct stream *stream;
	struct loop *loop;
	struct fiber *fiber;
	int result;
	bool is_done;
};

static void on_admitted(void *arg)
{
	struct admission *a = arg;

	a->is_done = true;
	fiber_wake(a->fiber);
}

/* Right after a start the database may not have been asked yet to tell us. */
static void wait_until_listening(const struct streams *h)
{
	usec deadline = clock_mono() + PATIENCE;

	while (!h->is_listening && !h->stopping && clock_mono() < deadline)
		fiber_sleep(5 * USEC_MSEC);
}

static void admit(void *arg)
{
	struct admission *a = arg;
	struct stream *s = NULL;

	wait_until_listening(a->hub);
	a->result = check_limits(a->ctx, a->hub, a->request);
	if (!a->result)
		a->result = stream_new(a->hub, a->request, &s);
	if (!a->result) {
		s->holds++;
		a->result = stream_enter(a->hub, s);
	}
	if (a->result && s) {
		s->holds = 0;
		stream_end(s, FRAME_CLOSE_AWAY);
	}
	a->stream = s;
	loop_post(a->loop, on_admitted, a);
}

static void on_admission(void *arg)
{
	struct admission *a = arg;

	if (!a->hub->stopping && fiber_spawn(a->hub->loop, admit, a) == 0)
		return;
	a->result = fail(a->ctx, E_LATER, "no more streams can be served at the moment");
	loop_post(a->loop, on_admitted, a);
}

int streams_admit(struct ctx *c, struct streams *h, const struct stream_request *q,
		  struct stream **ret)
{
	struct admission a = {
		.ctx = c,
		.hub = h,
		.request = q,
		.loop = loop_current(),
		.fiber = fiber_self(),
	};

	if (!h)
		return fail(c, E_LATER, "no streams are served here");
	loop_post(h->loop, on_admission, &a);
	while (!a.is_done)
		fiber_park(0);
	*ret = a.stream;
	return a.result;
}

struct attachment {
	struct stream *stream;
	int fd;
	str head; /* in the same block */
};

static void on_attachment(void *arg)
{
	struct attachment *a = arg;
	struct stream *s = a->stream;

	s->holds--;
	if (a->fd < 0) {
		stream_end(s, FRAME_CLOSE_AWAY);
	} else {
		socket_attach(&s->socket, a->fd, a->head);
		timer_start(s->hub->loop, &s->heartbeat, heartbeat_of(s));
	}
	if (s->is_over)
		timer_start(s->hub->loop, &s->hub->reaper, 0);
	free(a);
}

void streams_attach(struct streams *h, struct stream *s, int fd, str head)
{
	struct attachment *a = need(malloc(sizeof(*a) + head.n));

	*a = (struct attachment){ s, fd, { (char *)(a + 1), head.n } };
	memcpy(a + 1, head.p, head.n);
	loop_post(h->loop, on_attachment, a);
}

/* The thread */

int stream_ctx(struct streams *h, int64_t domain_id, struct ctx *c)
{
	int result;

	ctx_open(c, h->program, &h->doors);
	result = ctx_bind(c, domain_id);
	if (result)
		ctx_done(c);
	return result;
}

/* An empty payload says that notifications may have been missed before. */
static void on_notify(void *arg, str payload)
{
	struct streams *h = arg;

	if (payload.n) {
		streams_tell(h, payload);
		return;
	}
	h->is_listening = true;
	streams_end_all(h, FRAME_CLOSE_AWAY);
}

static void on_life(struct timer *t)
{
	struct streams *h = t->arg;

	streams_show_life(h);
	streams_check(h);
	timer_start(h->loop, t, LIFE);
}

static void *thread_main(void *arg)
{
	struct streams *h = arg;

	if (loop_run(h->loop))
		log_error(NULL, "event=streams error=\"the loop broke\"");
	return NULL;
}

static const char *name_new(struct arena *a)
{
	char host[64] = "";

	gethostname(host, sizeof(host) - 1);
	return str_fmt(a, "%s:%d:%.*s", host, (int)getpid(), STR_ARG(random_token(a, 8))).p;
}

static int open_hub(struct streams *h)
{
	TRY(loop_new(&h->loop));
	TRY(doors_open(h->program, h->loop, &h->doors));
	TRY(db_listen(h->doors.db, CHANNEL, on_notify, h));
	h->reaper = (struct timer){ .fn = reap, .arg = h };
	h->life = (struct timer){ .fn = on_life, .arg = h };
	timer_start(h->loop, &h->life, LIFE);
	daemon_pulse_begin(h->loop, &h->pulse);
	return pthread_create(&h->thread, NULL, thread_main, h) ? -EAGAIN : 0;
}

int streams_start(const struct program *p, struct streams **ret)
{
	struct streams *h = need(calloc(1, sizeof(*h)));

	h->program = p;
	h->name = name_new(p->arena);
	h->news_end = &h->news;
	slots_init(&h->presence, 1);
	*ret = h;
	return open_hub(h);
}

static void on_stop(void *arg)
{
	struct streams *h = arg;

	h->stopping = true;
	streams_end_all(h, FRAME_CLOSE_AWAY);
}

void streams_stop(struct streams *h)
{
	if (h && h->thread)
		loop_post(h->loop, on_stop, h);
}

/* Nobody hands over connections any more. */
static void finish(void *arg)
{
	struct streams *h = arg;
	struct ctx c;

	streams_forget_news(h);
	while (fiber_count(h->loop) > 1)
		fiber_sleep(USEC_MSEC);
	timer_stop(&h->reaper);
	timer_stop(&h->life);
	daemon_pulse_end(&h->pulse);
	while (h->first) {
		struct stream *s = h->first;

		unlink_stream(s);
		stream_free(s);
	}
	ctx_open(&c, h->program, &h->doors);
	if (h->is_written && q_stream_server_gone(&c, str_c(h->name), NULL))
		log_debug(&c, "event=stream_server_gone failed");
	ctx_done(&c);
	doors_close(&h->doors);
	loop_stop(h->loop);
}

static void on_finish(void *arg)
{
	struct streams *h = arg;

	if (fiber_spawn(h->loop, finish, h))
		loop_stop(h->loop);
}

void streams_free(struct streams *h)
{
	if (!h)
		return;
	if (h->thread) {
		loop_post(h->loop, on_stop, h);
		loop_post(h->loop, on_finish, h);
		pthread_join(h->thread, NULL);
	}
	loop_free(h->loop);
	free(h);
}
