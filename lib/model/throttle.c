/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: one statement counts and answers, so that parallel attempts cannot slip through; what
 * is counted is stored as a hash, never as an address or an e-mail.
 */
#include "model/throttle.h"

#include <arpa/inet.h>

#include "base/log.h"
#include "crypt/hash.h"
#include "sql/gen/throttle.h"

static str key_of(struct ctx *c, const char *purpose, str what)
{
	str hash = hash_sha256(c->arena, str_fmt(c->arena, "%lld:%s:%.*s", (long long)c->domain_id,
						 purpose, STR_ARG(what)));

	return str_fmt(c->arena, "%s:%.*s", purpose, STR_ARG(hex_encode(c->arena, hash)));
}

int throttle_count(struct ctx *c, const char *purpose, str what, usec window, int64_t *ret_hits,
		   usec *ret_resets)
{
	const struct throttle_row *row;

	TRY(q_throttle_hit(c, key_of(c, purpose, what), window, &row));
	*ret_hits = row->hits;
	*ret_resets = row->resets;
	return 0;
}

int throttle_hit(struct ctx *c, const char *purpose, str what, int limit, usec window)
{
	int64_t hits;
	usec resets;

	TRY(throttle_count(c, purpose, what, window, &hits, &resets));
	if (hits > limit)
		return fail(c, E_LIMITED, "too many attempts: try again in %lld minutes",
			    (long long)((resets - c->now) / USEC_MINUTE + 1));
	return 0;
}

void throttle_forget(struct ctx *c, const char *purpose, str what)
{
	if (q_throttle_forget(c, key_of(c, purpose, what), NULL))
		log_debug(c, "event=throttle_forget purpose=%s failed", purpose);
}

/* Somebody with IPv6 has a whole network of 64 bits to try from. */
str throttle_network(struct ctx *c, str address)
{
	struct in6_addr a;

	if (inet_pton(AF_INET6, str_z(c->arena, address), &a) != 1 || IN6_IS_ADDR_V4MAPPED(&a))
		return address;
	return hex_encode(c->arena, (str){ (const char *)&a, sizeof(a) / 2 });
}
