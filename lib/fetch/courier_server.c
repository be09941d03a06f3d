/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a name has one entry from its first request on, and an entry has one exchange; whoever
 * asks for the name gets its answer, now or when it is there. An entry outlives those that asked.
 * Until its answer an entry belongs to the fiber that carries it, then to the list of old ones; of
 * the answer only its frame is kept.
 */
#include "fetch/courier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fetch/letter.h"
#include "fetch/multi.h"
#include "loop/fiber.h"
#include "loop/loop.h"

#define BUCKETS 16384
#define TYPE_LIMIT 200 /* bytes of a Content-Type that are kept */

struct service {
	struct loop *loop;
	struct fetch *fetch;
	struct fiber *fiber; /* of courier_serve */
	struct watch watch;
	struct client *clients;
	struct entry *buckets[BUCKETS];
	struct entry *oldest, *newest; /* by time of the answer */
	size_t n_clients, n_entries;
	size_t under_way;
};

struct client {
	struct client *next, **at; /* in the service's list */
	struct service *service;
	int fd, write_fd; /* the same socket twice: the loop knows one waiter for each number */
	struct slots writing;
	unsigned references; /* its reader, and exchanges that it waits for */
	bool deaf; /* it does not read, or does not speak the language */
};

struct asker {
	struct asker *next;
	struct client *client;
	int64_t tag;
};

struct entry {
	struct entry *next; /* in the bucket */
	struct entry *younger; /* in the order of answers */
	struct service *service;
	struct arena *arena; /* of the request; NULL once it is answered */
	struct courier_request request;
	struct asker *askers;
	char *frame; /* of the answer */
	size_t frame_n;
	uint64_t hash;
	usec answered; /* monotonic; 0: under way */
	size_t name_n;
	char name[];
};

/* Clients */

static void client_unref(struct client *l)
{
	struct service *s = l->service;

	if (--l->references)
		return;
	*l->at = l->next;
	if (l->next)
		l->next->at = l->at;
	s->n_clients--;
	close(l->fd);
	close(l->write_fd);
	free(l);
	fiber_wake(s->fiber);
}

/* Ends its reader too. */
static void client_drop(struct client *l)
{
	l->deaf = true;
	shutdown(l->fd, SHUT_RDWR);
}

/* The entry may be forgotten meanwhile: its frame is copied before anything waits. */
static void say(struct client *l, int64_t tag, const struct entry *e)
{
	struct arena *a cleanup(arena_freep) = arena_new();
	char *frame = arena_copy(a, e->frame, e->frame_n);
	usec deadline = clock_mono() + COURIER_PATIENCE;
	size_t n = e->frame_n;

	courier_tag(frame, tag);
	if (l->deaf || slots_take(&l->writing, deadline))
		return;
	if (!l->deaf && courier_send(l->write_fd, (str){ frame, n }, deadline))
		client_drop(l);
	slots_give(&l->writing);
}

/* Entries */

/* FNV-1a */
static uint64_t hash_of(str name)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * 1099511628211u;
	return h;
}

static void entry_free(struct entry *e)
{
	arena_free(e->arena);
	free(e->frame);
	free(e);
}

static void forget(struct service *s, struct entry *e)
{
	struct entry **at = &s->buckets[e->hash % BUCKETS];

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	s->n_entries--;
	entry_free(e);
}

static void forget_old(struct service *s)
{
	usec then = clock_mono() - COURIER_MEMORY;

	while (s->oldest && (s->oldest->answered < then || s->n_entries > COURIER_ENTRIES)) {
		struct entry *e = s->oldest;

		s->oldest = e->younger;
		if (!s->oldest)
			s->newest = NULL;
		forget(s, e);
	}
}

/* Keeps the answer's frame, and gives the request's memory back. */
static void remember(struct entry *e, struct arena *a, struct courier_answer *answer)
{
	struct service *s = e->service;
	struct courier_answer broken = { .result = -EIO };
	str frame;

	answer->response.type = str_clip(answer->response.type, TYPE_LIMIT);
	frame = courier_write_answer(a, answer);
	if (str_is_null(frame))
		frame = courier_write_answer(a, &broken);
	e->frame = malloc(frame.n);
	if (!e->frame)
		abort(); /* as an arena would */
	memcpy(e->frame, frame.p, frame.n);
	e->frame_n = frame.n;
	arena_free(e->arena);
	e->arena = NULL;
	e->answered = clock_mono();
	if (s->newest)
		s->newest->younger = e;
	else
		s->oldest = e;
	s->newest = e;
}

static int exchange(struct ctx *c, struct hop *hop, struct fetch_response *ret)
{
	const struct url *u = &hop->url;

	if (str_eq(hop->method, STR(LETTER_METHOD))) {
		hop->deadline += clock_mono();
		return letter_run(c, hop, ret);
	}
	if (!guard_allows_url(c->fetch->guard, u->scheme, u->host, u->port))
		return fail(c, E_REFUSED, STR_FMT " may not be reached", STR_ARG(hop->text));
	if (hop->limit > FETCH_BODY_LIMIT)
		hop->limit = FETCH_BODY_LIMIT;
	hop->deadline += clock_mono();
	return exchange_run(c, hop, ret);
}

static void make_exchange(struct entry *e)
{
	struct courier_answer answer = { 0 };
	struct ctx c;

	ctx_init(&c, arena_new());
	c.fetch = e->service->fetch;
	answer.result = exchange(&c, &e->request.hop, &answer.response);
	if (answer.result)
		answer.error = ctx_error(&c, answer.result);
	remember(e, c.arena, &answer);
	arena_free(c.arena);
}

static void tell(struct asker *askers, const struct entry *e)
{
	while (askers) {
		struct asker *next = askers->next;

		say(askers->client, askers->tag, e);
		client_unref(askers->client);
		free(askers);
		askers = next;
	}
}

/* What is told is a copy: while one that does not read is waited for, the entry may be forgotten. */
static void carry(void *arg)
{
	struct entry *e = arg, told = { 0 };
	struct service *s = e->service;
	struct arena *a cleanup(arena_freep) = arena_new();

	make_exchange(e);
	told.frame = arena_copy(a, e->frame, e->frame_n);
	told.frame_n = e->frame_n;
	told.askers = e->askers;
	e->askers = NULL;
	tell(told.askers, &told);
	s->under_way--;
	fiber_wake(s->fiber);
}

static struct entry *find(struct service *s, str name, uint64_t hash)
{
	struct entry *e = s->buckets[hash % BUCKETS];

	while (e && (e->hash != hash || !str_eq((str){ e->name, e->name_n }, name)))
		e = e->next;
	return e;
}

/* Takes the arena over. NULL: no memory, or too much is under way. */
static struct entry *entry_new(struct service *s, struct arena *a, const struct courier_request *q,
			       uint64_t hash)
{
	struct entry *e = calloc(1, sizeof(*e) + q->name.n);

	if (!e || fiber_spawn(s->loop, carry, e)) {
		free(e);
		return NULL;
	}
	e->service = s;
	e->arena = a;
	e->request = *q;
	memcpy(e->name, q->name.p, q->name.n);
	e->name_n = q->name.n;
	e->hash = hash;
	e->next = s->buckets[hash % BUCKETS];
	s->buckets[hash % BUCKETS] = e;
	s->n_entries++;
	s->under_way++;
	return e;
}

static bool wait_for(struct entry *e, struct client *l, int64_t tag)
{
	struct asker *k = calloc(1, sizeof(*k));

	if (!k)
		return false;
	*k = (struct asker){ .next = e->askers, .client = l, .tag = tag };
	e->askers = k;
	l->references++;
	return true;
}

/* Requests */

/* The arena becomes the entry's when the name is new. False when it cannot be served. */
static bool serve_request(struct client *l, struct arena **a, const struct courier_request *q)
{
	struct service *s = l->service;
	uint64_t hash = hash_of(q->name);
	int64_t tag = q->tag;
	struct entry *e;

	forget_old(s);
	e = find(s, q->name, hash);
	if (!e) {
		e = entry_new(s, *a, q, hash);
		if (!e)
			return false;
		*a = NULL;
	}
	if (!e->answered)
		return wait_for(e, l, tag);
	say(l, tag, e);
	return true;
}

/* 0, or why nothing more can be read. */
static int serve_one(struct client *l)
{
	struct arena *a cleanup(arena_freep) = arena_new();
	struct courier_request q;
	str frame;

	TRY(courier_receive(a, l->fd, &frame));
	if (!courier_read_request(a, frame, &q))
		return -EBADMSG;
	return serve_request(l, &a, &q) ? 0 : -EBADMSG;
}

/* One that says no more may still listen. */
static void serve_client(void *arg)
{
	struct client *l = arg;
	int result = 0;

	while (!result)
		result = serve_one(l);
	if (result != -EPIPE)
		client_drop(l);
	client_unref(l);
}

static struct client *client_new(struct service *s, int fd)
{
	struct client *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	*l = (struct client){ .service = s, .fd = fd, .write_fd = dup(fd), .references = 1 };
	slots_init(&l->writing, 1);
	if (l->write_fd < 0 || fiber_spawn(s->loop, serve_client, l)) {
		if (l->write_fd >= 0)
			close(l->write_fd);
		free(l);
		return NULL;
	}
	l->next = s->clients;
	l->at = &s->clients;
	if (l->next)
		l->next->at = &l->next;
	s->clients = l;
	s->n_clients++;
	return l;
}

static void on_client(struct watch *w, unused uint32_t events)
{
	struct service *s = w->arg;
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (s->n_clients >= COURIER_CLIENTS || !client_new(s, fd))
		close(fd);
}

/* Asks nobody for more, but what was begun is ended and answered: its clients wait for that. */
static void drain(struct service *s)
{
	for (struct client *l = s->clients; l; l = l->next)
		shutdown(l->fd, SHUT_RD);
	while (s->under_way || s->clients)
		fiber_park(0);
}

static void service_free(struct service *s)
{
	for (size_t i = 0; i < BUCKETS; i++)
		while (s->buckets[i]) {
			struct entry *next = s->buckets[i]->next;

			entry_free(s->buckets[i]);
			s->buckets[i] = next;
		}
	free(s);
}

int courier_serve(struct loop *l, struct fetch *f, int listen_fd)
{
	struct service *s = calloc(1, sizeof(*s));
	int result;

	if (!s)
		return -ENOMEM;
	s->loop = l;
	s->fetch = f;
	s->fiber = fiber_self();
	s->watch = (struct watch){ .fn = on_client, .arg = s, .fd = listen_fd, .events = EPOLLIN };
	result = watch_add(l, &s->watch);
	while (!result && !loop_is_stopping(l))
		fiber_park(0);
	watch_remove(&s->watch);
	drain(s);
	service_free(s);
	return result;
}
