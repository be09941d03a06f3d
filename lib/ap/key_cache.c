/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A key is found by the digest of its URI and its bytes, so that a replaced key never serves the
 * old name. Each entry carries one reference of the cache and one of each user; the last one frees
 * it. The mutex guards the table and all reference counts, and is never held while a key is loaded.
 */
#include "ap/key_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypt/hash.h"

#define DIGEST_SIZE 32

struct cached_key {
	char digest[DIGEST_SIZE];
	struct key *key;
	unsigned refs;
	uint64_t used; /* when, on the cache's own clock */
};

static struct {
	pthread_mutex_t mutex;
	struct cached_key *keys[KEY_CACHE_SIZE];
	size_t n;
	uint64_t clock;
} cache = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void unlockp(pthread_mutex_t **m)
{
	pthread_mutex_unlock(*m);
}

#define HOLD_CACHE                                                    \
	pthread_mutex_t *hold cleanup(unlockp) unused = &cache.mutex; \
	pthread_mutex_lock(hold)

static void destroy(struct cached_key *k)
{
	key_free(k->key);
	free(k);
}

/* With the mutex held. */
static void drop(struct cached_key *k)
{
	if (--k->refs == 0)
		destroy(k);
}

/* With the mutex held: a new reference to the entry, or NULL. */
static struct cached_key *find(str digest)
{
	for (size_t i = 0; i < cache.n; i++) {
		struct cached_key *k = cache.keys[i];

		if (memcmp(k->digest, digest.p, DIGEST_SIZE) != 0)
			continue;
		k->used = ++cache.clock;
		k->refs++;
		return k;
	}
	return NULL;
}

/* With the mutex held: a free place, made by throwing out what was not used for longest. */
static size_t place(void)
{
	size_t oldest = 0;

	if (cache.n < KEY_CACHE_SIZE)
		return cache.n++;
	for (size_t i = 1; i < cache.n; i++) {
		if (cache.keys[i]->used < cache.keys[oldest]->used)
			oldest = i;
	}
	drop(cache.keys[oldest]);
	return oldest;
}

static struct cached_key *lookup(str digest)
{
	HOLD_CACHE;

	return find(digest);
}

/* Remembers k, unless another thread was faster: then its entry is taken and k is dropped. */
static struct cached_key *insert(struct cached_key *k)
{
	HOLD_CACHE;
	struct cached_key *other = find((str){ k->digest, DIGEST_SIZE });

	if (other) {
		destroy(k);
		return other;
	}
	k->used = ++cache.clock;
	k->refs++;
	cache.keys[place()] = k;
	return k;
}

int key_cache_get(struct ctx *c, const struct ap_signer *signer, struct cached_key **ret)
{
	str text = str_fmt(c->arena, STR_FMT "\n", STR_ARG(signer->key_uri));
	str digest = hash_sha256(c->arena, str_cat(c->arena, text, signer->private_der));
	struct cached_key *k = lookup(digest);
	struct key *key;

	if (!k) {
		if (key_load_private(signer->private_der, &key))
			return fail(c, E_INVALID, "the private key of " STR_FMT " cannot be loaded",
				    STR_ARG(signer->key_uri));
		k = calloc(1, sizeof(*k));
		if (!k)
			abort();
		memcpy(k->digest, digest.p, DIGEST_SIZE);
		k->key = key;
		k->refs = 1;
		k = insert(k);
	}
	*ret = k;
	return 0;
}

const struct key *cached_key_use(const struct cached_key *k)
{
	return k->key;
}

void cached_key_unref(struct cached_key *k)
{
	HOLD_CACHE;

	drop(k);
}

void cached_key_unrefp(struct cached_key **k)
{
	if (*k)
		cached_key_unref(*k);
}

size_t key_cache_count(void)
{
	HOLD_CACHE;

	return cache.n;
}

void key_cache_forget(void)
{
	HOLD_CACHE;

	while (cache.n)
		drop(cache.keys[--cache.n]);
}
