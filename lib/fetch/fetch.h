/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The only door to other servers: libcurl's multi interface on the loop. It knows HTTP and nothing
 * of ActivityPub. Every request passes the guard (guard.h): http(s) only, ports limited, each
 * resolved address checked when the socket is connected, again on every redirect (redirects are
 * followed here, never by libcurl, so that the caller's sign function makes new headers for each).
 */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct loop;
struct fetch;

struct fetch_options {
	const char *user_agent; /* "Rookery/0.1 (+https://host/)" */
	const char *ca_file; /* NULL: the system's bundle */
	/* Addresses that development and tests open: "127.0.0.1:8080 [::1]:9000 10.7.0.0/24:443";
	 * NULL or "": none. Plain http is allowed to exactly these. */
	const char *allow;
	/* Socket of the courier (courier.h) that makes the exchanges that have a name; NULL or "": none. */
	const char *courier;
	usec timeout; /* of an exchange; 0: FETCH_TIMEOUT */
	unsigned connections; /* kept in all */
	unsigned per_host; /* connections to one host at once */
};

int fetch_new(struct loop *l, const struct fetch_options *o, struct fetch **ret) must_check;
void fetch_free(struct fetch *f);

struct fetch_header {
	str name;
	str value;
};

/* Signature version 4 of Amazon Web Services, which other stores of objects take as well. */
struct fetch_sigv4 {
	str scope; /* "aws:amz:eu-central-1:s3" */
	str user; /* "access key:secret key" */
};

struct fetch_request {
	str method; /* empty: GET */
	str url;
	const struct fetch_header *headers;
	size_t n_headers;
	str body;
	/*
	 * Called for each hop with its URL, the first included; adds headers (a signature) to the
	 * array of *n used entries that has room for 16. NULL: none.
	 */
	int (*sign)(struct ctx *c, void *arg, str method, str url, str body,
		    struct fetch_header *headers, size_t *n);
	void *arg;
	/* Media types of a 2xx body, NULL-ended; NULL: any. "application/ld+json; profile=..."
	 * compares parameters. */
	const char *const *accept_types;
	size_t limit; /* bytes of the body; 0: FETCH_BODY_LIMIT */
	unsigned redirects; /* followed at most, for GET and HEAD; 0: none, the 3xx is the answer */
	usec timeout; /* of the whole exchange; 0: that of the door */
	const int *sink; /* an open file that a 2xx body is written to; NULL: into memory */
	const struct fetch_sigv4 *sigv4; /* NULL: not signed like this */
	str once; /* name under which the courier makes this exchange once, whoever asks again; empty: here */
};

#define FETCH_BODY_LIMIT (1024 * 1024)
#define FETCH_TIMEOUT (15 * USEC_SEC)
#define FETCH_CONNECT_TIMEOUT (5 * USEC_SEC)

struct fetch_response {
	int status;
	str url; /* of the last hop */
	str type; /* Content-Type as sent, lower case, "" when absent */
	str body; /* without a sink, or when it is no 2xx */
	size_t size; /* bytes of the body, wherever it went */
	usec retry_after; /* from now; 0: none said (RFC 9110, 10.2.3) */
	const struct fetch_header *headers; /* names in lower case */
	size_t n_headers;
};

/*
 * Parks the fiber for one exchange. 0 with whatever status came back; judge by the status. From 400
 * on the body is what came of it, within the limit. E_REFUSED when the guard refused (nothing was
 * sent to that address) or a redirect leads to no http(s) URL, E_LATER for network errors and
 * time-outs, E_TOO_LARGE for a body over the limit, E_REMOTE for too many redirects or a broken
 * answer, E_UNSUPPORTED for a 2xx of another media type, E_INVALID for a URL that is none.
 *
 * Authorization and Cookie in headers are not sent on to another host.
 */
int fetch(struct ctx *c, const struct fetch_request *q, struct fetch_response *ret) must_check;

/* Whether the guard lets a URL pass, before anything is resolved: for addresses that are kept for later. */
bool fetch_may(struct ctx *c, str url);

/* The library behind it, and what it speaks TLS with: "8.5.0 (OpenSSL/3.0.2)". */
str fetch_version(struct arena *a);

/* First value of the header (name in lower case), or the null str. */
str fetch_header(const struct fetch_response *r, str name);

#endif
