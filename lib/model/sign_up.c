/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: an account is made whole or not at all, together with the use of its invitation; what a stranger sees
 * of it, in words and in time, is the same whether the address was known or not.
 */
#include <assert.h>

#include "db/db.h"
#include "model/domain.h"
#include "model/gate.h"
#include "model/identity.h"
#include "model/invite.h"
#include "model/moderation.h"
#include "model/limit.h"
#include "model/report.h"
#include "model/session.h"
#include "model/session_start.h"
#include "model/throttle.h"
#include "model/user.h"
#include "sql/gen/staff.h"

#define SIGN_UPS 20 /* from one address ... */
#define SIGN_UPS_WINDOW USEC_DAY

struct account {
	const struct sign_up *sign_up;
	str email, hash;
	str address; /* that they join from */
	int64_t user_id; /* 0: a new log-in */
	int64_t made_id, identity_id; /* what there is then */
	bool waits; /* for the staff's approval */
};

static int check_mode(struct ctx *c, const struct sign_up *s)
{
	const struct invite_row *invite;

	switch (c->domain->sign_up) {
	case SIGN_UP_APPROVAL:
	case SIGN_UP_OPEN:
		return 0;
	case SIGN_UP_INVITE:
		if (str_is_empty(s->invite))
			return fail(c, E_FORBIDDEN, "an invitation is needed to join here");
		return invite_find(c, s->invite, &invite);
	case SIGN_UP_CLOSED:
		break;
	}
	return fail(c, E_FORBIDDEN, "nobody can join here at present");
}

static int find_user(struct ctx *c, struct account *a)
{
	const struct user_candidate_row *rows;
	size_t n, fits;
	str *stored;

	TRY(q_user_candidates(c, a->email, &rows, &n));
	stored = arena_array(c->arena, n, sizeof(*stored));
	for (size_t i = 0; i < n; i++)
		stored[i] = rows[i].password;
	TRY(session_try_password(c, a->sign_up->password, stored, n, &fits, &a->hash));
	a->user_id = fits < n ? rows[fits].id : 0;
	return 0;
}

static int make(struct ctx *c, void *arg)
{
	struct account *a = arg;
	const struct user_id_row *made;
	int64_t user_id = a->user_id;

	if (c->domain->sign_up == SIGN_UP_INVITE)
		TRY(invite_take(c, a->sign_up->invite));
	if (!user_id) {
		TRY(q_user_create(c, a->email, a->hash, &made));
		user_id = made->id;
	}
	TRY(identity_create(c, a->sign_up->username, user_id, &a->identity_id));
	a->made_id = user_id;
	if (a->address.n)
		TRY(q_sign_up_address_add(c, a->identity_id, c->domain_id, a->address, NULL));
	if (c->domain->sign_up == SIGN_UP_INVITE)
		TRY(invite_used(c, a->sign_up->invite, a->identity_id));
	if (a->waits)
		TRY(moderation_hold(c, a->identity_id, a->sign_up->reason));
	return report_tell_staff(c, "sign_up", a->identity_id, 0);
}

int sign_up_account(struct ctx *c, const struct sign_up *s, const struct session_client *client,
		    int64_t *ret_user_id, int64_t *ret_identity_id)
{
	struct account a = { .sign_up = s, .address = client->address };

	assert(c->domain);
	TRY(check_mode(c, s));
	TRY(email_normalise(c, s->email, &a.email));
	TRY(session_throttle(c, a.email, client));
	TRY(throttle_hit(c, "sign_up", throttle_network(c, client->address), SIGN_UPS,
			 SIGN_UPS_WINDOW));
	TRY(gate_check(c, a.email, client->address, &a.waits));
	a.waits |= c->domain->sign_up == SIGN_UP_APPROVAL;
	TRY(find_user(c, &a));
	TRY(db_transaction(c, make, &a));
	*ret_user_id = a.made_id;
	*ret_identity_id = a.identity_id;
	return 0;
}

int sign_up(struct ctx *c, const struct sign_up *s, const struct session_client *client,
	    str *ret_cookie)
{
	int64_t user_id, identity_id;

	struct identity_limits_row limits;

	TRY(sign_up_account(c, s, client, &user_id, &identity_id));
	TRY(identity_limits_get(c, identity_id, &limits));
	if (limits.pending)
		return fail(c, E_FORBIDDEN,
			    "the account is made; it can be used once the staff has approved it");
	return session_start(c, user_id, identity_id, client, ret_cookie);
}
