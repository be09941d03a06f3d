/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The only door to libmicrohttpd. A request is read whole (bounded by its route's limit), gets a
 * fiber and a ctx of its own, and is answered by filling a struct response. Handlers are
 * straight-line code; the order Host -> tenant -> ctx -> route -> session -> form token -> handler
 * is the same for all.
 */
#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct session_row;
struct token_row;
struct identity_row;
struct db;
struct operator_session_row;
struct exchange; /* http.c: one request of a connection */
struct program;
struct doors;
struct streams; /* stream.h */

enum method {
	METHOD_GET = 1,
	METHOD_POST = 2,
	METHOD_PUT = 4,
	METHOD_DELETE = 8,
	METHOD_PATCH = 16,
	METHOD_OPTIONS = 32
};

/* What kind of request it is, for the metrics. */
enum request_class {
	CLASS_OTHER, /* of no tenant, or of no route */
	CLASS_PAGE,
	CLASS_API,
	CLASS_OAUTH,
	CLASS_FEDERATION,
	CLASS_INBOX,
	CLASS_FILE, /* style sheets, pictures, plain text */
	CLASS_CONSOLE,
	CLASS_ADMIN,
	REQUEST_CLASSES
};

struct request {
	enum method method; /* HEAD arrives as GET; the body is not sent */
	str method_name;
	str path; /* decoded once; "/@robin/" */
	str raw_path; /* as sent */
	str query; /* as sent, without '?'; null when there is none */
	str authority; /* Host as sent, lower case */
	str scheme; /* "https" behind a trusted proxy that says so */
	str address; /* of the client; X-Forwarded-For only from the trusted proxy */
	str body;
	str args[4]; /* what the pattern captured, decoded */
	const struct session_row *session; /* NULL: not logged in */
	const struct token_row *token; /* of the client API; NULL: none */
	str bearer; /* that token, as it was sent */
	const struct identity_row *identity; /* whom the session acts as */
	struct exchange *exchange;
	struct streams *streams; /* NULL: none are served here */
	struct db *host_db; /* for the console alone; NULL: there is none */
	enum request_class class; /* for the metrics */
	const char *pattern; /* of its route, for the log: a path may hold secrets; NULL: none */
	const struct operator_session_row *operator; /* on the console; NULL: not logged in */
};

/*
 * In the fiber of the request: takes its connection away. From then on the descriptor (it does not block) is the
 * caller's, to answer on and to close, and what the handler returns is sent nowhere. What the client sent behind its
 * request is lost: for protocols in which it waits for the answer.
 */
int request_take(struct request *q, int *ret_fd) must_check;

/* First header of that name (lower case); the null str when there is none. */
str request_header(const struct request *q, const char *name);
/* All headers, for signatures: n-th name (lower case) and value; false past the last. */
bool request_header_at(const struct request *q, size_t n, str *ret_name, str *ret_value);
str request_cookie(const struct request *q, const char *name);
/* Decoded value from the query string; from a form body (urlencoded or multipart). Null: absent. */
str request_query(const struct request *q, const char *name);
str request_form(const struct request *q, const char *name);
/* Everything that a form body holds, in its order: n-th name and value; false past the last. */
bool request_form_at(const struct request *q, size_t n, str *ret_name, str *ret_value);
/* A file of a multipart body. */
struct request_file {
	str name; /* of the field */
	str filename, type; /* as the client says; may be null */
	str data;
};
/* The first file of that field; NULL: none. */
const struct request_file *request_file(const struct request *q, const char *name);
/* Accept prefers application/activity+json or ld+json over text/html. */
bool request_wants_activity(const struct request *q);

enum cache_class {
	CACHE_NONE, /* no-store: anything about a person */
	CACHE_PRIVATE, /* the same for one who polls: nobody else keeps it, and an ETag tells what is known */
	CACHE_SHORT, /* public, a minute, with ETag */
	CACHE_DAY, /* public, a day */
	CACHE_ASSET, /* public, immutable */
};

/* A file as the body: ranges of it are served, and it is sandboxed, since strangers made it. */
struct response_file {
	int fd; /* is closed with the response */
	int64_t size; /* bytes, all of it */
};

struct response {
	int status; /* 0: 200 */
	str type;
	str body;
	struct response_file *file; /* instead of body; it needs an etag */
	str disposition; /* Content-Disposition; empty: none */
	str location; /* with a 3xx */
	str made; /* where a form that comes again leads, when it is not location; empty: there */
	enum cache_class cache;
	str etag; /* quoted; empty: made from the body for CACHE_SHORT */
	str vary; /* "Accept" where a URI has two representations */
	str cookie; /* whole Set-Cookie value; empty: none */
	str device; /* another one */
	usec retry_after; /* with 429 and 503; 0: none */
	bool cors; /* Access-Control-Allow-Origin: *, with what scripts may send and see */
	str link; /* RFC 8288; empty: none */
	str async_refresh; /* Mastodon-Async-Refresh: more comes later; empty: none */
	str authenticate; /* WWW-Authenticate, with a 401 */
	struct {
		int64_t limit, remaining; /* requests */
		usec reset; /* end of the window */
	} rate; /* X-RateLimit-*; limit 0: none */
	str form_action; /* further origins that forms of this page may lead to; empty: none */
	bool previews; /* the page's script shows pictures before they are sent: blob: URLs */
	bool close; /* the connection is of no more use */
};

/*
 * One listening socket served on one loop. dispatch is called in a fiber for each complete request; the response
 * must live in the ctx's arena.
 */
struct http;

struct http_options {
	const struct program *program;
	const struct doors *doors;
	int fd; /* listening; is closed by http_free */
	unsigned connections; /* at most */
	struct streams *streams; /* for requests that ask for one; may be NULL */
	/* Bytes of body that this request may have, before it is read. */
	size_t (*body_limit)(enum method method, str path);
	/* Whether a large body (BODY_IN_MEMORY) is to be read at all; else the response says why not. NULL: it is. */
	bool (*admit)(struct ctx *c, struct request *q, struct response *r);
	void (*dispatch)(struct ctx *c, struct request *q, struct response *r);
};

#define LARGE_BODIES 8 /* under way at once, on one loop */

int http_new(const struct http_options *o, struct http **ret) must_check;
/* From the loop: accepts no more; what was begun is finished, and connections end with their next answer. */
void http_quiesce(struct http *h);
/* Requests are under way, or may be on theirs: a connection that was accepted has a moment to send one. */
bool http_is_busy(const struct http *h);
/* None may be under way. */
void http_free(struct http *h);

typedef int (*handler_fn)(struct ctx *c, struct request *q, struct response *r);

/* SURFACE_API: as Mastodon's client API words errors; SURFACE_OAUTH: as RFC 6749, 5.2 does. */
enum surface { SURFACE_PAGE, SURFACE_JSON, SURFACE_TEXT, SURFACE_API, SURFACE_OAUTH };

enum access {
	ACCESS_ANY, /* session looked up when a cookie is there */
	ACCESS_LOGIN, /* else a page is a 303 to the log-in page, and all else 401 */
	ACCESS_PEER, /* federation: no session is looked up */
	ACCESS_TOKEN, /* client API: a person's token with the route's scope, else 401 or 403 */
	ACCESS_TOKEN_ANY, /* with a person's token, an application's, or none; one that is there must be good */
	ACCESS_TOKEN_APP, /* a token, also an application's own */
};

struct route {
	unsigned methods;
	const char *pattern; /* "/@:/posts/:/": ':' captures one segment or the rest of one */
	handler_fn handler;
	enum access access;
	size_t body_limit; /* bytes; 0: 64 KiB */
	bool form; /* POST must carry the session's form token */
	bool own_script; /* only scripts of the tenant's own pages may ask */
	enum surface surface; /* how errors look */
	const char
		*scope; /* that a token must have, "write:statuses", or one of several; NULL: any */
	bool unconfirmed; /* works with the token of a sign-up whose address is not confirmed yet */
	bool always; /* served while the installation rests: needs no database */
	bool shared; /* strangers who ask alike get the same answer: it may be remembered (recall.h) */
	unsigned capability; /* enum capability that a role on the tenant must give; 0: none */
};

/* Host -> tenant -> ctx -> route -> session -> form token -> handler, on the public socket; the private one has no
 * tenants. */
void dispatch_public(struct ctx *c, struct request *q, struct response *r);
/* Of the library that speaks HTTP here. */
const char *http_version(void);
/* The console's name was asked for; then the request is the console's, with all that comes of it. */
bool dispatch_console(struct ctx *c, struct request *q, struct response *r);
/* Whether a host (perhaps with a port) is an address under which the set-up is open just now. */
int dispatch_is_set_up(struct ctx *c, const struct request *q, str host, bool *ret) must_check;
void dispatch_admin(struct ctx *c, struct request *q, struct response *r);
size_t dispatch_body_limit(enum method method, str path);
/* The first steps of dispatch_public, up to the token. */
bool dispatch_admit(struct ctx *c, struct request *q, struct response *r);

/* An error in the surface's own form: page, JSON or text. */
void respond_error(struct ctx *c, const struct request *q, enum surface surface, int err,
		   struct response *r);

/* Tables of the rooms, ended by a route without pattern; the first match wins. */
extern const struct route fedi_routes[];
extern const struct route web_routes[];
extern const struct route
	staff_page_routes[]; /* server/web/staff_routes.c: pages of a tenant's staff */
extern const struct route api_routes[]; /* server/api/routes.c: the client API */
extern const struct route staff_routes[]; /* server/api/staff_routes.c: its administration */
extern const struct route asset_routes[]; /* files of pages, for all */
extern const struct route console_routes[]; /* server/web/console_routes.c: the host's console */
extern const struct route admin_routes[]; /* private socket only */

/* All that dispatch looks into: on the public socket, on the private one, on the console's name; ended by NULL. */
extern const struct route *const public_tables[], *const private_tables[], *const console_tables[];
/* All routes as JSON: a list of objects with socket, pattern, methods, access, surface, scope (or null), form and staff. */
int route_list(struct arena *a, str *ret) must_check;

/* A route that fits the path; sets q->args. E_NOT_FOUND, or E_METHOD when only the method differs. */
int route_find(const struct route *const *tables, struct arena *a, enum method method, str path,
	       str args[4], const struct route **ret) must_check;
#define BODY_LIMIT (64 * 1024)
/* A route whose limit is higher has its bodies in files; who sends one needs a token. */
#define BODY_IN_MEMORY (1024 * 1024)

#endif
