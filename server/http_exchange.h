/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * exchange: one request and its response, between libmicrohttpd and the handlers. http.c and
 * http_exchange.c are one door in two files; nothing else includes this.
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
	struct exchange_pair *headers; /* names in lower case */
	size_t n_headers;
	struct exchange_pair *form; /* parsed when first asked for */
	size_t n_form;
	struct request_file *files;
	size_t n_files;
	bool form_is_parsed, is_done;
	bool is_taken; /* by request_take(): there is nobody to answer */
};

/* Fills in headers, query, authority, scheme and address. */
void exchange_identify(struct exchange *x, const struct sockaddr *peer);
/* What is sent: status, headers that every response has, and the body. NULL: no memory. */
struct MHD_Response *exchange_response(struct exchange *x);

#endif
