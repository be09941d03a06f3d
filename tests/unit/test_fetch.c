/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/fetch against a server that misbehaves. A test states its exchanges as rows; they run in
 * fibers of one loop, and what came back is judged when the loop has ended. The rows make the file
 * longer than others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/ctx.h"
#include "fetch/fetch.h"
#include "loop/fiber.h"
#include "loop/loop.h"
#include "tests/unit/fetch_server.h"

#include <cmocka.h> /* defines fail: behind base/ctx.h */

#define LIMIT 100000
#define SHORT (1500 * USEC_MSEC) /* longer than any answer that comes takes */

static const struct script scripts[] = {
	{ "/ok", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: 1\r\nx-one: 2\r\n\r\nhello",
	  THEN_KEEP },
	{ "/last", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", THEN_CLOSE },
	{ "/until-close", "HTTP/1.1 200 OK\r\n\r\nhello", THEN_CLOSE },
	{ "/chunked",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
	  "5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
	  THEN_KEEP },
	{ "/interim",
	  "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
	  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	  THEN_KEEP },
	{ "/empty", "HTTP/1.1 204 No Content\r\n\r\n", THEN_KEEP },
	{ "/limited", "HTTP/1.1 429 Wait\r\nRetry-After: 90\r\nContent-Length: 2\r\n\r\nno",
	  THEN_KEEP },
	{ "/silent", "", THEN_HANG },
	{ "/stalled", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", THEN_HANG },
	{ "/cut", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", THEN_CLOSE },
	{ "/cut-chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
	  THEN_CLOSE },
	{ "/cut-error", "HTTP/1.1 410 Gone\r\nContent-Length: 50\r\n\r\ngone", THEN_CLOSE },
	{ "/stalled-error", "HTTP/1.1 403 No\r\nContent-Length: 50\r\n\r\nno", THEN_HANG },
	{ "/nothing", "", THEN_CLOSE },
	{ "/ssh", "SSH-2.0-OpenSSH_9.2\r\n", THEN_CLOSE },
	{ "/broken-gzip",
	  "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
	  THEN_KEEP },
	{ "/endless", "HTTP/1.1 200 OK\r\n\r\n0123456789012345678901234567890123456789\n",
	  THEN_REPEAT },
	{ "/headers", "HTTP/1.1 200 OK\r\nX-Another: one\r\n", THEN_REPEAT },
	{ "/no-location", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", THEN_KEEP },
	{ "/not-modified", "HTTP/1.1 304 Not Modified\r\nLocation: /ok\r\n\r\n", THEN_KEEP },
	{ "/json",
	  "HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=utf-8\r\n"
	  "Content-Length: 2\r\n\r\n{}",
	  THEN_KEEP },
	{ 0 },
};

struct call {
	const char *url; /* "/path" on the server; "$" stands for its port */
	int result;
	int status;
	const char *body; /* NULL: any */
	struct fetch_request q; /* its url comes from above */
	/* what came of it */
	struct test *test;
	struct arena *arena;
	struct fetch_response r;
	int got;
	str message;
	usec took;
};

struct test {
	struct arena *arena;
	struct server *server;
	const char *allow; /* "$" as above */
	unsigned per_host;
	bool in_turn;
	struct call *calls;
	size_t n;
	struct fetch *fetch;
	struct fiber *main;
	size_t left;
};

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->arena = arena_new();
	t->server = server_start(scripts);
	t->allow = "127.0.0.1:$";
	t->per_host = 100;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	server_stop(t->server);
	arena_free(t->arena);
	free(t);
	return 0;
}

static str expand(struct test *t, const char *text)
{
	str s = *text == '/' ? str_fmt(t->arena, "http://127.0.0.1:$%s", text) : str_c(text);
	str port = str_fmt(t->arena, "%u", t->server->port);
	size_t at;

	while ((at = str_find_char(s, '$', 0)) != SIZE_MAX)
		s = str_cat(t->arena, str_slice(s, 0, at),
			    str_cat(t->arena, port, str_from(s, at + 1)));
	return s;
}

static void run_call(void *arg)
{
	struct call *call = arg;
	struct test *t = call->test;
	usec start = clock_mono();
	struct ctx c;

	ctx_init(&c, call->arena);
	c.fetch = t->fetch;
	call->q.url = expand(t, call->url);
	call->got = fetch(&c, &call->q, &call->r);
	call->message = ctx_error(&c, call->got);
	call->took = clock_mono() - start;
	if (--t->left == 0)
		fiber_wake(t->main);
}

static void run_calls(void *arg)
{
	struct test *t = arg;
	struct fetch_options o = {
		.user_agent = "Rookery/test",
		.allow = expand(t, t->allow).p,
		.connections = 100,
		.per_host = t->per_host,
	};

	if (fetch_new(loop_current(), &o, &t->fetch))
		return;
	t->main = fiber_self();
	t->left = t->n;
	for (size_t i = 0; i < t->n; i++) {
		t->calls[i].test = t;
		t->calls[i].arena = arena_new();
		if (t->in_turn)
			run_call(&t->calls[i]);
		else if (fiber_spawn(loop_current(), run_call, &t->calls[i]))
			t->left--;
	}
	while (t->left)
		fiber_park(0);
	fetch_free(t->fetch);
}

static void run(struct test *t, struct call *calls, size_t n)
{
	t->calls = calls;
	t->n = n;
	t->fetch = NULL;
	assert_int_equal(fiber_main(run_calls, t), 0);
	assert_non_null(t->fetch);
}

static void forget(struct test *t)
{
	for (size_t i = 0; i < t->n; i++)
		arena_free(t->calls[i].arena);
}

static void judge(const struct call *call)
{
	if (call->got != call->result)
		fail_msg("%s: %d: " STR_FMT, call->url, call->got, STR_ARG(call->message));
	if (call->got)
		return;
	assert_int_equal(call->r.status, call->status);
	if (call->body && !str_eq_c(call->r.body, call->body))
		fail_msg("%s: body is " STR_FMT, call->url, STR_ARG(call->r.body));
}

static void run_and_judge(struct test *t, struct call *calls, size_t n)
{
	run(t, calls, n);
	for (size_t i = 0; i < n; i++)
		judge(&calls[i]);
	forget(t);
}

static void test_answers(void **state)
{
	struct call calls[] = {
		{ "/ok", 0, 200, "hello" },
		{ "/last", 0, 200, "hello" },
		{ "/until-close", 0, 200, "hello" },
		{ "/chunked", 0, 200, "hello" },
		{ "/interim", 0, 200, "hello" },
		{ "/empty", 0, 204, "" },
		{ "/missing", 0, 404, "" },
		{ "/limited", 0, 429, "no" },
		{ "/cut-error", 0, 410, "gone" },
		{ "/stalled-error", 0, 403, "no", { .timeout = SHORT } },
		{ "/no-location", 0, 302, "", { .redirects = 3 } },
		{ "/not-modified", 0, 304, "", { .redirects = 3 } },
		{ "/ok", 0, 200, "", { .method = STR("HEAD") } },
		{ "/cut", E_LATER },
		{ "/cut-chunk", E_LATER },
		{ "/nothing", E_LATER },
		{ "/silent", E_LATER, .q = { .timeout = SHORT } },
		{ "/stalled", E_LATER, .q = { .timeout = SHORT } },
		{ "/ssh", E_REMOTE },
		{ "/broken-gzip", E_REMOTE },
		{ "/endless", E_TOO_LARGE, .q = { .limit = LIMIT } },
		{ "/ok", E_INVALID, .q = { .method = STR("GET / HTTP/1.1\r\nX:") } },
		{ "/ok", E_INVALID, .q = { .method = STR("get") } },
	};

	run_and_judge(*state, calls, ARRAY_SIZE(calls));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		assert_true(calls[i].took < USEC_MINUTE);
}

static void test_too_many_headers(void **state)
{
	struct call calls[] = { { "/headers" } };

	run(*state, calls, 1);
	assert_true(calls[0].got == E_REMOTE || calls[0].got == E_LATER);
	forget(*state);
}

static void test_headers(void **state)
{
	struct call calls[] = {
		{ "/ok" }, { "/interim" }, { "/chunked" }, { "/limited" }, { "/json" }
	};

	run(*state, calls, ARRAY_SIZE(calls));
	assert_true(str_eq_c(fetch_header(&calls[0].r, STR("x-one")), "1"));
	assert_int_equal(calls[0].r.n_headers, 3);
	assert_true(str_eq_c(calls[0].r.headers[2].name, "x-one"));
	assert_true(str_eq_c(calls[0].r.headers[2].value, "2"));
	assert_true(str_eq_c(calls[0].r.type, ""));
	assert_true(str_eq(calls[0].r.url, calls[0].q.url));
	assert_true(str_is_null(fetch_header(&calls[0].r, STR("x-two"))));
	assert_true(str_is_null(fetch_header(&calls[1].r, STR("x-early"))));
	assert_true(str_is_null(fetch_header(&calls[2].r, STR("x-t"))));
	assert_int_equal(calls[0].r.retry_after, 0);
	assert_int_equal(calls[3].r.retry_after, 90 * USEC_SEC);
	assert_true(str_eq_c(calls[4].r.type, "application/json; charset=utf-8"));
	forget(*state);
}

static void test_limits(void **state)
{
	struct call calls[] = {
		{ "/zeros?100000", 0, 200, .q = { .limit = LIMIT } },
		{ "/zeros?100001", E_TOO_LARGE, .q = { .limit = LIMIT } },
		{ "/zeros?1048576", 0, 200 },
		{ "/zeros?1048577", E_TOO_LARGE },
		{ "/gzip?0", 0, 200, "" },
		{ "/gzip?100000", 0, 200, .q = { .limit = LIMIT } },
		{ "/gzip?100001", E_TOO_LARGE, .q = { .limit = LIMIT } },
		{ "/gzip?16000000", E_TOO_LARGE },
	};

	run_and_judge(*state, calls, ARRAY_SIZE(calls));
	assert_int_equal(calls[0].r.body.n, LIMIT);
	assert_int_equal(calls[5].r.body.n, LIMIT);
}

static bool has_line(str request, const char *line)
{
	str s = str_c(line);
	size_t at = str_find(request, s, 0);

	return at != SIZE_MAX && str_starts(str_from(request, at + s.n), STR("\r\n"));
}

static void test_requests(void **state)
{
	const struct fetch_header headers[] = {
		{ STR("Accept"), STR("application/activity+json") },
		{ STR("X-Empty"), STR("") },
		{ STR("Content-Type"), STR("application/ld+json") },
	};
	struct call calls[] = {
		{ "/echo?a/../b", .q = { .headers = headers, .n_headers = 2 } },
		{ "/echo", .q = { .method = STR("POST"),
				  .body = STR("{\"a\":1}"),
				  .headers = headers,
				  .n_headers = 3 } },
		{ "/echo", .q = { .method = STR("POST") } },
		{ "/echo", .q = { .method = STR("DELETE") } },
	};
	str get, post;

	run(*state, calls, ARRAY_SIZE(calls));
	get = calls[0].r.body;
	post = calls[1].r.body;
	assert_true(str_starts(get, STR("GET /echo?a/../b HTTP/1.1\r\n")));
	assert_true(has_line(get, "User-Agent: Rookery/test"));
	assert_true(has_line(get, "Accept: application/activity+json"));
	assert_true(has_line(get, "X-Empty:"));
	assert_true(has_line(get, "Accept-Encoding: gzip, br") ||
		    has_line(get, "Accept-Encoding: gzip"));
	assert_true(str_find(get, STR("Cookie"), 0) == SIZE_MAX);
	assert_true(str_find(get, STR("Content-"), 0) == SIZE_MAX);
	assert_true(str_starts(post, STR("POST /echo HTTP/1.1\r\n")));
	assert_true(has_line(post, "Content-Type: application/ld+json"));
	assert_true(has_line(post, "Content-Length: 7"));
	assert_true(str_ends(post, STR("\r\n\r\n{\"a\":1}")));
	assert_true(has_line(calls[2].r.body, "Content-Length: 0"));
	assert_true(str_find(calls[2].r.body, STR("Content-Type"), 0) == SIZE_MAX);
	assert_true(str_starts(calls[3].r.body, STR("DELETE /echo HTTP/1.1\r\n")));
	forget(*state);
}

static void test_bad_headers(void **state)
{
	const struct fetch_header headers[] = {
		{ STR("X-A"), STR("1\r\nX-B: 2") }, { STR("X-A"), STR("1\n") },
		{ STR("X-A"), STR("\0") },	    { STR("X-A: 1\r\nX-B"), STR("2") },
		{ STR("X A"), STR("1") },	    { STR(""), STR("1") },
		{ STR("X-A:"), STR("1") },
	};
	struct call calls[ARRAY_SIZE(headers)] = { 0 };
	struct test *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		calls[i] = (struct call){ "/echo", E_INVALID,
					  .q = { .headers = &headers[i], .n_headers = 1 } };
	run_and_judge(t, calls, ARRAY_SIZE(calls));
	assert_int_equal(t->server->connections, 0);
}

struct signs {
	struct arena *arena;
	str urls[8];
	unsigned n;
	int result;
};

static int sign(unused struct ctx *c, void *arg, str method, str url, unused str body,
		struct fetch_header *headers, size_t *n)
{
	struct signs *s = arg;

	s->urls[s->n++] = str_dup(s->arena, url);
	headers[(*n)++] =
		(struct fetch_header){ STR("Signature"), str_fmt(s->arena, STR_FMT " " STR_FMT,
								 STR_ARG(method), STR_ARG(url)) };
	return s->result;
}

static void test_redirects(void **state)
{
	struct test *t = *state;
	struct signs signs = { .arena = t->arena };
	struct call calls[] = {
		{ "/go?/go?go?echo?x", 0, 200,
		  .q = { .redirects = 3, .sign = sign, .arg = &signs } },
		{ "/go?/go?go?echo", E_REMOTE, .q = { .redirects = 2 } },
		{ "/go?/ok", 0, 302, "go" },
		{ "/go?/ok", 0, 302, "go", { .redirects = 3, .method = STR("POST") } },
		{ "/go?/go?/go?/go?/go?/go?/go?/ok", E_REMOTE, .q = { .redirects = 5 } },
	};
	static const char *const urls[] = { "/go?/go?go?echo?x", "/go?go?echo?x", "/go?echo?x",
					    "/echo?x" };
	str last;

	run(t, calls, ARRAY_SIZE(calls));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		judge(&calls[i]);
	assert_int_equal(signs.n, 4);
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++)
		assert_true(str_eq(signs.urls[i], expand(t, urls[i])));
	assert_true(str_eq(calls[0].r.url, signs.urls[3]));
	last = str_fmt(t->arena, "Signature: GET " STR_FMT, STR_ARG(signs.urls[3]));
	assert_true(has_line(calls[0].r.body, last.p));
	forget(t);
}

static void test_sign_fails(void **state)
{
	struct test *t = *state;
	struct signs signs = { .arena = t->arena, .result = E_FORBIDDEN };
	struct call calls[] = { { "/ok", E_FORBIDDEN, .q = { .sign = sign, .arg = &signs } } };

	run_and_judge(t, calls, 1);
	assert_int_equal(t->server->connections, 0);
}

/* Where a redirect leads is judged like a first URL; nothing is signed for what is refused. */
static void test_refused_redirects(void **state)
{
	static const char *const targets[] = {
		"http://127.0.0.1:1/",	   "http://127.0.0.2:$/",      "http://169.254.169.254/",
		"https://127.0.0.1/",	   "http://2130706433:$/",     "http://0x7f.1:$/",
		"https://[::1]/",	   "https://[::ffff:7f00:1]/", "http://example.com/",
		"https://example.com:22/", "file:///etc/passwd",       "gopher://127.0.0.1:$/_x",
		"ftp://127.0.0.1:$/",	   "dict://127.0.0.1:$/",      "javascript:alert(1)",
		"//user@127.0.0.1:$/",	   "http://127.0.0.1:$\\@x/",  "http://",
	};
	struct call calls[ARRAY_SIZE(targets)] = { 0 };
	struct test *t = *state;
	struct signs signs[ARRAY_SIZE(targets)] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		str url = str_fmt(t->arena, "/go?%s", targets[i]);

		signs[i].arena = t->arena;
		calls[i] = (struct call){ url.p, E_REFUSED,
					  .q = { .redirects = 3, .sign = sign, .arg = &signs[i] } };
	}
	run_and_judge(t, calls, ARRAY_SIZE(calls));
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		assert_int_equal(signs[i].n, 1);
	assert_int_equal(t->server->requests, ARRAY_SIZE(targets));
}

static void test_refused_urls(void **state)
{
	struct call calls[] = {
		{ "http://127.0.0.1:1/", E_REFUSED },
		{ "https://127.0.0.1/", E_REFUSED },
		{ "http://[::1]:80/", E_REFUSED },
		{ "https://10.0.0.1/", E_REFUSED },
		{ "https://192.0.2.1:6379/", E_REFUSED },
		{ "http://example.com/", E_REFUSED },
		{ "https://localhost/", E_REFUSED },
		{ "https://localhost:8443/", E_REFUSED },
		{ "http://127.1:8080/", E_INVALID },
		{ "http://2130706433/", E_INVALID },
		{ "https://user@example.com/", E_INVALID },
		{ "file:///etc/passwd", E_INVALID },
		{ "gopher://127.0.0.1/", E_INVALID },
		{ "127.0.0.1/ok", E_INVALID },
		{ "", E_INVALID },
	};
	struct test *t = *state;

	run_and_judge(t, calls, ARRAY_SIZE(calls));
	assert_int_equal(t->server->connections, 0);
}

/* localhost has the addresses 127.0.0.1 and ::1, which the URL does not tell. */
static void test_resolved_addresses(void **state)
{
	static const struct {
		const char *allow;
		int result;
	} rows[] = {
		{ "127.0.0.1:$", 0 },
		{ "127.0.0.0/8:*", 0 },
		{ "10.0.0.1:$ 127.0.0.2:$", E_REFUSED },
		{ "127.0.0.1:1 10.0.0.1:*", E_REFUSED },
	};
	struct test *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call calls[] = { { "http://localhost:$/ok", rows[i].result, 200, "hello" } };
		unsigned before = t->server->connections;

		t->allow = rows[i].allow;
		run_and_judge(t, calls, 1);
		assert_int_equal(t->server->connections - before, rows[i].result == 0);
	}
}

/* A name is another host than the address that it stands for. */
static void test_credentials(void **state)
{
	const struct fetch_header headers[] = { { STR("Authorization"), STR("Bearer x") },
						{ STR("cookie"), STR("a=b") },
						{ STR("X-Other"), STR("1") } };
	struct test *t = *state;
	struct call calls[] = {
		{ "/go?/echo", 0, 200,
		  .q = { .headers = headers, .n_headers = 3, .redirects = 1 } },
		{ "/go?http://localhost:$/echo", 0, 200,
		  .q = { .headers = headers, .n_headers = 3, .redirects = 1 } },
	};

	run(t, calls, ARRAY_SIZE(calls));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		judge(&calls[i]);
		assert_true(has_line(calls[i].r.body, "X-Other: 1"));
		assert_int_equal(has_line(calls[i].r.body, "Authorization: Bearer x"), i == 0);
		assert_int_equal(has_line(calls[i].r.body, "cookie: a=b"), i == 0);
	}
	forget(t);
}

static void test_nobody_listens(void **state)
{
	struct test *t = *state;
	unsigned port;
	int fd = listen_somewhere(&port);
	str url = str_fmt(t->arena, "http://127.0.0.1:%u/", port);
	struct call calls[] = { { url.p, E_LATER } };

	close(fd);
	t->allow = "127.0.0.1:*";
	run_and_judge(t, calls, 1);
}

static void test_reuse(void **state)
{
	struct test *t = *state;
	struct call calls[20];

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		calls[i] = (struct call){ "/ok", 0, 200, "hello" };
	calls[10].url = "/last"; /* the next one finds the connection closed */
	t->in_turn = true;
	run_and_judge(t, calls, ARRAY_SIZE(calls));
	assert_int_equal(t->server->connections, 2);
	assert_int_equal(t->server->requests, ARRAY_SIZE(calls));
}

static void test_many_at_once(void **state)
{
	struct test *t = *state;
	struct call calls[100];

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		calls[i] = (struct call){ "/together?100", 0, 200, "together" };
	run_and_judge(t, calls, ARRAY_SIZE(calls));
	assert_int_equal(t->server->most_open, ARRAY_SIZE(calls));
}

/* Who waits behind a silent server is told so in time; other hosts are not held up by it. */
static void test_per_host(void **state)
{
	struct test *t = *state;
	struct call calls[60];

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		calls[i] = i % 2 ? (struct call){ "http://localhost:$/ok", 0, 200, "hello" }
				 : (struct call){ "/silent", E_LATER, .q = { .timeout = SHORT } };
	t->per_host = 2;
	run_and_judge(t, calls, ARRAY_SIZE(calls));
	assert_true(t->server->most_open <= 4);
	/* All of the other host and the first two; more may get a place just before their end. */
	assert_true(t->server->requests >= 32);
}

static void test_types(void **state)
{
	static const char *const json[] = { "application/json", NULL };
	static const char *const other[] = { "text/html", "application/activity+json", NULL };
	struct call calls[] = {
		{ "/json", 0, 200, "{}", { .accept_types = json } },
		{ "/json", E_UNSUPPORTED, .q = { .accept_types = other } },
		{ "/ok", E_UNSUPPORTED, .q = { .accept_types = json } },
		{ "/empty", 0, 204, "", { .accept_types = json } },
		{ "/limited", 0, 429, "no", { .accept_types = json } },
		{ "/go?/json", 0, 200, "{}", { .accept_types = json, .redirects = 1 } },
	};

	run_and_judge(*state, calls, ARRAY_SIZE(calls));
}

/* Nothing but fetch_options decides where a request goes. */
static void test_environment(void **state)
{
	struct call calls[] = { { "/ok", 0, 200, "hello" } };
	static const char *const names[] = { "http_proxy", "https_proxy", "all_proxy",
					     "ALL_PROXY" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		setenv(names[i], "http://127.0.0.1:1", 1);
	run_and_judge(*state, calls, 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unsetenv(names[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answers),
		TEST(test_too_many_headers),
		TEST(test_headers),
		TEST(test_limits),
		TEST(test_requests),
		TEST(test_bad_headers),
		TEST(test_redirects),
		TEST(test_sign_fails),
		TEST(test_refused_redirects),
		TEST(test_refused_urls),
		TEST(test_resolved_addresses),
		TEST(test_credentials),
		TEST(test_nobody_listens),
		TEST(test_reuse),
		TEST(test_many_at_once),
		TEST(test_per_host),
		TEST(test_types),
		TEST(test_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
