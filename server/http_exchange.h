/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * exchange: one request and its response, between libmicrohttpd and the handlers. http.c and
 * http_*.c are one door in several files; nothing else includes this.
 */
#ifndef SERVER_HTTP_EXCHANGE_H
#define SERVER_HTTP_EXCHANGE_H

#include "base/out.h"
#include "db/db.h"
#include "server/http.h"

struct MHD_Connection;
struct MHD_Response;
struct sockaddr;

struct exchange_pair {
	str name, value;
};

struct exchange {
	struct http *http;
	struct MHD_Connection *connection;
	struct ctx ctx;
	struct request request;
	struct response response;
	struct out body;
	size_t body_limit;
	int spool; /* file of a large body; -1: none */
	size_t spooled; /* bytes in it */
	str mapped; /* its bytes, for the handler */
	int body_error; /* enum err: why it cannot be taken */
	bool is_large; /* the body goes to a file, if its sender is admitted */
	bool is_counted; /* among the large ones */
	bool awaits_body; /* was admitted, and nothing came yet */
	struct exchange_pair *headers; /* names in lower case */
	size_t n_headers;
	struct exchange_pair *form; /* parsed when first asked for */
	size_t n_form;
	struct request_file *files;
	size_t n_files;
	bool form_is_parsed, is_done;
	usec begun; /* monotonic */
	bool is_taken; /* by request_take(): there is nobody to answer */
};

/* Fills in headers, query, authority, scheme and address. */
void exchange_identify(struct exchange *x, const struct sockaddr *peer);
/* What is sent: status, headers that every response has, and the body. NULL: no memory. */
struct MHD_Response *exchange_response(struct exchange *x);

void exchange_add(struct MHD_Response *m, struct exchange *x, const char *name, str value);

/* http_body.c: the body as it comes, in memory or in a file. */
void body_init(struct exchange *x);
void body_add(struct exchange *x, str data);
/* All of it is there: request.body is set. An enum err when it could not be taken. */
int body_end(struct exchange *x) must_check;
void body_done(struct exchange *x);

/* http_file.c: what is sent of response.file. */
struct MHD_Response *file_response(struct exchange *x);
void file_done(struct exchange *x);

#endif
