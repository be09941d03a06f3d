/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: an exchange lives from the first call of its request to the notification that it is
 * completed; its fiber runs while the connection is suspended and never after. Everything that
 * libmicrohttpd is told happens on the loop's own thread.
 */
#include "server/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "loop/fiber.h"
#include "loop/loop.h"
#include "model/program.h"
#include "server/http_exchange.h"
#include "server/metrics.h"

/* What open connections have left when no more are accepted. Who opened one has not said anything yet and
 * cannot know that it is to end; one that is kept and idle may be closed at any time. */
#define FIRST_WORDS (5 * USEC_SEC) /* for the first request, from when it was accepted */
#define LAST_WORDS (USEC_SEC / 2) /* for one more, from the last answer */
#define CONNECTION_MEMORY (32 * 1024) /* bytes: request line and headers have to fit */

/* A connection, as long as it is open. */
struct visitor {
	bool spoke; /* it brought a request */
};

struct http {
	struct http_options options;
	struct MHD_Daemon *daemon;
	struct watch watch; /* on libmicrohttpd's own epoll */
	struct timer timer; /* its time-outs */
	unsigned busy; /* requests */
	unsigned large; /* of these, with a body in a file */
	unsigned open, mute; /* connections; of these, without a request yet */
	usec accepted; /* monotonic, like the next: when the last connection was */
	usec touched; /* when the last request ended, or quiet began */
	bool quiet;
};

static const struct {
	const char *name;
	enum method method;
} methods[] = {
	{ "GET", METHOD_GET },	       { "HEAD", METHOD_GET },	  { "POST", METHOD_POST },
	{ "PUT", METHOD_PUT },	       { "PATCH", METHOD_PATCH }, { "DELETE", METHOD_DELETE },
	{ "OPTIONS", METHOD_OPTIONS },
};

static enum method method_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].method;
	return 0;
}

/* Lets libmicrohttpd work, and asks when it wants to again. */
static void turn(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	MHD_run(h->daemon);
	if (MHD_get_timeout(h->daemon, &timeout) == MHD_YES)
		timer_start(h->options.doors->loop, &h->timer, (usec)timeout * USEC_MSEC);
	else
		timer_stop(&h->timer);
}

static void on_ready(struct watch *w, unused uint32_t events)
{
	turn(w->arg);
}

static void on_timeout(struct timer *t)
{
	turn(t->arg);
}

static void describe(struct exchange *x, const char *method, const char *url)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	x->request.method = method_of(method);
	x->request.method_name = str_dup(x->ctx.arena, str_c(method));
	x->request.raw_path = str_dup(x->ctx.arena, str_c(url));
	x->request.path = x->request.raw_path;
	x->request.exchange = x;
	x->request.streams = x->http->options.streams;
	x->request.host_db = x->http->options.doors->host_db;
	exchange_identify(x, info ? info->client_addr : NULL);
}

static void note_speech(struct http *h, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct visitor *v = info ? info->socket_context : NULL;

	if (!v || v->spoke)
		return;
	v->spoke = true;
	h->mute--;
}

static struct exchange *exchange_new(struct http *h, struct MHD_Connection *connection,
				     const char *method, const char *url)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->http = h;
	x->connection = connection;
	x->begun = clock_mono();
	ctx_open(&x->ctx, h->options.program, h->options.doors);
	describe(x, method, url);
	x->body_limit = h->options.body_limit(x->request.method, x->request.raw_path);
	body_init(x);
	h->busy++;
	metrics_count_in_flight(1);
	note_speech(h, connection);
	return x;
}

static void on_completed(void *cls, unused struct MHD_Connection *connection, void **state,
			 unused enum MHD_RequestTerminationCode code)
{
	struct http *h = cls;
	struct exchange *x = *state;

	if (!x)
		return;
	body_done(x);
	file_done(x);
	h->large -= x->is_counted;
	ctx_done(&x->ctx);
	free(x);
	*state = NULL;
	h->busy--;
	metrics_count_in_flight(-1);
	h->touched = clock_mono();
}

static void on_connection(void *cls, unused struct MHD_Connection *connection, void **state,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http *h = cls;
	struct visitor *v = *state;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*state = v = calloc(1, sizeof(*v));
		h->accepted = clock_mono();
		h->open++;
		metrics_count_connections(1);
		h->mute += v != NULL;
		return;
	}
	h->open--;
	metrics_count_connections(-1);
	h->mute -= v && !v->spoke;
	free(v);
	*state = NULL;
}

static void run(void *arg)
{
	struct exchange *x = arg;
	struct http *h = x->http;

	x->http->options.dispatch(&x->ctx, &x->request, &x->response);
	db_rollback(&x->ctx);
	x->is_done = true;
	MHD_resume_connection(x->connection);
	turn(h);
}

/* Never the path, which may hold secrets and names, nor where it came from. */
static void log_request(const struct exchange *x)
{
	const struct request *q = &x->request;
	bool writes = q->method != METHOD_GET && q->class != CLASS_INBOX && q->class != CLASS_OTHER;
	enum log_level level = writes ? LOG_INFO : LOG_DEBUG;

	if (log_is_on(level) && q->class != CLASS_ADMIN)
		log_at(level, &x->ctx, "event=request method=%.*s route=\"%s\" status=%d ms=%lld",
		       STR_ARG(q->method_name), q->pattern ? q->pattern : "-", x->response.status,
		       (long long)((clock_mono() - x->begun) / USEC_MSEC));
}

static enum MHD_Result answer(struct exchange *x)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (x->is_taken)
		return MHD_NO;
	x->response.close |= x->http->quiet;
	response = exchange_response(x);
	if (!response)
		return MHD_NO;
	log_request(x);
	metrics_count_response(&(struct request_numbers){
		.class = x->request.class,
		.status = x->response.status,
		.domain_id = x->ctx.domain_id,
		.duration = clock_mono() - x->begun,
	});
	result = MHD_queue_response(x->connection, (unsigned)x->response.status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct exchange *x, int err)
{
	respond_error(&x->ctx, &x->request, SURFACE_TEXT, err, &x->response);
	x->response.close = true;
	return answer(x);
}

static bool is_announced_too_large(const struct exchange *x)
{
	int64_t length;

	return str_to_i64(request_header(&x->request, "content-length"), &length) &&
	       (length < 0 || (uint64_t)length > x->body_limit);
}

/* Asks who sends so much before any of it is read. */
static void admit(void *arg)
{
	struct exchange *x = arg;
	struct http *h = x->http;

	if (h->options.admit && !h->options.admit(&x->ctx, &x->request, &x->response)) {
		x->response.close = true;
		x->is_done = true;
	}
	x->awaits_body = true;
	MHD_resume_connection(x->connection);
	turn(h);
}

static enum MHD_Result ask(struct exchange *x)
{
	if (x->http->large == LARGE_BODIES) {
		fail(&x->ctx, E_LATER, "too many large files are on their way here");
		return refuse(x, E_LATER);
	}
	x->http->large++;
	x->is_counted = true;
	MHD_suspend_connection(x->connection);
	if (fiber_spawn(x->http->options.doors->loop, admit, x)) {
		MHD_resume_connection(x->connection);
		return refuse(x, E_LATER);
	}
	return MHD_YES;
}

static enum MHD_Result start(struct exchange *x)
{
	int err = body_end(x);

	if (err)
		return refuse(x, err);
	MHD_suspend_connection(x->connection);
	if (fiber_spawn(x->http->options.doors->loop, run, x)) {
		MHD_resume_connection(x->connection);
		return refuse(x, E_LATER);
	}
	return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
				  const char *method, unused const char *version, const char *data,
				  size_t *n, void **state)
{
	struct exchange *x = *state;

	if (!x) {
		*state = x = exchange_new(cls, connection, method, url);
		if (!x)
			return MHD_NO;
		if (!x->request.method)
			return refuse(x, E_METHOD);
		if (is_announced_too_large(x))
			return refuse(x, E_TOO_LARGE);
		return x->is_large ? ask(x) : MHD_YES;
	}
	if (x->is_done)
		return answer(x);
	if (*n) {
		x->awaits_body = false;
		body_add(x, (str){ data, *n });
		*n = 0;
		return MHD_YES;
	}
	/* The library repeats its first call after a pause there. */
	if (x->awaits_body) {
		x->awaits_body = false;
		return MHD_YES;
	}
	return start(x);
}

/* Paths are matched as sent and decoded piece by piece, so that an encoded '/' separates nothing. */
static size_t keep_escapes(unused void *cls, unused struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}

static void printf_like(2, 0) on_log(unused void *cls, const char *format, va_list args)
{
	if (log_is_on(LOG_DEBUG)) {
		char line[512];

		vsnprintf(line, sizeof(line), format, args);
		log_debug(NULL, "event=http message=\"%s\"", line);
	}
}

static int daemon_start(struct http *h)
{
	const struct settings *s = &h->options.program->settings;
	const union MHD_DaemonInfo *info;

	h->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
				     0, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER,
				     on_log, NULL, MHD_OPTION_LISTEN_SOCKET, h->options.fd,
				     MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)s->request_timeout,
				     MHD_OPTION_CONNECTION_LIMIT, h->options.connections,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
				     MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
				     MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
				     MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
				     MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (!h->daemon)
		return -EIO;
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	h->watch = (struct watch){
		.fn = on_ready,
		.arg = h,
		.fd = info->epoll_fd,
		.events = EPOLLIN,
	};
	h->timer = (struct timer){ .fn = on_timeout, .arg = h };
	return watch_add(h->options.doors->loop, &h->watch);
}

int http_new(const struct http_options *o, struct http **ret)
{
	struct http *h = calloc(1, sizeof(*h));
	int result;

	if (!h)
		return -ENOMEM;
	h->options = *o;
	result = daemon_start(h);
	if (result) {
		http_free(h);
		return result;
	}
	turn(h);
	*ret = h;
	return 0;
}

void http_quiesce(struct http *h)
{
	if (h->quiet)
		return;
	h->quiet = true;
	h->touched = clock_mono();
	MHD_quiesce_daemon(h->daemon);
	turn(h);
}

bool http_is_busy(const struct http *h)
{
	usec now = clock_mono();

	return h->busy || (h->mute && now < h->accepted + FIRST_WORDS) ||
	       (h->open && now < h->touched + LAST_WORDS);
}

void http_free(struct http *h)
{
	if (!h)
		return;
	watch_remove(&h->watch);
	timer_stop(&h->timer);
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	if (h->quiet)
		close(h->options.fd);
	free(h);
}

const char *http_version(void)
{
	return MHD_get_version();
}
