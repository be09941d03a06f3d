/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * mail: one letter to the mail server. Each attempt has a name under which the courier makes it once, whatever becomes
 * of this process; and each has the letter's own Message-ID.
 */
#include "model/mail.h"

#include <errno.h>

#include "model/mail_relay.h"
#include "stator/handler.h"

#define REFUSED 500 /* from here on an answer is for good (RFC 5321, 4.2.1) */

static int attempt(struct ctx *c, const struct job *j, int *ret_status, str *ret_answer)
{
	str once = str_fmt(c->arena, "mail/%lld/%lld/%lld", (long long)j->id,
			   (long long)j->state_changed, (long long)j->attempts);
	const struct mail_row *m;
	struct mail_server server;
	struct letter letter;

	TRY(mail_relay_server(c, &server));
	TRY(q_mail_by_id(c, j->id, &m));
	TRY(mail_compose(c, m, &letter));
	return letter_send(c, &server, &letter, once, ret_status, ret_answer);
}

static int waiting(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	int status = 0, err;
	str answer;

	if (!mail_is_on(c))
		return fail(c, E_LATER, "there is no mail server");
	err = attempt(c, j, &status, &answer);
	if (err == E_GONE || err == E_NOT_FOUND)
		*ret_next = "dropped";
	else if (err == E_INVALID)
		*ret_next = "refused";
	else if (err)
		/* The courier was lost: the same name must be asked. */
		return err == -EPIPE ? -EAGAIN : err;
	else if (status < 400)
		*ret_next = "sent";
	else if (status >= REFUSED)
		*ret_next = "refused";
	else
		return fail(c, E_LATER, "the mail server: %.*s", STR_ARG(answer));
	return 0;
}

static const struct state_handler handlers[] = {
	{ "waiting", waiting },
	{ NULL, NULL },
};

const struct machine mail_machine = { &mail_graph, handlers, 16 };
