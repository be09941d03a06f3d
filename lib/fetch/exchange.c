/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: no byte leaves before the guard has judged the address that the socket connects to.
 * A connection that libcurl takes up again has passed it when it was made: the guard does not
 * change, and connections are kept apart by scheme, host and port.
 */
#include "fetch/exchange.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/out.h"
#include "fetch/answer.h"
#include "fetch/multi.h"

#define HEADER_LIMIT 200 /* of an answer */
#define METHOD_LIMIT 16 /* bytes */
#define STALL_SPEED 64L /* bytes per second; slower than this ... */
#define STALL_TIME 20L /* ... for so many seconds is as good as dead */
#define BUFFER_SIZE 16384L

struct exchange {
	struct fetch *fetch;
	const struct hop *hop;
	CURL *easy;
	struct curl_slist *lines; /* request headers */
	struct out body;
	size_t sunk; /* bytes that went to the sink */
	unsigned allowed, refused; /* addresses, by the guard */
	bool unset; /* libcurl refused an option */
	char error[CURL_ERROR_SIZE];
};

static void exchange_done(struct exchange *x)
{
	curl_easy_cleanup(x->easy);
	curl_slist_free_all(x->lines);
}

/* An address that is refused does not end the exchange: the host may have others. */
static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct exchange *x = arg;
	const struct guard *g = x->fetch->guard;
	bool secure = str_eq(x->hop->url.scheme, STR("https"));

	if (purpose != CURLSOCKTYPE_IPCXN ||
	    !(secure ? guard_allows_address : guard_opens_address)(g, &address->addr)) {
		x->refused++;
		return CURL_SOCKET_BAD;
	}
	x->allowed++;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A file's pages are written back by the kernel, so this does not wait for a disk. */
static bool sink(struct exchange *x, const char *p, size_t n)
{
	x->sunk += n;
	if (x->sunk > x->hop->limit)
		return false;
	while (n) {
		ssize_t written = write(*x->hop->sink, p, n);

		if (written <= 0)
			return false;
		p += written;
		n -= (size_t)written;
	}
	return true;
}

/* Called with decoded bytes, so that the limit holds for what a small answer unpacks to. */
static size_t on_body(char *p, unused size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	long status = 0;

	if (x->hop->sink)
		curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300)
		return sink(x, p, n) ? n : CURL_WRITEFUNC_ERROR;
	out_str(&x->body, (str){ p, n });
	return x->body.failed ? CURL_WRITEFUNC_ERROR : n;
}

#define SET(x, option, value) \
	((x)->unset |= curl_easy_setopt((x)->easy, (option), (value)) != CURLE_OK)

static void set_guards(struct exchange *x)
{
	SET(x, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(x, CURLOPT_FOLLOWLOCATION, 0L);
	SET(x, CURLOPT_OPENSOCKETFUNCTION, on_open);
	SET(x, CURLOPT_OPENSOCKETDATA, x);
	SET(x, CURLOPT_PROXY, "");
	SET(x, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(x, CURLOPT_CAINFO, x->fetch->ca_file);
	SET(x, CURLOPT_CAPATH, NULL);
	SET(x, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(x, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(x, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(x, CURLOPT_SHARE, x->fetch->share);
}

/* The deadline is multi_run's. Without CURLOPT_QUICK_EXIT libcurl would wait there for the thread
 * that still resolves a name, and the loop with it. */
static void set_limits(struct exchange *x)
{
	SET(x, CURLOPT_NOSIGNAL, 1L);
	SET(x, CURLOPT_QUICK_EXIT, 1L);
	SET(x, CURLOPT_CONNECTTIMEOUT_MS, (long)(FETCH_CONNECT_TIMEOUT / USEC_MSEC));
	SET(x, CURLOPT_LOW_SPEED_LIMIT, STALL_SPEED);
	SET(x, CURLOPT_LOW_SPEED_TIME, STALL_TIME);
	SET(x, CURLOPT_BUFFERSIZE, BUFFER_SIZE);
	SET(x, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_SIZE);
	SET(x, CURLOPT_WRITEFUNCTION, on_body);
	SET(x, CURLOPT_WRITEDATA, x);
	SET(x, CURLOPT_ERRORBUFFER, x->error);
}

static bool takes_body(str method)
{
	return str_eq(method, STR("POST")) || str_eq(method, STR("PUT")) ||
	       str_eq(method, STR("PATCH"));
}

/* Paths go out as they were signed (CURLOPT_PATH_AS_IS). */
static void set_request(struct exchange *x, struct arena *a)
{
	const struct hop *hop = x->hop;

	SET(x, CURLOPT_URL, str_z(a, hop->text));
	SET(x, CURLOPT_PATH_AS_IS, 1L);
	SET(x, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(x, CURLOPT_USERAGENT, x->fetch->user_agent);
	SET(x, CURLOPT_ACCEPT_ENCODING, x->fetch->encodings);
	SET(x, CURLOPT_HTTPHEADER, x->lines);
	if (hop->body.n || takes_body(hop->method)) {
		SET(x, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)hop->body.n);
		SET(x, CURLOPT_POSTFIELDS, hop->body.p ? hop->body.p : "");
	}
	if (str_eq(hop->method, STR("HEAD")))
		SET(x, CURLOPT_NOBODY, 1L);
	else {
		SET(x, CURLOPT_CUSTOMREQUEST, str_z(a, hop->method));
		SET(x, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)hop->limit);
	}
}

static bool is_method(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 'A' || s.p[i] > 'Z')
			return false;
	return s.n > 0 && s.n <= METHOD_LIMIT;
}

/* RFC 9110, 5.1 and 5.5: nothing that could end the line. */
static bool is_header(const struct fetch_header *h)
{
	for (size_t i = 0; i < h->name.n; i++)
		if (!char_is_alnum(h->name.p[i]) && h->name.p[i] != '-' && h->name.p[i] != '_')
			return false;
	for (size_t i = 0; i < h->value.n; i++) {
		unsigned char ch = (unsigned char)h->value.p[i];

		if ((ch < ' ' && ch != '\t') || ch == 0x7f)
			return false;
	}
	return h->name.n > 0;
}

static void add_line(struct exchange *x, const char *line)
{
	struct curl_slist *longer = curl_slist_append(x->lines, line);

	if (longer)
		x->lines = longer;
	else
		x->unset = true;
}

/* A name with a semicolon is libcurl's form of an empty header, one with a colon alone takes away
 * a header that it would add by itself. */
static int add_lines(struct ctx *c, struct exchange *x)
{
	bool has_type = false;

	for (size_t i = 0; i < x->hop->n_headers; i++) {
		const struct fetch_header *h = &x->hop->headers[i];
		str value = str_trim(h->value);

		if (!is_header(h))
			return fail(c, E_INVALID, "not a header: " STR_FMT, STR_ARG(h->name));
		has_type = has_type || str_eq_fold(h->name, STR("content-type"));
		add_line(x, str_fmt(c->arena, STR_FMT "%s" STR_FMT, STR_ARG(h->name),
				    value.n ? ": " : ";", STR_ARG(value))
				    .p);
	}
	if (!has_type)
		add_line(x, "Content-Type:");
	add_line(x, "Expect:");
	return 0;
}

static void set_signature(struct exchange *x, struct arena *a)
{
	const struct fetch_sigv4 *s = x->hop->sigv4;

	if (!s)
		return;
	SET(x, CURLOPT_AWS_SIGV4, str_z(a, s->scope));
	SET(x, CURLOPT_USERPWD, str_z(a, s->user));
}

static int prepare(struct ctx *c, struct exchange *x)
{
	if (!is_method(x->hop->method))
		return fail(c, E_INVALID, "not a method: " STR_FMT, STR_ARG(x->hop->method));
	TRY(add_lines(c, x));
	set_guards(x);
	set_limits(x);
	set_request(x, c->arena);
	set_signature(x, c->arena);
	out_init(&x->body, c->arena, x->hop->limit);
	return x->unset ? -ENOMEM : 0;
}

/* What is left out is a matter of the network: E_LATER. */
static const struct meaning {
	CURLcode code;
	int err;
} meanings[] = {
	{ CURLE_URL_MALFORMAT, E_INVALID },
	{ CURLE_UNSUPPORTED_PROTOCOL, E_REMOTE }, /* also of an answer that is not HTTP/1 */
	{ CURLE_WEIRD_SERVER_REPLY, E_REMOTE },
	{ CURLE_BAD_CONTENT_ENCODING, E_REMOTE },
	{ CURLE_OUT_OF_MEMORY, E_REMOTE }, /* what a header line without an end is called */
	{ CURLE_FILESIZE_EXCEEDED, E_TOO_LARGE },
	{ CURLE_FAILED_INIT, -ENOMEM },
};

static int meaning_of(const struct exchange *x, CURLcode code)
{
	if (x->body.failed || x->sunk > x->hop->limit)
		return E_TOO_LARGE;
	if (x->refused && !x->allowed)
		return E_REFUSED;
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].code == code)
			return meanings[i].err;
	return E_LATER;
}

static int report(struct ctx *c, const struct exchange *x, CURLcode code)
{
	int err = meaning_of(x, code);
	str host = x->hop->url.authority;

	if (err == E_TOO_LARGE)
		return fail(c, err, STR_FMT ": more than %zu bytes", STR_ARG(host), x->hop->limit);
	if (err == E_REFUSED)
		return fail(c, err, STR_FMT ": its address may not be reached", STR_ARG(host));
	return fail(c, err, STR_FMT ": %s", STR_ARG(host),
		    *x->error ? x->error : curl_easy_strerror(code));
}

/* The next header of the answer; interim answers and trailers have none that count. */
static struct curl_header *next_header(CURL *easy, struct curl_header *h)
{
	return curl_easy_nextheader(easy, CURLH_HEADER, -1, h);
}

static int copy_headers(struct ctx *c, CURL *easy, struct fetch_response *r)
{
	struct fetch_header *headers;
	size_t n = 0, i = 0;

	for (struct curl_header *h = NULL; (h = next_header(easy, h));)
		n++;
	if (n > HEADER_LIMIT)
		return fail(c, E_REMOTE, "more than %d headers", HEADER_LIMIT);
	headers = arena_array(c->arena, n, sizeof(*headers));
	for (struct curl_header *h = NULL; (h = next_header(easy, h));)
		headers[i++] = (struct fetch_header){
			.name = str_lower(c->arena, str_c(h->name)),
			.value = str_dup(c->arena, str_c(h->value)),
		};
	r->headers = headers;
	r->n_headers = n;
	return 0;
}

/* A status of 400 and above is the answer, whatever became of its body: servers refuse a request
 * without reading all of it, and say so at length. So is any final one of a POST: what was accepted
 * must not be sent again because the thanks broke off. */
static int conclude(struct ctx *c, struct exchange *x, CURLcode code, struct fetch_response *ret)
{
	struct fetch_response r = { .url = x->hop->text };
	long status = 0, final = str_eq(x->hop->method, STR("POST")) ? 200 : 400;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK && status < final)
		return report(c, x, code);
	TRY(copy_headers(c, x->easy, &r));
	r.status = (int)status;
	r.body = out_view(&x->body);
	r.size = x->hop->sink ? x->sunk : r.body.n;
	r.type = answer_type(c->arena, &r);
	r.retry_after = answer_retry_after(&r);
	*ret = r;
	return 0;
}

/* A kept connection that the server had closed: nothing was read on it, so another may be tried. */
static bool was_stale(const struct exchange *x, CURLcode code)
{
	long status = 0, opened = 1;

	if (code != CURLE_SEND_ERROR && code != CURLE_RECV_ERROR && code != CURLE_GOT_NOTHING)
		return false;
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(x->easy, CURLINFO_NUM_CONNECTS, &opened);
	return status == 0 && opened == 0;
}

int exchange_run(struct ctx *c, const struct hop *hop, struct fetch_response *ret)
{
	struct exchange x cleanup(exchange_done) = {
		.fetch = c->fetch,
		.hop = hop,
		.easy = curl_easy_init(),
	};
	str origin = str_fmt(c->arena, STR_FMT "://" STR_FMT, STR_ARG(hop->url.scheme),
			     STR_ARG(hop->url.authority));
	struct host *host;
	CURLcode code;
	int result;

	if (!x.easy)
		return -ENOMEM;
	TRY(prepare(c, &x));
	result = host_enter(c->fetch, origin, hop->deadline, &host);
	if (result == -ETIMEDOUT)
		return fail(c, E_LATER, STR_FMT ": all connections are in use", STR_ARG(origin));
	if (result)
		return result;
	code = multi_run(c->fetch, x.easy, hop->deadline);
	if (was_stale(&x, code)) {
		curl_easy_setopt(x.easy, CURLOPT_FRESH_CONNECT, 1L);
		code = multi_run(c->fetch, x.easy, hop->deadline);
	}
	host_leave(c->fetch, host);
	return conclude(c, &x, code, ret);
}
