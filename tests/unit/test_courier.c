/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The courier and its clients on one loop, before a server that counts what it is asked: whatever
 * becomes of those that ask, a name is one request. The file is longer than others for its rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/un.h>

#include "base/ctx.h"
#include "fetch/courier.h"
#include "fetch/fetch.h"
#include "tests/unit/fetch_server.h"
#include "tests/unit/in_fiber.h"

static const struct script scripts[] = {
	{ "/ok",
	  "HTTP/1.1 202 Accepted\r\nContent-Type: Text/Plain\r\nRetry-After: 90\r\nContent-Length: 5\r\n\r\nhello",
	  THEN_KEEP },
	{ "/no", "HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone", THEN_KEEP },
	{ "/cut", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", THEN_CLOSE },
	{ "/nothing", "", THEN_CLOSE },
	{ "/silent", "", THEN_HANG },
	{ 0 },
};

struct world {
	struct loop *loop;
	struct server *server;
	struct arena *arena;
	struct fetch *fetch; /* the courier's */
	struct fiber *service;
	const char *address;
	int listener;
	bool ended;
	bool may_finish; /* what finish_together waits for */
	void (*test)(struct world *w);
};

/* One question to the courier, asked in a fiber of its own. */
struct question {
	struct world *w;
	struct courier *k;
	const char *name, *path, *method;
	usec timeout;
	struct ctx c;
	struct fetch_response r;
	int result;
	bool done;
};

static int listen_at(const char *address)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	size_t n = strlen(address);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path + 1, address + 1, n - 1);
	if (bind(fd, (struct sockaddr *)&at,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) ||
	    listen(fd, 64))
		abort();
	return fd;
}

static void serve_fiber(void *arg)
{
	struct world *w = arg;

	w->service = fiber_self();
	CHECK(courier_serve(w->loop, w->fetch, w->listener) == 0);
	fetch_free(w->fetch);
	w->ended = true;
}

static void stop(struct world *w)
{
	loop_stop(w->loop);
	fiber_wake(w->service);
	while (!w->ended)
		fiber_sleep(USEC_MSEC);
}

static void test_fiber(void *arg)
{
	struct world *w = arg;

	while (!w->service)
		fiber_yield();
	w->test(w);
	if (!w->ended)
		stop(w);
}

static void open_fetch(struct world *w)
{
	str allow = str_fmt(w->arena, "127.0.0.1:%u", w->server->port);
	struct fetch_options o = {
		.user_agent = "test",
		.allow = allow.p,
		.connections = 50,
		.per_host = 20,
	};

	assert_int_equal(fetch_new(w->loop, &o, &w->fetch), 0);
}

static void run(void (*test)(struct world *w))
{
	struct world w = { .test = test, .arena = arena_new(), .server = server_start(scripts) };

	failure = NULL;
	w.address = str_fmt(w.arena, "@rookery-test-courier-%d", getpid()).p;
	w.listener = listen_at(w.address);
	assert_int_equal(loop_new(&w.loop), 0);
	open_fetch(&w);
	assert_int_equal(fiber_spawn(w.loop, serve_fiber, &w), 0);
	assert_int_equal(fiber_spawn(w.loop, test_fiber, &w), 0);
	assert_int_equal(loop_run(w.loop), 0);
	loop_free(w.loop);
	close(w.listener);
	server_stop(w.server);
	arena_free(w.arena);
	report();
}

static struct courier *connect_client(struct world *w)
{
	struct courier *k = NULL;

	CHECK(courier_new(w->loop, w->address, &k) == 0);
	return k;
}

static struct hop hop_to(struct world *w, struct arena *a, const char *path)
{
	struct hop hop = { .method = STR("POST"), .body = STR("{}"), .limit = 10000 };

	hop.text = str_fmt(a, "http://127.0.0.1:%u%s", w->server->port, path);
	CHECK(url_parse(a, hop.text, &hop.url));
	return hop;
}

static void ask_fiber(void *arg)
{
	struct question *q = arg;
	struct hop hop = hop_to(q->w, q->c.arena, q->path);

	if (q->method)
		hop.method = str_c(q->method);
	hop.deadline = in(q->timeout ? q->timeout : USEC_MINUTE);
	q->result = courier_run(&q->c, q->k, str_c(q->name), &hop, &q->r);
	q->done = true;
}

/* Begins to ask; the question lies in the world's arena. */
static struct question *begin(struct world *w, struct courier *k, const char *name,
			      const char *path)
{
	struct question *q = arena_new_of(w->arena, struct question);

	*q = (struct question){ .w = w, .k = k, .name = name, .path = path };
	ctx_init(&q->c, w->arena);
	spawn(ask_fiber, q);
	return q;
}

static struct question *end(struct question *q)
{
	while (!q->done)
		fiber_sleep(USEC_MSEC);
	return q;
}

static struct question *ask(struct world *w, struct courier *k, const char *name, const char *path)
{
	return end(begin(w, k, name, path));
}

static void wait_requests(struct world *w, unsigned n)
{
	usec until = in(USEC_MINUTE);

	while (w->server->requests < n && clock_mono() < until)
		fiber_sleep(USEC_MSEC);
	CHECK(w->server->requests == n);
}

/* What comes back is the answer, and it comes back again. */
static void same_answer(struct world *w)
{
	struct courier *k = connect_client(w);
	struct question *q;

	for (int i = 0; i < 3; i++) {
		q = ask(w, k, "one", "/ok");
		CHECK(q->result == 0 && q->r.status == 202 && str_eq_c(q->r.body, "hello"));
		CHECK(q->r.retry_after == 90 * USEC_SEC && str_eq_c(q->r.type, "text/plain"));
		CHECK(w->server->requests == 1);
	}
	q = ask(w, k, "two", "/ok");
	CHECK(q->r.status == 202 && w->server->requests == 2);
	courier_free(k);
}

static void test_same_answer(void **state unused)
{
	run(same_answer);
}

/* Ten ask while the one exchange is under way; the other name sets it free. */
static void asked_meanwhile(struct world *w)
{
	struct courier *k = connect_client(w);
	struct question *all[10], *other;

	for (int i = 0; i < 10; i++)
		all[i] = begin(w, k, "one", "/together?2");
	wait_requests(w, 1);
	fiber_sleep(20 * USEC_MSEC);
	CHECK(w->server->requests == 1);
	other = ask(w, k, "two", "/together?2");
	CHECK(other->result == 0 && other->r.status == 200);
	for (int i = 0; i < 10; i++)
		CHECK(end(all[i])->r.status == 200 && str_eq_c(all[i]->r.body, "together"));
	CHECK(w->server->requests == 2);
	courier_free(k);
}

static void test_asked_meanwhile(void **state unused)
{
	run(asked_meanwhile);
}

static int connect_raw(struct world *w)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = strlen(w->address);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(to.sun_path + 1, w->address + 1, n - 1);
	CHECK(connect(fd, (struct sockaddr *)&to,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == 0);
	return fd;
}

static str request_frame(struct world *w, const char *name, const char *path)
{
	struct courier_request q = { .tag = 7,
				     .name = str_c(name),
				     .hop = hop_to(w, w->arena, path) };

	q.hop.deadline = 5 * USEC_SEC;
	return courier_write_request(w->arena, &q);
}

/* One that asked is gone before the answer came: the next one gets it. */
static void client_lost(struct world *w)
{
	struct courier *k = connect_client(w);
	struct question *q, *other;
	int fd = connect_raw(w);

	CHECK(courier_send(fd, request_frame(w, "one", "/together?2"), 0) == 0);
	wait_requests(w, 1);
	close(fd);
	q = begin(w, k, "one", "/together?2");
	fiber_sleep(20 * USEC_MSEC);
	CHECK(!q->done);
	other = ask(w, k, "two", "/together?2");
	CHECK(other->r.status == 200 && end(q)->r.status == 200);
	CHECK(w->server->requests == 2);
	courier_free(k);
	k = connect_client(w);
	q = ask(w, k, "one", "/together?2");
	CHECK(q->result == 0 && q->r.status == 200 && w->server->requests == 2);
	courier_free(k);
}

static void test_client_lost(void **state unused)
{
	run(client_lost);
}

static const struct {
	const char *path, *method;
	int result, status;
} failures[] = {
	{ "/no", "POST", 0, 410 },
	{ "/nowhere", "POST", 0, 404 },
	{ "/nothing", "POST", E_LATER, 0 },
	{ "/cut", "GET", E_LATER, 0 },
	/* What was accepted was accepted, whatever became of the rest. */
	{ "/cut", "POST", 0, 200 },
	{ "/silent", "POST", E_LATER, 0 },
};

static void failures_remembered(struct world *w)
{
	struct courier *k = connect_client(w);

	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		const char *name = str_fmt(w->arena, "name %zu", i).p;
		str message = STR_NULL;
		unsigned requests = 0;

		for (int round = 0; round < 3; round++) {
			struct question *q = begin(w, k, name, failures[i].path);

			q->method = failures[i].method;
			q->timeout = 1500 * USEC_MSEC; /* longer than any answer that comes takes */
			end(q);
			CHECK(q->result == failures[i].result && q->r.status == failures[i].status);
			CHECK(!round || str_eq(message, ctx_error(&q->c, q->result)));
			CHECK(!round || requests == w->server->requests);
			message = ctx_error(&q->c, q->result);
			requests = w->server->requests;
		}
	}
	courier_free(k);
}

static void test_failures_remembered(void **state unused)
{
	run(failures_remembered);
}

/* The courier guards its door itself. */
static void guarded(struct world *w)
{
	static const char *const urls[] = { "http://127.0.0.2:80/", "https://10.0.0.1/",
					    "http://example.org/", "https://localhost:22/" };
	struct courier *k = connect_client(w);

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		struct hop hop = { .method = STR("POST"), .text = str_c(urls[i]), .limit = 1 };
		struct fetch_response r;
		struct ctx c;

		ctx_init(&c, w->arena);
		CHECK(url_parse(w->arena, hop.text, &hop.url));
		hop.deadline = in(USEC_MINUTE);
		CHECK(courier_run(&c, k, hop.text, &hop, &r) == E_REFUSED);
	}
	courier_free(k);
}

static void test_guarded(void **state unused)
{
	run(guarded);
}

/* Whether the other end closes within a while. */
static bool is_dropped(int fd)
{
	char byte;

	if (fiber_wait_fd(fd, EPOLLIN | EPOLLRDHUP, in(USEC_MINUTE)))
		return false;
	return recv(fd, &byte, 1, 0) <= 0;
}

static str hostile(struct world *w, size_t which)
{
	struct arena *a = w->arena;
	str good = request_frame(w, "hostile", "/ok");
	char *bytes = arena_copy(a, good.p, good.n);
	uint32_t n;

	switch (which) {
	case 0: /* nothing in it */
		return (str){ arena_alloc(a, 4), 4 };
	case 1: /* longer than allowed */
		return (str){ "\xff\xff\xff\xff", 4 };
	case 2:
		n = COURIER_FRAME_LIMIT + 1;
		return (str){ arena_copy(a, &n, sizeof(n)), sizeof(n) };
	case 3: /* the name is longer than the frame */
		n = UINT32_MAX;
		memcpy(bytes + 12, &n, sizeof(n));
		return (str){ bytes, good.n };
	case 4: /* something behind the end */
		n = (uint32_t)good.n - 4 + 1;
		bytes = arena_alloc(a, good.n + 1);
		memcpy(bytes, good.p, good.n);
		memcpy(bytes, &n, sizeof(n));
		return (str){ bytes, good.n + 1 };
	case 5: /* an answer is no request */
		return courier_write_answer(a, &(struct courier_answer){ .tag = 1 });
	default: /* noise, the same in every run */
		n = (uint32_t)(100 * which);
		bytes = arena_alloc(a, n + 4);
		memcpy(bytes, &n, sizeof(n));
		for (uint32_t i = 0; i < n; i++)
			bytes[4 + i] = (char)((i * 2654435761u * (uint32_t)which) >> 13);
		return (str){ bytes, n + 4 };
	}
}

static void hostile_frames(struct world *w)
{
	struct courier *k = connect_client(w);

	for (size_t i = 0; i < 20; i++) {
		int fd = connect_raw(w);

		CHECK(courier_send(fd, hostile(w, i), 0) == 0);
		CHECK(is_dropped(fd));
		close(fd);
	}
	CHECK(w->server->requests == 0);
	CHECK(ask(w, k, "good", "/ok")->r.status == 202);
	courier_free(k);
}

static void test_hostile_frames(void **state unused)
{
	run(hostile_frames);
}

/* A frame that ends too early is none, wherever it ends. */
static void cut_frames(struct world *w)
{
	str frame = request_frame(w, "cut", "/ok");
	struct courier *k;

	for (size_t n = 0; n < frame.n; n += 5) {
		int fd = connect_raw(w);

		CHECK(courier_send(fd, str_slice(frame, 0, n), 0) == 0);
		shutdown(fd, SHUT_WR);
		CHECK(is_dropped(fd));
		close(fd);
	}
	CHECK(w->server->requests == 0);
	k = connect_client(w);
	CHECK(ask(w, k, "cut", "/ok")->r.status == 202);
	courier_free(k);
}

static void test_cut_frames(void **state unused)
{
	run(cut_frames);
}

/* A client that says no more still gets its answer. */
static void half_closed(struct world *w)
{
	struct courier_answer answer;
	int fd = connect_raw(w);
	str frame;

	CHECK(courier_send(fd, request_frame(w, "one", "/ok"), 0) == 0);
	shutdown(fd, SHUT_WR);
	CHECK(courier_receive(w->arena, fd, &frame) == 0);
	CHECK(courier_read_answer(w->arena, frame, &answer));
	CHECK(answer.tag == 7 && answer.result == 0 && answer.response.status == 202);
	CHECK(is_dropped(fd));
	close(fd);
}

static void test_half_closed(void **state unused)
{
	run(half_closed);
}

/* While the courier is away the outcome is unknown; the same client finds it when it is back. */
static void away(struct world *w)
{
	struct courier *k = NULL;
	struct question *q;

	CHECK(courier_new(w->loop, "@rookery-test-nobody", &k) == 0);
	q = ask(w, k, "one", "/ok");
	CHECK(q->result == -EPIPE && w->server->requests == 0);
	courier_free(k);
	k = connect_client(w);
	q = begin(w, k, "one", "/together?2");
	q->timeout = 200 * USEC_MSEC;
	CHECK(end(q)->result == E_LATER);
	CHECK(ask(w, k, "two", "/ok")->r.status == 202);
	courier_free(k);
}

static void test_away(void **state unused)
{
	run(away);
}

static void finish_together(void *arg)
{
	struct world *w = arg;
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)w->server->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	static const char request[] = "GET /together?2 HTTP/1.1\r\n\r\n";
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte;

	while (!w->may_finish)
		fiber_sleep(USEC_MSEC);
	CHECK(!w->ended);
	CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	CHECK(send(fd, request, sizeof(request) - 1, 0) > 0);
	CHECK(recv(fd, &byte, 1, 0) == 1);
	close(fd);
}

/* Asked to stop, it ends and answers what it began, and begins nothing new. */
static void drained(struct world *w)
{
	struct courier *k = connect_client(w);
	struct question *q = begin(w, k, "one", "/together?2"), *late;

	wait_requests(w, 1);
	spawn(finish_together, w);
	loop_stop(w->loop);
	fiber_wake(w->service);
	fiber_sleep(20 * USEC_MSEC);
	late = ask(w, k, "late", "/ok");
	CHECK(late->result == -EPIPE && !q->done);
	w->may_finish = true;
	CHECK(end(q)->result == 0 && q->r.status == 200);
	CHECK(w->server->requests == 2);
	while (!w->ended)
		fiber_sleep(USEC_MSEC);
	courier_free(k);
}

static void test_drained(void **state unused)
{
	run(drained);
}

/* Many names over many clients, asked twice each at once. */
static void many(struct world *w)
{
	struct question *all[400];
	struct courier *k[4];

	for (int i = 0; i < 4; i++)
		k[i] = connect_client(w);
	for (int i = 0; i < 400; i++)
		all[i] = begin(w, k[i % 4], str_fmt(w->arena, "name %d", i / 2).p, "/ok");
	for (int i = 0; i < 400; i++)
		CHECK(end(all[i])->r.status == 202);
	CHECK(w->server->requests == 200);
	for (int i = 0; i < 4; i++)
		courier_free(k[i]);
}

static void test_many(void **state unused)
{
	run(many);
}

static void test_frames(void **state unused)
{
	struct arena *a = arena_new();
	struct fetch_header headers[] = { { STR("a"), STR("1") }, { STR("b"), STR("") } };
	struct courier_request q = {
		.tag = -5,
		.name = STR("name"),
		.hop = { .method = STR("POST"), .text = STR("https://peer.test/inbox"), .body = STR("body"),
			 .headers = headers, .n_headers = 2, .limit = 99, .deadline = USEC_SEC },
	}, q2;
	struct courier_answer w = {
		.result = E_LATER,
		.error = STR("why"),
		.response = { .status = 503, .retry_after = 5, .url = STR("u"), .type = STR("t"), .body = STR("b") },
	}, w2;
	str frame = courier_write_request(a, &q);
	char *bytes;

	assert_true(courier_read_request(a, str_from(frame, 4), &q2));
	assert_true(q2.tag == -5 && str_eq(q2.name, q.name) && str_eq(q2.hop.body, q.hop.body));
	assert_true(q2.hop.n_headers == 2 && str_eq_c(q2.hop.headers[1].name, "b"));
	assert_true(str_eq_c(q2.hop.url.host, "peer.test") && q2.hop.limit == 99);
	q.hop.deadline = COURIER_TIME_LIMIT + 1;
	assert_false(courier_read_request(a, str_from(courier_write_request(a, &q), 4), &q2));
	q.hop.deadline = USEC_SEC;
	q.hop.text = STR("ftp://peer.test/");
	assert_false(courier_read_request(a, str_from(courier_write_request(a, &q), 4), &q2));
	q.hop.body = (str){ arena_alloc(a, COURIER_FRAME_LIMIT), COURIER_FRAME_LIMIT };
	assert_true(str_is_null(courier_write_request(a, &q)));
	frame = courier_write_answer(a, &w);
	bytes = arena_copy(a, frame.p, frame.n);
	courier_tag(bytes, 1234567890123);
	assert_true(courier_read_answer(a, (str){ bytes + 4, frame.n - 4 }, &w2));
	assert_true(w2.tag == 1234567890123 && w2.result == E_LATER && w2.response.status == 503);
	assert_true(str_eq(w2.error, w.error) && w2.response.retry_after == 5);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_same_answer),
		cmocka_unit_test(test_asked_meanwhile),
		cmocka_unit_test(test_client_lost),
		cmocka_unit_test(test_failures_remembered),
		cmocka_unit_test(test_guarded),
		cmocka_unit_test(test_hostile_frames),
		cmocka_unit_test(test_cut_frames),
		cmocka_unit_test(test_half_closed),
		cmocka_unit_test(test_away),
		cmocka_unit_test(test_drained),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
