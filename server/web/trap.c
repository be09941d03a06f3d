/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a person who falls into it loses nothing: the form comes back as it was, and works at the next press. */
#include "server/web/trap.h"

#include "crypt/hash.h"
#include "model/domain.h"

#define QUICK (2 * USEC_SEC)
#define OLD USEC_DAY

static str stamp_at(struct ctx *c, usec when)
{
	str text = str_fmt(c->arena, "%lld", (long long)when);
	str mac = hash_hmac_sha256(c->arena, domain_proxy_key(c->domains),
				   str_fmt(c->arena, "stamp:%lld:%.*s", (long long)c->domain_id,
					   STR_ARG(text)));

	return str_fmt(c->arena, "%.*s.%.*s", STR_ARG(text),
		       STR_ARG(base64url_encode(c->arena, mac)));
}

str trap_stamp(struct ctx *c)
{
	return stamp_at(c, c->now);
}

/* When the form was shown; 0: never, or too long ago. */
static usec shown(struct ctx *c, str stamp)
{
	int64_t when;

	if (!str_to_i64(str_slice(stamp, 0, str_find_char(stamp, '.', 0)), &when) ||
	    !secret_eq(stamp, stamp_at(c, when)))
		return 0;
	return when > c->now - OLD ? when : 0;
}

str trap_keep(struct ctx *c, const struct request *q)
{
	str stamp = request_form(q, "stamp");

	return !str_is_null(stamp) && shown(c, stamp) ? stamp : trap_stamp(c);
}

bool trap_is_quick(struct ctx *c, const struct request *q)
{
	str stamp = request_form(q, "stamp");
	usec when = str_is_null(stamp) ? 0 : shown(c, stamp);

	return !when || c->now - when < QUICK;
}

bool trap_is_sprung(const struct request *q)
{
	return !str_is_empty(request_form(q, TRAP_FIELD));
}
