/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A table of a few hundred answers, in sets of four as caches of processors have them, for all loops together. Invariants: an answer is
 * used only as long as nothing of its tenant was changed through this process, the snapshot of tenants is the one that it
 * was made with, and it is younger than the setting says; so what others change (a stator, another machine, the command
 * line) is seen that much later, by strangers alone.
 */
#include "server/recall.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/tally.h"
#include "model/domain.h"
#include "model/settings.h"

#define SETS 64
#define WAYS 4
#define BODY_LIMIT_KEPT (256 * 1024) /* bytes of one */
#define ROOM (8 * 1024 * 1024) /* bytes of all */
#define KEY_LIMIT 1024
#define COUNTERS 256 /* tenants share some when there are more */

struct memory {
	struct arena *arena; /* of the texts; NULL: nothing is here */
	str key;
	struct response answer;
	struct domain_table *domains;
	uint64_t since;
	usec until;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct memory memories[SETS][WAYS];
static size_t used; /* bytes */

/* Changes by requests here, of tenants and of all; they only grow, so an equal sum says that none was changed. */
static uint64_t changes[COUNTERS], changes_of_all;

static uint64_t *counter_of(int64_t domain_id)
{
	return &changes[((uint64_t)domain_id * 0x9e3779b97f4a7c15u) >> 56];
}

static uint64_t changes_until_now(int64_t domain_id)
{
	return __atomic_load_n(counter_of(domain_id), __ATOMIC_ACQUIRE) +
	       __atomic_load_n(&changes_of_all, __ATOMIC_ACQUIRE);
}

void recall_forget(int64_t domain_id)
{
	__atomic_add_fetch(domain_id ? counter_of(domain_id) : &changes_of_all, 1,
			   __ATOMIC_RELEASE);
}

/* With one of these a request is somebody's, or wants less than the whole. */
static const char *const personal[] = { "cookie", "authorization", "signature", "signature-input",
					"range" };

static bool is_of_a_stranger(const struct request *q)
{
	for (size_t i = 0; i < ARRAY_SIZE(personal); i++)
		if (!str_is_null(request_header(q, personal[i])))
			return false;
	return q->method == METHOD_GET;
}

/* All that an answer to a stranger depends on. */
static str key_of(struct ctx *c, const struct request *q)
{
	str text = str_fmt(c->arena, "%lld %.*s://%.*s%.*s?%.*s %c %.*s", (long long)c->domain_id,
			   STR_ARG(q->scheme), STR_ARG(q->authority), STR_ARG(q->raw_path),
			   STR_ARG(q->query), request_wants_activity(q) ? 'a' : 'p',
			   STR_ARG(request_header(q, "accept-language")));

	return text.n > KEY_LIMIT ? STR_NULL : text;
}

/* FNV-1a; who makes keys meet on purpose only has them forgotten. */
static struct memory *set_of(str key)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.n; i++)
		hash = (hash ^ (unsigned char)key.p[i]) * 0x100000001b3u;
	return memories[(hash ^ hash >> 32) % SETS];
}

/* The texts of an answer that is kept. */
static const size_t texts[] = {
	offsetof(struct response, type), offsetof(struct response, body),
	offsetof(struct response, etag), offsetof(struct response, vary),
	offsetof(struct response, link), offsetof(struct response, form_action)
};

static void copy(struct arena *a, const struct response *from, struct response *to)
{
	*to = (struct response){
		.cache = from->cache,
		.cors = from->cors,
		.previews = from->previews,
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*(str *)((char *)to + texts[i]) =
			str_dup(a, *(const str *)((const char *)from + texts[i]));
}

static void forget(struct memory *m)
{
	if (!m->arena)
		return;
	used -= arena_used(m->arena);
	arena_free(m->arena);
	domain_table_unref(m->domains);
	*m = (struct memory){ 0 };
}

static bool is_good(const struct memory *m, const struct ctx *c, str key, uint64_t since)
{
	return m->arena && m->until > clock_mono() && m->since == since &&
	       m->domains == c->domains && str_eq(m->key, key);
}

static bool find(struct ctx *c, const struct recall_key *key, struct response *r)
{
	struct memory *set = set_of(key->text);
	bool found = false;

	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < WAYS && !found; i++) {
		found = is_good(&set[i], c, key->text, key->since);
		if (found)
			copy(c->arena, &set[i].answer, r);
	}
	pthread_mutex_unlock(&mutex);
	return found;
}

bool recall(struct ctx *c, const struct route *route, const struct request *q,
	    struct recall_key *ret, struct response *r)
{
	*ret = (struct recall_key){ 0 };
	if (!route->shared || !c->settings->remember_seconds || !is_of_a_stranger(q))
		return false;
	ret->text = key_of(c, q);
	ret->since = changes_until_now(c->domain_id);
	if (str_is_null(ret->text) || !find(c, ret, r))
		return false;
	tally_add(TALLY_RECALLED, 1);
	return true;
}

/* Forms that are sent once have a word of their own in each copy of the page. */
static bool has_own_form(str body)
{
	return str_find(body, STR("name=\"form_once\""), 0) != SIZE_MAX ||
	       str_find(body, STR("name=\"once\""), 0) != SIZE_MAX;
}

static bool may_be_shared(const struct response *r)
{
	return (!r->status || r->status == 200) && !r->file && !r->rate.limit && !r->retry_after &&
	       !r->cookie.n && !r->device.n && !r->location.n && !r->disposition.n &&
	       !r->authenticate.n && !r->async_refresh.n && r->body.n <= BODY_LIMIT_KEPT &&
	       !has_own_form(r->body);
}

/* The one of a set that is worth least: an empty one, or the oldest. */
static struct memory *worst_of(struct memory *set)
{
	struct memory *worst = set;

	for (size_t i = 1; i < WAYS; i++)
		if (set[i].until < worst->until)
			worst = &set[i];
	return worst;
}

static void forget_old(usec now)
{
	for (size_t i = 0; i < SETS; i++)
		for (size_t j = 0; j < WAYS; j++)
			if (memories[i][j].until <= now)
				forget(&memories[i][j]);
}

void recall_keep(struct ctx *c, const struct recall_key *key, const struct response *r)
{
	usec now = clock_mono();
	struct memory *m;

	if (str_is_null(key->text) || !may_be_shared(r) ||
	    key->since != changes_until_now(c->domain_id))
		return;
	pthread_mutex_lock(&mutex);
	forget_old(now);
	m = worst_of(set_of(key->text));
	forget(m);
	if (used + r->body.n <= ROOM) {
		m->arena = arena_new();
		m->key = str_dup(m->arena, key->text);
		copy(m->arena, r, &m->answer);
		m->domains = domain_table_ref(c->domains);
		m->since = key->since;
		m->until = now + c->settings->remember_seconds * USEC_SEC;
		used += arena_used(m->arena);
	}
	pthread_mutex_unlock(&mutex);
}

void recall_clear(void)
{
	forget_old(INT64_MAX);
}
