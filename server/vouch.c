/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the table never grows, and holds only names that tries are counted for: while there are none, a request
 * costs one comparison. Only names of our own are asked about here, and who has none of the places left begins anew.
 *
 * Proxies ask at handshakes: before they try an authority, and some before they look into their own storage as well,
 * so that one try is several questions at once. A name that is visited is never refused, neither when its certificate is
 * renewed nor when the proxy starts anew, because its requests forget what was counted; and who has a certificate
 * shows it all the same while a renewal waits.
 *
 * The pauses leave at each try one failure that the authority still allows, so that a name whose DNS was mended gets its
 * certificate at the next one: a try of Caddy is two failures (http-01, tls-alpn-01), and Let's Encrypt, which allows
 * five, gives one back in twelve minutes.
 */
#include "server/vouch.h"

#include <pthread.h>
#include <string.h>

#include "crypt/hash.h"

#define SETS 512 /* of the table of names; a power of two */
#define WAYS 4
#define TOGETHER (3 * USEC_SEC) /* questions of one try */
#define FREE_TRIES 2 /* without a pause between */
#define FIRST_PAUSE (5 * USEC_MINUTE)
#define LAST_PAUSE USEC_HOUR
#define QUIET USEC_DAY /* who was not asked for so long begins anew */

struct entry {
	uint64_t key;
	usec last; /* try */
	unsigned tries; /* 0: the place is free */
};

static struct entry table[SETS][WAYS];
static size_t taken; /* places */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t key_of(const struct ctx *c, str name)
{
	uint64_t key;

	memcpy(&key, hash_sha256(c->arena, name).p, sizeof(key));
	return key;
}

static struct entry *find(uint64_t key)
{
	struct entry *set = table[key % SETS];

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].tries && set[i].key == key)
			return &set[i];
	return NULL;
}

/* A free place, or that of the name whose last try is the longest ago. */
static struct entry *take_place(uint64_t key)
{
	struct entry *set = table[key % SETS], *place = &set[0];

	for (size_t i = 1; i < WAYS; i++)
		if (place->tries && (!set[i].tries || set[i].last < place->last))
			place = &set[i];
	if (!place->tries)
		__atomic_add_fetch(&taken, 1, __ATOMIC_RELAXED);
	*place = (struct entry){ .key = key };
	return place;
}

static usec pause_after(unsigned tries)
{
	usec pause = FIRST_PAUSE;

	if (tries < FREE_TRIES)
		return 0;
	for (unsigned i = FREE_TRIES; i < tries && pause < LAST_PAUSE; i++)
		pause *= 2;
	return pause < LAST_PAUSE ? pause : LAST_PAUSE;
}

/* Also when the clock was set back: nobody waits for it to come there again. */
static bool is_stale(const struct entry *e, usec now)
{
	return now < e->last || now - e->last >= QUIET;
}

static bool is_same_try(const struct entry *e, usec now)
{
	return e->tries && now - e->last < TOGETHER;
}

static usec wait_of(const struct entry *e, usec now)
{
	usec due;

	if (!e || is_stale(e, now) || is_same_try(e, now))
		return 0;
	due = e->last + pause_after(e->tries);
	return due > now ? due - now : 0;
}

static void count(uint64_t key, struct entry *e, usec now)
{
	if (!e)
		e = take_place(key);
	else if (is_stale(e, now))
		e->tries = 0;
	if (is_same_try(e, now))
		return;
	e->tries++;
	e->last = now;
}

usec vouch_ask(struct ctx *c, str name)
{
	uint64_t key = key_of(c, name);
	struct entry *e;
	usec wait;

	pthread_mutex_lock(&lock);
	e = find(key);
	wait = wait_of(e, c->now);
	if (!wait)
		count(key, e, c->now);
	pthread_mutex_unlock(&lock);
	return wait;
}

usec vouch_look(struct ctx *c, str name)
{
	uint64_t key = key_of(c, name);
	usec wait;

	pthread_mutex_lock(&lock);
	wait = wait_of(find(key), c->now);
	pthread_mutex_unlock(&lock);
	return wait;
}

void vouch_forget(struct ctx *c, str name)
{
	struct entry *e;
	uint64_t key;

	if (!__atomic_load_n(&taken, __ATOMIC_RELAXED))
		return;
	key = key_of(c, name);
	pthread_mutex_lock(&lock);
	e = find(key);
	if (e) {
		e->tries = 0;
		__atomic_sub_fetch(&taken, 1, __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&lock);
}
