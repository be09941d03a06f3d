/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a count costs a few bytes of a table that never grows. When its places for a key are
 * all taken by living windows, the one with the fewest hits makes room: whoever asks much is
 * remembered longest.
 */
#include "server/rate.h"

#include <pthread.h>
#include <string.h>

#include "crypt/hash.h"
#include "model/settings.h"
#include "model/throttle.h"
#include "model/token.h"

#define SETS 4096 /* of the table of windows; a power of two */
#define WAYS 4

enum subject { BY_TENANT, BY_ADDRESS, BY_TOKEN };

/* What is counted together. */
enum bucket { BUCKET_ALL, BUCKET_MEDIA, BUCKET_DELETE, BUCKET_APPS, BUCKET_SIGN_UP, BUCKET_GRANT };

static const struct rule {
	enum bucket bucket;
	enum subject by;
	unsigned methods; /* 0: all */
	const char *pattern; /* of the route; NULL: all */
	int64_t limit;
	usec window;
	const char *shared; /* purpose under which all servers count; NULL: each for itself */
} rules[] = {
	{ BUCKET_ALL, BY_TENANT, 0, NULL, 200000, 5 * USEC_MINUTE, NULL },
	{ BUCKET_ALL, BY_ADDRESS, 0, NULL, 7500, 5 * USEC_MINUTE, NULL },
	{ BUCKET_ALL, BY_TOKEN, 0, NULL, 300, 5 * USEC_MINUTE, NULL },
	{ BUCKET_MEDIA, BY_TOKEN, METHOD_POST, "/api/v1/media", 30, 30 * USEC_MINUTE, NULL },
	{ BUCKET_MEDIA, BY_TOKEN, METHOD_POST, "/api/v2/media", 30, 30 * USEC_MINUTE, NULL },
	{ BUCKET_DELETE, BY_TOKEN, METHOD_DELETE, "/api/v1/statuses/:", 30, 30 * USEC_MINUTE,
	  NULL },
	{ BUCKET_APPS, BY_ADDRESS, METHOD_POST, "/api/v1/apps", 25, 10 * USEC_MINUTE, "api_apps" },
	{ BUCKET_SIGN_UP, BY_ADDRESS, METHOD_POST, "/api/v1/accounts", 25, 5 * USEC_MINUTE,
	  "api_sign_up" },
	{ BUCKET_GRANT, BY_ADDRESS, METHOD_POST, "/oauth/token", 100, 5 * USEC_MINUTE,
	  "api_grant" },
};

struct window {
	uint64_t key;
	usec end;
	int64_t hits;
};

static struct window table[SETS][WAYS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint64_t seed; /* so that nobody can choose keys that meet */

static void make_seed(void)
{
	struct arena *a cleanup(arena_freep) = arena_new();

	memcpy(&seed, random_bytes(a, sizeof(seed)).p, sizeof(seed));
}

/* The finalizer of MurmurHash3: every bit of the input moves half of the output's. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

static uint64_t key_of(const struct ctx *c, const struct rule *rule, const struct request *q,
		       str network)
{
	uint64_t key = mix(seed ^ (uint64_t)c->domain_id);

	key = mix(key ^ ((uint64_t)rule->bucket << 8 | (uint64_t)rule->by));
	if (rule->by == BY_TOKEN)
		return mix(key ^ (uint64_t)q->token->id);
	for (size_t i = 0; rule->by == BY_ADDRESS && i < network.n; i++)
		key = mix(key ^ (unsigned char)network.p[i]);
	return key;
}

/* The window of the key, or the place that it takes. */
static struct window *find(struct window *set, uint64_t key, usec now)
{
	struct window *least = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		int64_t hits = set[i].end > now ? set[i].hits : -1;

		if (set[i].key == key)
			return &set[i];
		if (hits < (least->end > now ? least->hits : -1))
			least = &set[i];
	}
	return least;
}

static int64_t hit(uint64_t key, usec now, usec end)
{
	struct window *w;
	int64_t hits;

	pthread_mutex_lock(&lock);
	w = find(table[key % SETS], key, now);
	if (w->key != key || w->end != end)
		*w = (struct window){ .key = key, .end = end };
	hits = ++w->hits;
	pthread_mutex_unlock(&lock);
	return hits;
}

static int count(struct ctx *c, const struct rule *rule, const struct request *q, str network,
		 int64_t *ret_hits, usec *ret_end)
{
	if (rule->shared)
		return throttle_count(c, rule->shared, network, rule->window, ret_hits, ret_end);
	*ret_end = (c->now / rule->window + 1) * rule->window;
	*ret_hits = hit(key_of(c, rule, q, network), c->now, *ret_end);
	return 0;
}

static bool applies(const struct rule *rule, const struct route *route, const struct request *q)
{
	if (rule->methods && !(rule->methods & q->method))
		return false;
	return !rule->pattern || strcmp(rule->pattern, route->pattern) == 0;
}

/* One window; of several, the response tells the one that leaves the least. */
static int obey(struct ctx *c, const struct rule *rule, const struct request *q, str network,
		struct response *r)
{
	int64_t limit = rule->limit * c->settings->rate_limits / 100, hits, left;
	usec end;

	if (limit < 1)
		limit = 1;
	TRY(count(c, rule, q, network, &hits, &end));
	left = hits < limit ? limit - hits : 0;
	if (!r->rate.limit || left < r->rate.remaining) {
		r->rate.limit = limit;
		r->rate.remaining = left;
		r->rate.reset = end;
	}
	if (hits <= limit)
		return 0;
	r->retry_after = end - c->now;
	return fail(c, E_LIMITED, "Too many requests");
}

static int obey_all(struct ctx *c, const struct route *route, const struct request *q, bool token,
		    struct response *r)
{
	str network;

	if (!c->settings->rate_limits)
		return 0;
	pthread_once(&once, make_seed);
	network = token ? STR("") : throttle_network(c, q->address);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (token == (rules[i].by == BY_TOKEN) && applies(&rules[i], route, q))
			TRY(obey(c, &rules[i], q, network, r));
	return 0;
}

int rate_count_address(struct ctx *c, const struct route *route, const struct request *q,
		       struct response *r)
{
	return obey_all(c, route, q, false, r);
}

int rate_count_token(struct ctx *c, const struct route *route, const struct request *q,
		     struct response *r)
{
	return obey_all(c, route, q, true, r);
}
