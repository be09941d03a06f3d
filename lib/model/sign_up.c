/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: an account is made whole or not at all, together with the use of its invitation; what a stranger sees
 * of it, in words and in time, is the same whether the address was known or not.
 */
#include "model/sign_up.h"

#include <assert.h>

#include "db/db.h"
#include "model/domain.h"
#include "model/gate.h"
#include "model/identity.h"
#include "model/instance.h"
#include "model/invite.h"
#include "model/letter_limit.h"
#include "model/limit.h"
#include "model/mail.h"
#include "model/mail_link.h"
#include "model/moderation.h"
#include "model/report.h"
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
	bool alone; /* no browser is there that could be asked for a second factor */
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

/* Whether a limit of the instance, when it has one, is reached. */
static bool is_reached(const struct instance *i, enum instance_key key, int64_t n)
{
	int64_t limit;

	return str_to_i64(i->settings[key].value, &limit) && n >= limit;
}

static int check_caps(struct ctx *c, const struct instance *i)
{
	const struct sign_up_count_row *n;

	if (!i->settings[INSTANCE_MAX_USERS].value.n &&
	    !i->settings[INSTANCE_SIGN_UPS_A_DAY].value.n)
		return 0;
	TRY(q_sign_up_counts(c, c->domain_id, &n));
	if (is_reached(i, INSTANCE_MAX_USERS, n->users))
		return fail(c, E_FORBIDDEN, "this community is full at present");
	if (is_reached(i, INSTANCE_SIGN_UPS_A_DAY, n->today))
		return fail(c, E_FORBIDDEN, "too many people joined today: try again tomorrow");
	return 0;
}

/* Whole years from a day (YYYY-MM-DD) to now, by the calendar. */
static bool years_since(struct ctx *c, str day, int64_t *ret)
{
	str today = clock_iso(c->arena, c->now);
	int64_t then, now;
	usec moment;

	if (day.n != 10 || !clock_parse_iso(str_cat(c->arena, day, STR("T00:00:00Z")), &moment) ||
	    !str_to_i64(str_slice(day, 0, 4), &then) || !str_to_i64(str_slice(today, 0, 4), &now))
		return false;
	*ret = now - then - (str_cmp(str_slice(today, 5, 10), str_slice(day, 5, 10)) < 0);
	return true;
}

int sign_up_min_age(struct ctx *c, int64_t *ret)
{
	struct instance instance;

	TRY(instance_load(c, &instance));
	if (!str_to_i64(instance.settings[INSTANCE_MIN_AGE].value, ret))
		*ret = 0;
	return 0;
}

int sign_up_age(struct ctx *c, str day, enum sign_up_age *ret)
{
	int64_t least, age;

	TRY(sign_up_min_age(c, &least));
	*ret = AGE_FINE;
	if (!least)
		return 0;
	if (str_is_empty(day))
		*ret = AGE_MISSING;
	else if (!years_since(c, day, &age))
		*ret = AGE_NO_DAY;
	else if (age < least)
		*ret = AGE_TOO_YOUNG;
	return 0;
}

static int check_age(struct ctx *c, const struct sign_up *s)
{
	enum sign_up_age age;

	TRY(sign_up_age(c, s->date_of_birth, &age));
	switch (age) {
	case AGE_FINE:
		return 0;
	case AGE_MISSING:
		return fail_at(c, "date_of_birth", fail(c, E_INVALID, "say when you were born"));
	case AGE_NO_DAY:
		return fail_at(c, "date_of_birth",
			       fail(c, E_INVALID, "your date of birth is not a day"));
	case AGE_TOO_YOUNG:
		break;
	}
	return fail_at(c, "date_of_birth", fail(c, E_INVALID, "you are too young to join here"));
}

const struct name sign_up_reasons[] = {
	{ "none", REASON_NONE },
	{ "optional", REASON_OPTIONAL },
	{ "required", REASON_REQUIRED },
	{ NULL, 0 },
};

enum sign_up_reason sign_up_reason(const struct ctx *c, const struct instance *i)
{
	int reason = REASON_REQUIRED;

	if (c->domain->sign_up != SIGN_UP_APPROVAL)
		return REASON_NONE;
	name_to_value(sign_up_reasons, i->settings[INSTANCE_SIGN_UP_REASON].value, &reason);
	return (enum sign_up_reason)reason;
}

static int check_reason(struct ctx *c, const struct instance *i, str reason)
{
	if (sign_up_reason(c, i) == REASON_REQUIRED && str_is_empty(str_trim(reason)))
		return fail_at(c, "reason", fail(c, E_INVALID, "say why you want to join"));
	return 0;
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

/* A letter to an address: the link that confirms it; or, when it has an owner, word to them. */
static int ask_owner(struct ctx *c, int64_t user_id, str email)
{
	const struct email_owned_row *row;
	bool may;

	TRY(q_email_is_owned(c, email, &row));
	TRY(letter_may_go(c, email, &may));
	if (!may)
		return 0;
	if (row->owned)
		return mail_queue(c, &(struct mail_draft){ .kind = MAIL_TAKEN, .address = email });
	return mail_link_send(c, LINK_CONFIRM, user_id, email);
}

/* Staff hears of accounts that can be used, or could be but for its approval. */
static int settle(struct ctx *c, const struct account *a)
{
	const struct user_row *user;

	TRY(q_user_by_id(c, a->made_id, &user));
	if (user->confirmed || !mail_is_on(c))
		return report_tell_staff(c, "sign_up", a->identity_id, 0);
	TRY(q_identity_unconfirm(c, c->domain_id, a->identity_id, NULL));
	return ask_owner(c, a->made_id, a->email);
}

/* A password alone does not let a program act for who has more than that. */
static int refuse_factor(struct ctx *c, int64_t user_id)
{
	const struct session_ask_row *ask;

	TRY(q_session_asks(c, user_id, &ask));
	return ask->more ? fail(c, E_FORBIDDEN,
				"this log-in has a second factor: join on the pages of %.*s",
				STR_ARG(c->domain->name))
			 : 0;
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
	if (a->user_id && a->alone)
		TRY(refuse_factor(c, user_id));
	if (a->waits)
		TRY(moderation_hold(c, a->identity_id, a->sign_up->reason));
	return settle(c, a);
}

static int make_account(struct ctx *c, const struct sign_up *s, bool alone,
			const struct session_client *client, int64_t *ret_user_id,
			int64_t *ret_identity_id)
{
	struct account a = { .sign_up = s, .alone = alone, .address = client->address };
	struct instance instance;

	assert(c->domain);
	TRY(check_mode(c, s));
	TRY(instance_load(c, &instance));
	TRY(check_caps(c, &instance));
	TRY(check_reason(c, &instance, s->reason));
	TRY(check_age(c, s));
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

int sign_up_state(struct ctx *c, int64_t identity_id, enum sign_up_state *ret)
{
	struct identity_limits_row limits;

	TRY(identity_limits_get(c, identity_id, &limits));
	*ret = limits.unconfirmed ? SIGN_UP_UNCONFIRMED
	       : limits.pending	  ? SIGN_UP_PENDING
				  : SIGN_UP_DONE;
	return 0;
}

int sign_up_account(struct ctx *c, const struct sign_up *s, const struct session_client *client,
		    int64_t *ret_user_id, int64_t *ret_identity_id)
{
	return make_account(c, s, true, client, ret_user_id, ret_identity_id);
}

int sign_up(struct ctx *c, const struct sign_up *s, const struct session_client *client,
	    enum sign_up_state *ret, str *ret_cookie)
{
	int64_t user_id, identity_id;

	TRY(make_account(c, s, false, client, &user_id, &identity_id));
	TRY(sign_up_state(c, identity_id, ret));
	if (*ret != SIGN_UP_DONE)
		return 0;
	return session_start(c, user_id, identity_id, client, ret_cookie);
}
