/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: an address is confirmed by who reads its letters and presses a button; a look at a link does nothing. */
#include <assert.h>

#include "db/db.h"
#include "model/gate.h"
#include "model/letter_limit.h"
#include "model/mail.h"
#include "model/mail_link.h"
#include "model/report.h"
#include "model/sign_up.h"
#include "model/user.h"

struct sending {
	int64_t user_id;
	str email;
};

/* The links before it end: only the last letter counts. */
static int send(struct ctx *c, void *arg)
{
	const struct sending *s = arg;
	const struct email_owned_row *row;
	bool may;

	TRY(letter_may_go(c, s->email, &may));
	if (!may)
		return 0;
	TRY(q_mail_links_end(c, c->domain_id, s->user_id, STR(LINK_CONFIRM), NULL));
	TRY(q_email_is_owned(c, s->email, &row));
	if (row->owned)
		return mail_queue(c,
				  &(struct mail_draft){ .kind = MAIL_TAKEN, .address = s->email });
	return mail_link_send(c, LINK_CONFIRM, s->user_id, s->email);
}

int sign_up_resend(struct ctx *c, str email, const struct session_client *client)
{
	const struct sign_up_waiting_row *rows;
	struct sending s = { 0 };
	size_t n;

	TRY(email_normalise(c, email, &email));
	TRY(letter_ask(c, client));
	TRY(q_sign_up_waiting(c, c->domain_id, email, &rows, &n));
	if (n == 0)
		return 0;
	s.user_id = rows[0].user_id;
	s.email = rows[0].email;
	return db_transaction(c, send, &s);
}

static int readdress(struct ctx *c, void *arg)
{
	struct sending *s = arg;
	size_t n;

	TRY(q_sign_up_readdress(c, s->email, s->user_id, &n));
	return n ? send(c, s) : fail(c, E_FORBIDDEN, "the address is confirmed already");
}

int sign_up_resend_own(struct ctx *c, str email)
{
	const struct user_row *user;
	struct sending s = { .user_id = c->user_id };
	bool approval;

	TRY(q_user_by_id(c, c->user_id, &user));
	if (user->confirmed)
		return fail(c, E_FORBIDDEN, "the address is confirmed already");
	s.email = user->email;
	if (str_is_empty(email))
		return db_transaction(c, send, &s);
	TRY(email_normalise(c, email, &s.email));
	TRY(gate_check(c, s.email, STR(""), &approval));
	return db_transaction(c, readdress, &s);
}

int sign_up_check_link(struct ctx *c, str token)
{
	return mail_link_check(c, LINK_CONFIRM, token);
}

struct confirming {
	str token;
	enum sign_up_state state;
};

static int confirm(struct ctx *c, void *arg)
{
	struct confirming *k = arg;
	const struct sign_up_identity_row *rows;
	const struct user_confirmed_row *confirmed;
	const struct mail_link_row *link;
	size_t n;

	TRY(mail_link_take(c, LINK_CONFIRM, k->token, &link));
	TRY(q_user_confirm(c, link->user_id, link->address, &confirmed));
	if (!confirmed->done)
		return fail(c, E_CONFLICT, "this address belongs to another log-in by now");
	TRY(q_sign_up_identities(c, link->user_id, c->domain_id, &rows, &n));
	k->state = n ? SIGN_UP_PENDING : SIGN_UP_DONE;
	for (size_t i = 0; i < n; i++) {
		if (!rows[i].pending)
			k->state = SIGN_UP_DONE;
		TRY(report_tell_staff(c, "sign_up", rows[i].identity_id, 0));
	}
	return 0;
}

int sign_up_confirm(struct ctx *c, str token, enum sign_up_state *ret)
{
	struct confirming k = { .token = token };

	assert(c->domain);
	TRY(db_transaction(c, confirm, &k));
	*ret = k.state;
	return 0;
}
