/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The outbound door of one loop: libcurl's multi handle, driven by watches and one timer, and who
 * may use it when. Not for other rooms.
 */
#ifndef FETCH_MULTI_H
#define FETCH_MULTI_H

#include <curl/curl.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/str.h"
#include "fetch/guard.h"
#include "loop/fiber.h"
#include "loop/loop.h"

#define FETCH_HOST_BUCKETS 256

struct fetch {
	struct loop *loop;
	struct arena *arena; /* of what lives as long as the door */
	const struct guard *guard;
	const char *user_agent, *ca_file, *encodings;
	CURLM *multi;
	CURLSH *share; /* TLS sessions */
	struct courier *courier; /* NULL: none */
	struct timer timer;
	unsigned per_host;
	usec timeout; /* of an exchange that says none */
	struct slots slots; /* for all hosts together */
	struct host *hosts[FETCH_HOST_BUCKETS]; /* that somebody uses or waits for */
	unsigned under_way;
};

/*
 * Waits in turn for a connection to the origin ("https://host:port"), until the monotonic
 * deadline: 0 or -ETIMEDOUT. Give the host back with host_leave.
 */
int host_enter(struct fetch *f, str origin, usec deadline, struct host **ret) must_check;
void host_leave(struct fetch *f, struct host *h);

/* Parks the fiber until the transfer ended; CURLE_OPERATION_TIMEDOUT at the monotonic deadline. */
CURLcode multi_run(struct fetch *f, CURL *easy, usec deadline) must_check;

#endif
