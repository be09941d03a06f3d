/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A bench for lib/ap: the code under test in a fiber, with a signer and a door to a scripted peer.
 */
#ifndef TESTS_PEER_BENCH_H
#define TESTS_PEER_BENCH_H

#include "ap/transport.h"
#include "base/ctx.h"
#include "crypt/key.h"
#include "fetch/fetch.h"
#include "loop/fiber.h"
#include "loop/loop.h"
#include "tests/unit/peer.h"

/* The unit under test runs in a fiber with its door to the peer. */
struct bench {
	struct peer peer;
	struct arena *arena;
	struct ctx c;
	struct ap_signer signer;
	str public_der;
};

static inline int bench_setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (!b)
		abort();
	b->arena = arena_new();
	ctx_init(&b->c, b->arena);
	if (key_generate_rsa(b->arena, &b->signer.private_der, &b->public_der))
		abort();
	b->signer.key_uri = STR("https://signer.example/users/ann#main-key");
	*state = b;
	return 0;
}

static inline int bench_teardown(void **state)
{
	struct bench *b = *state;

	ap_keys_forget();
	arena_free(b->arena);
	free(b);
	return 0;
}

struct bench_run {
	struct bench *bench;
	void (*fn)(struct bench *b);
};

static inline void bench_in_fiber(void *arg)
{
	struct bench_run *r = arg;
	struct bench *b = r->bench;
	str allow =
		str_fmt(b->arena, "127.0.0.1:%d 127.0.0.1:%d", b->peer.port[0], b->peer.port[1]);
	struct fetch_options o = {
		.user_agent = "test",
		.allow = str_z(b->arena, allow),
		.connections = 8,
		.per_host = 4,
	};

	if (fetch_new(loop_current(), &o, &b->c.fetch))
		abort();
	r->fn(b);
	fetch_free(b->c.fetch);
	b->c.fetch = NULL;
}

static inline void bench_run(void **state, const struct peer_row *script,
			     void (*fn)(struct bench *b))
{
	struct bench_run r = { *state, fn };

	peer_start(&r.bench->peer, script);
	if (fiber_main(bench_in_fiber, &r))
		abort();
	peer_stop(&r.bench->peer);
}

static inline str filled(struct bench *b, const char *text)
{
	size_t n;
	char *p = peer_fill(&b->peer, text, &n);
	str s = str_dup(b->arena, (str){ p, n });

	free(p);
	return s;
}

#endif
