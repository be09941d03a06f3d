/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a transfer is in the multi handle only while its fiber is parked in multi_run, and
 * libcurl is only ever entered from the loop or from such a fiber, never from its own callbacks.
 *
 * The queues for hosts are ours. libcurl has its own, but looks at one waiting transfer only when
 * another ends, and its time-outs do not count there: a silent host would hold up all others.
 */
#include "fetch/multi.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/err.h"
#include "fetch/courier.h"
#include "fetch/fetch.h"

#define CA_FILE "/etc/ssl/certs/ca-certificates.crt"

struct host {
	struct host *next; /* in its bucket */
	struct slots slots;
	unsigned users;
	size_t length;
	char origin[];
};

struct transfer {
	struct fiber *fiber;
	CURLcode code;
	bool done;
};

static struct host **bucket_of(struct fetch *f, str origin)
{
	uint32_t hash = 2166136261; /* FNV-1a */

	for (size_t i = 0; i < origin.n; i++)
		hash = (hash ^ (unsigned char)origin.p[i]) * 16777619;
	return &f->hosts[hash % FETCH_HOST_BUCKETS];
}

static struct host *host_find(struct fetch *f, str origin)
{
	struct host **bucket = bucket_of(f, origin), *h = *bucket;

	while (h && !str_eq((str){ h->origin, h->length }, origin))
		h = h->next;
	if (h)
		return h;
	h = calloc(1, sizeof(*h) + origin.n);
	if (!h)
		return NULL;
	slots_init(&h->slots, f->per_host);
	h->length = origin.n;
	memcpy(h->origin, origin.p, origin.n);
	h->next = *bucket;
	*bucket = h;
	return h;
}

static void host_unref(struct fetch *f, struct host *h)
{
	struct host **place = bucket_of(f, (str){ h->origin, h->length });

	if (--h->users)
		return;
	while (*place != h)
		place = &(*place)->next;
	*place = h->next;
	free(h);
}

int host_enter(struct fetch *f, str origin, usec deadline, struct host **ret)
{
	struct host *h = host_find(f, origin);
	int result;

	if (!h)
		return -ENOMEM;
	h->users++;
	result = slots_take(&h->slots, deadline);
	if (!result) {
		result = slots_take(&f->slots, deadline);
		if (result)
			slots_give(&h->slots);
	}
	if (result)
		host_unref(f, h);
	else
		*ret = h;
	return result;
}

void host_leave(struct fetch *f, struct host *h)
{
	slots_give(&f->slots);
	slots_give(&h->slots);
	host_unref(f, h);
}

/* Hands each transfer that ended to its fiber. */
static void deliver(struct fetch *f)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(f->multi, &left))) {
		CURLcode code = message->data.result;
		CURL *easy = message->easy_handle;
		struct transfer *t;

		/* The message is gone once the handle is removed. */
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
		curl_multi_remove_handle(f->multi, easy);
		t->code = code;
		t->done = true;
		fiber_wake(t->fiber);
	}
}

static void act(struct fetch *f, curl_socket_t fd, int bits)
{
	int running;

	curl_multi_socket_action(f->multi, fd, bits, &running);
	deliver(f);
}

/* libcurl may free the watch meanwhile. An error or a hang-up is read as data is, because libcurl
 * would drop what was still to be read if it were told so. */
static void on_ready(struct watch *w, uint32_t events)
{
	int bits = 0;

	if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		bits |= CURL_CSELECT_IN;
	if (events & EPOLLOUT || (events & (EPOLLERR | EPOLLHUP) && w->events & EPOLLOUT))
		bits |= CURL_CSELECT_OUT;
	act(w->arg, w->fd, bits);
}

static void on_timer(struct timer *t)
{
	act(t->arg, CURL_SOCKET_TIMEOUT, 0);
}

static void watch_new(struct fetch *f, int fd, uint32_t events)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return;
	*w = (struct watch){ .fn = on_ready, .arg = f, .fd = fd, .events = events };
	if (watch_add(f->loop, w))
		free(w);
	else
		curl_multi_assign(f->multi, fd, w);
}

/* Never reports a failure: libcurl would give up all transfers at once. A transfer without its
 * watch ends at its deadline. */
static int on_socket(unused CURL *easy, curl_socket_t fd, int what, void *arg, void *watch)
{
	uint32_t events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
			  (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);

	if (what != CURL_POLL_REMOVE) {
		if (!watch)
			watch_new(arg, fd, events);
		else if (watch_change(watch, events))
			watch_remove(watch);
	} else if (watch) {
		watch_remove(watch);
		free(watch);
	}
	return 0;
}

static int on_timeout(unused CURLM *multi, long milliseconds, void *arg)
{
	struct fetch *f = arg;

	if (milliseconds < 0)
		timer_stop(&f->timer);
	else
		timer_start(f->loop, &f->timer, milliseconds * USEC_MSEC);
	return 0;
}

CURLcode multi_run(struct fetch *f, CURL *easy, usec deadline)
{
	struct transfer t = { .fiber = fiber_self(), .code = CURLE_OPERATION_TIMEDOUT };

	assert(t.fiber);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, &t);
	if (curl_multi_add_handle(f->multi, easy))
		return CURLE_FAILED_INIT;
	f->under_way++;
	while (!t.done && fiber_park(deadline))
		;
	f->under_way--;
	if (!t.done)
		curl_multi_remove_handle(f->multi, easy);
	return t.code;
}

/* The content codings that this libcurl decodes, of those that servers use. */
static const char *encodings(void)
{
	int features = curl_version_info(CURLVERSION_NOW)->features;

	if (features & CURL_VERSION_BROTLI)
		return "gzip, br";
	return features & CURL_VERSION_LIBZ ? "gzip" : "identity";
}

/* libcurl opens at most a connection more per transfer than the slots allow, so its own limits
 * never make a transfer wait. */
static bool multi_open(struct fetch *f, const struct fetch_options *o)
{
	bool bad = false;

	f->multi = curl_multi_init();
	f->share = curl_share_init();
	if (!f->multi || !f->share)
		return false;
	bad |= curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK;
	bad |= curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f) != CURLM_OK;
	bad |= curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_timeout) != CURLM_OK;
	bad |= curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f) != CURLM_OK;
	bad |= curl_multi_setopt(f->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING) != CURLM_OK;
	bad |= curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)o->connections) != CURLM_OK;
	bad |= curl_multi_setopt(f->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)o->per_host) !=
	       CURLM_OK;
	bad |= curl_share_setopt(f->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) !=
	       CURLSHE_OK;
	return !bad;
}

int fetch_new(struct loop *l, const struct fetch_options *o, struct fetch **ret)
{
	struct fetch *f = calloc(1, sizeof(*f));
	str bad;
	int result;

	assert(o->connections && o->per_host);
	if (!f || curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(f);
		return -ENOMEM;
	}
	f->loop = l;
	f->arena = arena_new();
	f->timer = (struct timer){ .fn = on_timer, .arg = f };
	f->user_agent = str_z(f->arena, str_c(o->user_agent));
	f->ca_file = str_z(f->arena, str_c(o->ca_file ? o->ca_file : CA_FILE));
	f->encodings = encodings();
	f->per_host = o->per_host;
	f->timeout = o->timeout ? o->timeout : FETCH_TIMEOUT;
	slots_init(&f->slots, o->connections);
	result = guard_new(f->arena, o->allow, &f->guard, &bad);
	if (!result && !multi_open(f, o))
		result = -ENOMEM;
	if (!result && o->courier && *o->courier)
		result = courier_new(l, o->courier, &f->courier);
	if (result)
		fetch_free(f);
	else
		*ret = f;
	return result;
}

void fetch_free(struct fetch *f)
{
	if (!f)
		return;
	assert(!f->under_way);
	courier_free(f->courier);
	/* Closing connections still calls on_socket and on_timeout. */
	curl_multi_cleanup(f->multi);
	curl_share_cleanup(f->share);
	timer_stop(&f->timer);
	arena_free(f->arena);
	free(f);
	curl_global_cleanup();
}

str fetch_version(struct arena *a)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	return str_fmt(a, "%s (%s)", v->version, v->ssl_version ? v->ssl_version : "no TLS");
}
