/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The courier: a process of its own that makes exchanges for others, each named exchange once. It
 * holds no key and no database. A stator that is killed leaves its exchanges to the courier; the
 * next one asks under the same name and gets the answer that came meanwhile, so that no server sees
 * twice what it accepted. Client and courier speak over a Unix socket, frame by frame.
 */
#ifndef FETCH_COURIER_H
#define FETCH_COURIER_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/out.h"
#include "base/str.h"
#include "fetch/exchange.h"

struct loop;
struct fetch;

#define COURIER_FRAME_LIMIT (2 * 1024 * 1024) /* bytes */
#define COURIER_NAME_LIMIT 256 /* bytes */
#define COURIER_HEADERS 64 /* of a request */
#define COURIER_ANSWER_LIMIT 512 /* bytes of an answer's body that are kept and passed on */
#define COURIER_TIME_LIMIT USEC_MINUTE /* for one exchange */
#define COURIER_MEMORY USEC_HOUR /* an answer is remembered for at least this long ... */
#define COURIER_ENTRIES 50000 /* ... unless there are more of them */
#define COURIER_CLIENTS 256 /* at once; more are turned away */
#define COURIER_PATIENCE \
	(10 * USEC_SEC) /* with an end that does not read, or an answer that is late */

/* Client */

struct courier;

/* Connects when it is first needed, and again after a loss. address: "/path" or "@abstract". */
int courier_new(struct loop *l, const char *address, struct courier **ret) must_check;
void courier_free(struct courier *k);

/*
 * As exchange_run(), by the courier: under a name that was asked before, the exchange that is under
 * way or was made is the answer. -EPIPE when the courier is away or late: whether the exchange was
 * made is not known, and the same name must be asked again. Of the answer only status, url, type,
 * retry_after and the start of the body come back.
 */
int courier_run(struct ctx *c, struct courier *k, str name, const struct hop *hop,
		struct fetch_response *ret) must_check;

/* Courier */

/*
 * In a fiber: serves clients of the listening socket with the exchanges of f, until the loop stops
 * and this fiber is woken. Exchanges that were begun are ended and answered before it returns. The
 * descriptor stays the caller's.
 */
int courier_serve(struct loop *l, struct fetch *f, int listen_fd) must_check;

/* Frames (courier_wire.c) */

struct courier_request {
	int64_t tag; /* chosen by the client, comes back with the answer */
	str name;
	struct hop hop; /* its deadline counts from the start of the exchange: as a duration */
};

struct courier_answer {
	int64_t tag;
	int result; /* of exchange_run */
	str error; /* its message */
	struct fetch_response response; /* status, url, type, body, retry_after */
};

str courier_write_request(struct arena *a, const struct courier_request *q);
str courier_write_answer(struct arena *a, const struct courier_answer *w);
/* False for bytes that are no such frame (the length in front is not part of them). */
bool courier_read_request(struct arena *a, str frame, struct courier_request *ret) must_check;
bool courier_read_answer(struct arena *a, str frame, struct courier_answer *ret) must_check;

/* One frame from, or to, a non-blocking socket; parks. -EPIPE at the end, -EBADMSG over the limit,
 * -ETIMEDOUT at the monotonic deadline. */
int courier_receive(struct arena *a, int fd, str *ret) must_check;
int courier_send(int fd, str frame, usec deadline) must_check;
/* The tag of a whole frame, the length included. */
void courier_tag(char *frame, int64_t tag);

#endif
