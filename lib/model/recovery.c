/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: whoever is not logged in learns nothing about an address; whoever is changes what they log in with only
 * with the password, and the address that they had hears of it.
 */
#include "model/recovery.h"

#include "db/db.h"
#include "model/gate.h"
#include "model/letter_limit.h"
#include "model/mail.h"
#include "model/mail_link.h"
#include "model/session_start.h"
#include "model/throttle.h"
#include "model/user.h"

#define TRIES 10 /* of the old password ... */
#define TRIES_WINDOW (15 * USEC_MINUTE)

const char *const mail_wish_kinds[] = { "mention", "follow", "follow_request", "quote", "boost",
					"like",	   NULL };

static int need_mail(struct ctx *c)
{
	return mail_is_on(c) ? 0
			     : fail(c, E_UNPROCESSABLE,
				    "this community sends no letters: ask its staff for help");
}

static int send_reset(struct ctx *c, void *arg)
{
	const struct recovery_user_row *user = arg;

	TRY(q_mail_links_end(c, c->domain_id, user->user_id, STR(LINK_RESET), NULL));
	return mail_link_send(c, LINK_RESET, user->user_id, user->email);
}

int recovery_ask(struct ctx *c, str email, const struct session_client *client)
{
	const struct recovery_user_row *rows;
	struct recovery_user_row user;
	size_t n;
	bool may;

	TRY(need_mail(c));
	TRY(email_normalise(c, email, &email));
	TRY(letter_ask(c, client));
	TRY(letter_may_go(c, email, &may));
	TRY(q_recovery_user(c, email, c->domain_id, &rows, &n));
	if (n == 0 || !may)
		return 0;
	user = rows[0];
	return db_transaction(c, send_reset, &user);
}

int recovery_check(struct ctx *c, str token)
{
	return mail_link_check(c, LINK_RESET, token);
}

struct resetting {
	str token, hash;
};

/* Who reads the letter has shown that the address is theirs. */
static int confirm(struct ctx *c, const struct mail_link_row *link)
{
	const struct user_confirmed_row *confirmed;
	const struct user_row *user;

	TRY(q_user_by_id(c, link->user_id, &user));
	return user->confirmed ? 0 : q_user_confirm(c, link->user_id, link->address, &confirmed);
}

static int reset(struct ctx *c, void *arg)
{
	const struct resetting *r = arg;
	const struct mail_link_row *link;

	TRY(mail_link_take(c, LINK_RESET, r->token, &link));
	TRY(q_user_set_password(c, link->user_id, 0, r->hash, NULL));
	TRY(q_user_end_tokens(c, link->user_id, NULL));
	TRY(confirm(c, link));
	return mail_queue(c, &(struct mail_draft){ .kind = MAIL_PASSWORD_CHANGED,
						   .user_id = link->user_id });
}

int recovery_reset(struct ctx *c, str token, str password)
{
	struct resetting r = { .token = token };

	TRY(recovery_check(c, token));
	TRY(user_hash_password(c, password, &r.hash));
	return db_transaction(c, reset, &r);
}

/* Whether this is the password of the ctx's user. */
static int check_password(struct ctx *c, str password, const struct recovery_password_row **ret)
{
	str who = str_fmt(c->arena, "%lld", (long long)c->user_id);
	size_t fits;

	TRY(throttle_hit(c, "own_password", who, TRIES, TRIES_WINDOW));
	TRY(q_recovery_password(c, c->user_id, ret));
	TRY(session_try_password(c, password, &(*ret)->password, 1, &fits, NULL));
	if (fits)
		return fail(c, E_UNAUTHORIZED, "your present password is wrong");
	throttle_forget(c, "own_password", who);
	return 0;
}

int recovery_own_password(struct ctx *c, str password)
{
	const struct recovery_password_row *stored;

	return check_password(c, password, &stored);
}

struct changing {
	str hash;
	int64_t session_id;
};

static int change_password(struct ctx *c, void *arg)
{
	const struct changing *k = arg;

	TRY(q_user_set_password(c, c->user_id, k->session_id, k->hash, NULL));
	TRY(q_mail_links_end(c, c->domain_id, c->user_id, STR(LINK_RESET), NULL));
	return mail_queue(c, &(struct mail_draft){ .kind = MAIL_PASSWORD_CHANGED,
						   .user_id = c->user_id });
}

int recovery_change_password(struct ctx *c, str old, str password, int64_t session_id)
{
	const struct recovery_password_row *stored;
	struct changing k = { .session_id = session_id };

	TRY(fail_at(c, "old_password", check_password(c, old, &stored)));
	TRY(user_hash_password(c, password, &k.hash));
	return db_transaction(c, change_password, &k);
}

static int send_change(struct ctx *c, void *arg)
{
	const str *email = arg;
	const struct email_owned_row *row;
	bool may;

	TRY(letter_may_go(c, *email, &may));
	if (!may)
		return 0;
	TRY(q_email_is_owned(c, *email, &row));
	if (row->owned)
		return mail_queue(c, &(struct mail_draft){ .kind = MAIL_TAKEN, .address = *email });
	TRY(q_mail_links_end(c, c->domain_id, c->user_id, STR(LINK_CHANGE), NULL));
	return mail_link_send(c, LINK_CHANGE, c->user_id, *email);
}

int recovery_change_address(struct ctx *c, str password, str email,
			    const struct session_client *client)
{
	const struct recovery_password_row *stored;
	bool approval;

	TRY(need_mail(c));
	TRY(email_normalise(c, email, &email));
	TRY(letter_ask(c, client));
	TRY(fail_at(c, "password", check_password(c, password, &stored)));
	TRY(gate_check(c, email, client->address, &approval));
	if (str_eq_fold(email, stored->email) && stored->confirmed)
		return fail_at(c, "email", fail(c, E_INVALID, "this is your address already"));
	return db_transaction(c, send_change, &email);
}

int recovery_check_address(struct ctx *c, str token)
{
	return mail_link_check(c, LINK_CHANGE, token);
}

static int confirm_address(struct ctx *c, void *arg)
{
	const str *token = arg;
	const struct user_confirmed_row *confirmed;
	const struct mail_link_row *link;
	const struct user_row *user;

	TRY(mail_link_take(c, LINK_CHANGE, *token, &link));
	TRY(q_user_by_id(c, link->user_id, &user));
	TRY(q_user_confirm(c, link->user_id, link->address, &confirmed));
	if (!confirmed->done)
		return fail(c, E_CONFLICT, "this address belongs to another log-in by now");
	TRY(q_mail_links_end(c, c->domain_id, link->user_id, STR(LINK_RESET), NULL));
	if (!user->confirmed)
		return 0;
	return mail_queue(c, &(struct mail_draft){ .kind = MAIL_ADDRESS_CHANGED,
						   .address = user->email,
						   .user_id = link->user_id,
						   .name = link->address });
}

int recovery_confirm_address(struct ctx *c, str token)
{
	return db_transaction(c, confirm_address, &token);
}

int mail_wish_get(struct ctx *c, const struct mail_wish_row **ret)
{
	return q_mail_wish(c, c->domain_id, c->user_id, ret);
}

static bool is_wanted(strs kinds, const char *kind)
{
	for (size_t i = 0; i < kinds.n; i++)
		if (str_eq_c(kinds.p[i], kind))
			return true;
	return false;
}

int mail_wish_change(struct ctx *c, strs kinds, bool log_ins)
{
	str known[ARRAY_SIZE(mail_wish_kinds)];
	size_t n = 0;

	for (const char *const *kind = mail_wish_kinds; *kind; kind++)
		if (is_wanted(kinds, *kind))
			known[n++] = str_c(*kind);
	return q_mail_wish_set(c, c->domain_id, (strs){ known, n }, log_ins, c->user_id, NULL);
}
