/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: nothing is granted but by the statement that sees a live consent, and all of it ends with that. */
#include "model/help.h"

#include "crypt/hash.h"
#include "db/db.h"
#include "fetch/url.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/session.h"

#define TICKET_BYTES 32

int help_get(struct ctx *c, const struct help_consent_row **ret)
{
	return q_help_get(c, c->domain_id, ret);
}

struct consent {
	str role;
	int64_t hours;
};

static int allow(struct ctx *c, void *arg)
{
	const struct consent *h = arg;

	TRY(q_help_allow(c, c->domain_id, h->role, c->user_id, h->hours * USEC_HOUR, NULL));
	return audit_add(c, "help.allow", h->role,
			 str_fmt(c->arena, "{\"hours\":%lld}", (long long)h->hours));
}

int help_allow(struct ctx *c, str role, int64_t hours)
{
	struct consent h = { role, hours };

	if (!str_eq(role, STR("moderator")) && !str_eq(role, STR("admin")))
		return fail(c, E_INVALID, "choose what operators may act as");
	if (hours < 1 || hours > HELP_MOST)
		return fail(c, E_INVALID, "help lasts from 1 to %d hours", HELP_MOST);
	return db_transaction(c, allow, &h);
}

static int revoke(struct ctx *c, unused void *arg)
{
	size_t n;

	TRY(q_help_revoke(c, c->domain_id, &n));
	return n ? audit_add(c, "help.revoke", c->domain->name, STR("")) : 0;
}

int help_revoke(struct ctx *c)
{
	return db_transaction(c, revoke, NULL);
}

int help_visits(struct ctx *c, const struct help_visit_row **ret, size_t *ret_n)
{
	return q_help_visits(c, c->domain_id, ret, ret_n);
}

int help_enter(struct ctx *c, const struct domain *d, str name, str *ret_url)
{
	str ticket = random_token(c->arena, TICKET_BYTES);
	const struct help_entered_row *rows;
	size_t n;

	TRY(q_help_enter(c, d->id, c->user_id, name, hash_sha256(c->arena, ticket), &rows, &n));
	if (!n)
		return fail(c, E_FORBIDDEN, "the staff of %.*s did not ask for help",
			    STR_ARG(d->name));
	TRY(audit_add_on(c, d->id, "help.enter", name, STR("")));
	*ret_url = str_fmt(c->arena, "%.*s" SESSION_TICKET_PATH "%.*s&next=/staff/",
			   STR_ARG(d->origin), STR_ARG(ticket));
	return 0;
}
