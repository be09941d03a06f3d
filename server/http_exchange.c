/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what a request says of its client and scheme is believed only from a trusted proxy;
 * every response carries the security headers.
 */
#include "server/http_exchange.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "crypt/hash.h"
#include "fetch/url.h"
#include "model/settings.h"

#define HEADERS_LIMIT 128

struct collection {
	struct arena *arena;
	struct exchange_pair *pairs;
	size_t n, limit;
};

static enum MHD_Result collect(void *cls, unused enum MHD_ValueKind kind, const char *name,
			       const char *value)
{
	struct collection *all = cls;

	if (all->n == all->limit)
		return MHD_NO;
	all->pairs[all->n++] = (struct exchange_pair){
		.name = str_lower(all->arena, str_c(name)),
		.value = value ? str_dup(all->arena, str_c(value)) : STR(""),
	};
	return MHD_YES;
}

/* libmicrohttpd turns '+' into a space, which no request line holds by itself. */
static void put_raw(struct out *o, const char *text)
{
	for (; *text; text++)
		out_char(o, *text == ' ' ? '+' : *text);
}

/* Arguments were not decoded otherwise, so they give the query back byte for byte. */
static enum MHD_Result join(void *cls, unused enum MHD_ValueKind kind, const char *name,
			    const char *value)
{
	struct out *o = cls;

	if (o->n)
		out_char(o, '&');
	put_raw(o, name);
	if (value) {
		out_char(o, '=');
		put_raw(o, value);
	}
	return MHD_YES;
}

static str query_of(struct exchange *x)
{
	struct out o;
	str query;
	unsigned n = (unsigned)MHD_get_connection_values(x->connection, MHD_GET_ARGUMENT_KIND, NULL,
							 NULL);

	if (n == 0)
		return STR_NULL;
	out_init(&o, x->ctx.arena, 32 * 1024);
	MHD_get_connection_values(x->connection, MHD_GET_ARGUMENT_KIND, join, &o);
	return out_done(&o, &query) ? STR_NULL : query;
}

static str peer_address(struct arena *a, const struct sockaddr *peer)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (!peer || peer->sa_family == AF_UNIX)
		return STR("unix");
	if (peer->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)peer)->sin_addr, text,
			  sizeof(text));
	if (peer->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)peer)->sin6_addr, text,
			  sizeof(text));
	return str_dup(a, str_c(text));
}

static bool is_trusted(const struct ctx *c, str address)
{
	str list = str_c(c->settings->trusted_proxy), entry;

	while (str_cut(&list, ' ', &entry))
		if (str_eq(entry, address))
			return true;
	return false;
}

/* The last entry is what our own proxy wrote; those before it are the client's to invent. */
static str last_entry(str list)
{
	size_t comma = str_find_char_last(list, ',');

	return str_trim(comma == SIZE_MAX ? list : str_from(list, comma + 1));
}

/* 16 hex digits; 0: something else. */
static int64_t id_of(str text)
{
	uint64_t id = 0;

	for (size_t i = 0; i < text.n; i++) {
		size_t digit = str_find_char(STR("0123456789abcdef"), text.p[i], 0);

		if (digit == SIZE_MAX)
			return 0;
		id = id << 4 | digit;
	}
	return text.n == 16 ? (int64_t)id : 0;
}

/* "00-<32 digits>-<16 digits>-<flags>": the lower half of the trace's id, as many tools shorten it, and its span. */
static void follow_proxy(struct ctx *c, str traceparent)
{
	str version, trace, span;

	if (!str_cut(&traceparent, '-', &version) || !str_cut(&traceparent, '-', &trace) ||
	    !str_cut(&traceparent, '-', &span) || version.n != 2 || trace.n != 32)
		return;
	ctx_begin(c, id_of(str_from(trace, 16)), id_of(span));
}

void exchange_identify(struct exchange *x, const struct sockaddr *peer)
{
	struct arena *a = x->ctx.arena;
	struct request *q = &x->request;
	struct collection headers = { .arena = a, .limit = HEADERS_LIMIT };
	str forwarded;

	headers.pairs = arena_array(a, HEADERS_LIMIT, sizeof(*headers.pairs));
	MHD_get_connection_values(x->connection, MHD_HEADER_KIND, collect, &headers);
	x->headers = headers.pairs;
	x->n_headers = headers.n;
	q->query = query_of(x);
	q->authority = str_lower(a, request_header(q, "host"));
	q->scheme = STR("http");
	q->address = peer_address(a, peer);
	if (!is_trusted(&x->ctx, q->address))
		return;
	forwarded = last_entry(request_header(q, "x-forwarded-for"));
	if (forwarded.n)
		q->address = forwarded;
	if (x->ctx.settings->traceparent)
		follow_proxy(&x->ctx, request_header(q, "traceparent"));
	if (str_eq(last_entry(request_header(q, "x-forwarded-proto")), STR("https")))
		q->scheme = STR("https");
}

str request_header(const struct request *q, const char *name)
{
	const struct exchange *x = q->exchange;

	for (size_t i = 0; i < x->n_headers; i++)
		if (str_eq_c(x->headers[i].name, name))
			return x->headers[i].value;
	return STR_NULL;
}

bool request_header_at(const struct request *q, size_t n, str *ret_name, str *ret_value)
{
	const struct exchange *x = q->exchange;

	if (n >= x->n_headers)
		return false;
	*ret_name = x->headers[n].name;
	*ret_value = x->headers[n].value;
	return true;
}

str request_cookie(const struct request *q, const char *name)
{
	str all = request_header(q, "cookie"), pair;

	while (str_cut(&all, ';', &pair)) {
		size_t equals = str_find_char(pair, '=', 0);

		if (equals != SIZE_MAX && str_eq_c(str_trim(str_slice(pair, 0, equals)), name))
			return str_trim(str_from(pair, equals + 1));
	}
	return STR_NULL;
}

str request_query(const struct request *q, const char *name)
{
	str rest = q->query, pair;

	while (str_cut(&rest, '&', &pair)) {
		size_t equals = str_find_char(pair, '=', 0);
		str value = equals == SIZE_MAX ? STR("") : str_from(pair, equals + 1), key;

		if (url_decode(q->exchange->ctx.arena, str_slice(pair, 0, equals), true, &key) &&
		    str_eq_c(key, name))
			return url_decode(q->exchange->ctx.arena, value, true, &value) &&
					       str_is_utf8(value)
				       ? value
				       : STR_NULL;
	}
	return STR_NULL;
}

static const char *const activity_types[] = {
	"application/activity+json",
	"application/ld+json",
	"application/json",
};

/* Whichever of page and activity is named first; browsers name text/html first. */
bool request_wants_activity(const struct request *q)
{
	str accept = request_header(q, "accept");
	size_t page = str_find(accept, STR("text/html"), 0);

	for (size_t i = 0; i < ARRAY_SIZE(activity_types); i++)
		if (str_find(accept, str_c(activity_types[i]), 0) < page)
			return true;
	return false;
}

/* On every response: what a page may load and do, and who may know where it was. */
static const struct {
	const char *name, *value;
} always[] = {
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
};

static const char *const cache_controls[] = {
	[CACHE_NONE] = "no-store",
	[CACHE_PRIVATE] = "private, no-cache",
	[CACHE_SHORT] = "max-age=60",
	[CACHE_DAY] = "public, max-age=86400",
	[CACHE_ASSET] = "public, max-age=31536000, immutable",
};

void exchange_add(struct MHD_Response *m, struct exchange *x, const char *name, str value)
{
	if (value.n)
		MHD_add_response_header(m, name, str_z(x->ctx.arena, value));
}

/* Pictures are on our own hosts, or where the store's public address leads to. */
static void add_policy(struct MHD_Response *m, struct exchange *x)
{
	const char *store = x->ctx.settings->media_public_url;

	exchange_add(
		m, x, "Content-Security-Policy",
		x->response.file
			? STR("default-src 'none'; sandbox; frame-ancestors 'none'")
			: str_fmt(x->ctx.arena,
				  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
				  "img-src 'self' %s%s; media-src 'self' %s; manifest-src 'self'; form-action 'self' %.*s; base-uri 'none'; frame-ancestors 'none'",
				  x->response.previews ? "blob: " : "", store, store,
				  STR_ARG(x->response.form_action)));
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		MHD_add_response_header(m, always[i].name, always[i].value);
}

/* A representation that the client has already is not sent again (RFC 9110, 13.1.2). */
static void revalidate(struct exchange *x)
{
	struct response *r = &x->response;
	str known = request_header(&x->request, "if-none-match");

	if (r->cache == CACHE_NONE || r->status != 200)
		return;
	if (str_is_empty(r->etag))
		r->etag = str_fmt(x->ctx.arena, "\"%.*s\"",
				  STR_ARG(str_slice(hex_encode(x->ctx.arena,
							       hash_sha256(x->ctx.arena, r->body)),
						    0, 32)));
	if (known.n && (str_eq(known, STR("*")) || str_find(known, r->etag, 0) != SIZE_MAX)) {
		r->status = 304;
		r->body = STR("");
	}
}

/* What scripts of other sites may send, and which headers of the answer they may read. */
static const struct {
	const char *name, *value;
} cors_headers[] = {
	{ "Access-Control-Allow-Origin", "*" },
	{ "Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS" },
	{ "Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key" },
	{ "Access-Control-Expose-Headers",
	  "Link, X-RateLimit-Reset, X-RateLimit-Limit, X-RateLimit-Remaining, X-Request-Id, Mastodon-Async-Refresh" },
	{ "Access-Control-Max-Age", "86400" },
};

static void add_cors(struct MHD_Response *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(cors_headers); i++)
		MHD_add_response_header(m, cors_headers[i].name, cors_headers[i].value);
}

static void add_rate(struct MHD_Response *m, struct exchange *x)
{
	struct arena *a = x->ctx.arena;

	exchange_add(m, x, "X-RateLimit-Limit",
		     str_fmt(a, "%lld", (long long)x->response.rate.limit));
	exchange_add(m, x, "X-RateLimit-Remaining",
		     str_fmt(a, "%lld", (long long)x->response.rate.remaining));
	exchange_add(m, x, "X-RateLimit-Reset", clock_iso(a, x->response.rate.reset));
}

struct MHD_Response *exchange_response(struct exchange *x)
{
	struct response *r = &x->response;
	struct MHD_Response *m;

	if (!r->status)
		r->status = 200;
	revalidate(x);
	m = r->file ? file_response(x)
		    : MHD_create_response_from_buffer(
			      r->body.n, r->body.n ? (void *)(uintptr_t)r->body.p : (void *)"",
			      MHD_RESPMEM_PERSISTENT);
	if (!m)
		return NULL;
	add_policy(m, x);
	MHD_add_response_header(m, "X-Request-Id", x->ctx.trace);
	exchange_add(m, x, "Content-Type", r->type);
	exchange_add(m, x, "Content-Disposition", r->disposition);
	exchange_add(m, x, "Location", r->location);
	exchange_add(m, x, "ETag", r->etag);
	exchange_add(m, x, "Vary", r->vary);
	exchange_add(m, x, "Set-Cookie", r->cookie);
	exchange_add(m, x, "Set-Cookie", r->device);
	MHD_add_response_header(m, "Cache-Control", cache_controls[r->cache]);
	if (r->retry_after)
		exchange_add(m, x, "Retry-After",
			     str_fmt(x->ctx.arena, "%lld",
				     (long long)((r->retry_after + USEC_SEC - 1) / USEC_SEC)));
	if (r->cors)
		add_cors(m);
	exchange_add(m, x, "Link", r->link);
	exchange_add(m, x, "Mastodon-Async-Refresh", r->async_refresh);
	exchange_add(m, x, "WWW-Authenticate", r->authenticate);
	if (r->rate.limit)
		add_rate(m, x);
	if (r->close)
		MHD_add_response_header(m, "Connection", "close");
	return m;
}
