/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a name has one entry from its first request on, and an entry has one exchange; whoever
 * asks for the name gets its answer, now or when it is there. An entry outlives those that asked.
 */
#include "fetch/courier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/fiber.h"
#include "loop/loop.h"

#define BUCKETS 16384

struct service {
	struct loop *loop;
	struct fetch *fetch;
	struct watch watch;
	struct entry *buckets[BUCKETS];
	struct entry *oldest, *newest; /* by time of the answer */
	size_t n_entries;
};

struct client {
	struct service *service;
	int fd, write_fd;
	struct slots writing;
	unsigned references; /* its reader, and exchanges that it waits for */
	bool gone;
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
	struct arena *arena; /* of the request; then of the answer */
	struct courier_request request;
	struct courier_answer answer;
	struct asker *askers;
	uint64_t hash;
	usec answered; /* monotonic; 0: under way */
	str name; /* in memory of its own */
};

static void client_unref(struct client *l)
{
	if (--l->references)
		return;
	close(l->fd);
	close(l->write_fd);
	free(l);
}

/* FNV-1a */
static uint64_t hash_of(str name)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * 1099511628211u;
	return h;
}

static void say(struct client *l, int64_t tag, struct courier_answer answer)
{
	struct arena *a cleanup(arena_freep) = arena_new();
	str frame;

	answer.tag = tag;
	frame = courier_write_answer(a, &answer);
	if (l->gone || slots_take(&l->writing, 0))
		return;
	if (courier_send(l->write_fd, frame))
		shutdown(l->fd, SHUT_RDWR);
	slots_give(&l->writing);
}

static void forget(struct service *s, struct entry *e)
{
	struct entry **at = &s->buckets[e->hash % BUCKETS];

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	s->n_entries--;
	arena_free(e->arena);
	free(e);
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

/* Keeps the little that is passed on, and gives the request's memory back. */
static void remember(struct entry *e, const struct courier_answer *answer)
{
	struct service *s = e->service;
	struct arena *a = arena_new();
	str frame = courier_write_answer(a, answer);

	if (!courier_read_answer(a, str_from(frame, sizeof(uint32_t)), &e->answer))
		e->answer = (struct courier_answer){ .result = -EIO };
	e->name = str_dup(a, e->name);
	arena_free(e->arena);
	e->arena = a;
	e->answered = clock_mono();
	if (s->newest)
		s->newest->younger = e;
	else
		s->oldest = e;
	s->newest = e;
}

static void carry(void *arg)
{
	struct entry *e = arg;
	struct courier_answer answer = { 0 };
	struct asker *askers;
	struct ctx c;

	ctx_init(&c, arena_new());
	c.fetch = e->service->fetch;
	e->request.hop.deadline += clock_mono();
	answer.result = exchange_run(&c, &e->request.hop, &answer.response);
	if (answer.result)
		answer.error = ctx_error(&c, answer.result);
	remember(e, &answer);
	arena_free(c.arena);
	askers = e->askers;
	e->askers = NULL;
	while (askers) {
		struct asker *next = askers->next;

		say(askers->client, askers->tag, e->answer);
		client_unref(askers->client);
		free(askers);
		askers = next;
	}
}

static struct entry *find(struct service *s, str name, uint64_t hash)
{
	struct entry *e = s->buckets[hash % BUCKETS];

	while (e && (e->hash != hash || !str_eq(e->name, name)))
		e = e->next;
	return e;
}

/* Takes the arena over. NULL: no memory, or too much is under way. */
static struct entry *entry_new(struct service *s, struct arena *a, const struct courier_request *q,
			       uint64_t hash)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e || fiber_spawn(s->loop, carry, e)) {
		free(e);
		return NULL;
	}
	e->service = s;
	e->arena = a;
	e->request = *q;
	e->name = q->name;
	e->hash = hash;
	e->next = s->buckets[hash % BUCKETS];
	s->buckets[hash % BUCKETS] = e;
	s->n_entries++;
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

/* False when the client does not speak the language. */
static bool serve_one(struct client *l)
{
	struct service *s = l->service;
	struct arena *a = arena_new();
	struct courier_request q;
	struct entry *e = NULL;
	bool taken = false, ok;
	str frame;

	ok = courier_receive(a, l->fd, &frame) == 0 && courier_read_request(a, frame, &q);
	if (ok) {
		uint64_t hash = hash_of(q.name);
		int64_t tag = q.tag;

		forget_old(s);
		e = find(s, q.name, hash);
		if (!e) {
			e = entry_new(s, a, &q, hash);
			taken = e != NULL;
		}
		if (e && e->answered)
			say(l, tag, e->answer);
		else
			ok = e && wait_for(e, l, tag);
	}
	if (!taken)
		arena_free(a);
	return ok;
}

static void serve_client(void *arg)
{
	struct client *l = arg;

	while (serve_one(l))
		;
	l->gone = true;
	client_unref(l);
}

static void on_client(struct watch *w, unused uint32_t events)
{
	struct service *s = w->arg;
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *l = fd >= 0 ? calloc(1, sizeof(*l)) : NULL;

	if (!l) {
		if (fd >= 0)
			close(fd);
		return;
	}
	*l = (struct client){ .service = s, .fd = fd, .write_fd = dup(fd), .references = 1 };
	slots_init(&l->writing, 1);
	if (l->write_fd < 0 || fiber_spawn(s->loop, serve_client, l))
		client_unref(l);
}

int courier_serve(struct loop *l, struct fetch *f, int listen_fd)
{
	struct service *s = calloc(1, sizeof(*s));
	int result;

	if (!s)
		return -ENOMEM;
	s->loop = l;
	s->fetch = f;
	s->watch = (struct watch){ .fn = on_client, .arg = s, .fd = listen_fd, .events = EPOLLIN };
	result = watch_add(l, &s->watch);
	if (result) {
		free(s);
		return result;
	}
	while (!loop_is_stopping(l))
		fiber_sleep(USEC_SEC / 4);
	watch_remove(&s->watch);
	return 0;
}
