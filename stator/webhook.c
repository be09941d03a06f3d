/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * webhook: one call to one program. What it answers is kept for the staff to see; what another try may change is tried again for
 * two days, anything but an answer of 200 to 299 with 408, 425, 429 or from 500 on.
 */
#include "model/webhook.h"

#include <errno.h>

#include "stator/handler.h"

#define LONGEST_WAIT (12 * USEC_HOUR) /* that a receiver may ask for */
#define ANSWER_LIMIT (64 * 1024) /* bytes; nothing of it is read */

static bool is_passing(int status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

static int judge(struct ctx *c, const struct job *j, const struct fetch_response *r,
		 const char **ret_next, usec *ret_at)
{
	TRY(q_webhook_answered(c, r->status, j->id, NULL));
	if (r->status >= 200 && r->status < 300) {
		*ret_next = "sent";
		return 0;
	}
	if (!is_passing(r->status)) {
		*ret_next = "refused";
		return 0;
	}
	if (r->retry_after)
		*ret_at = c->now + (r->retry_after < LONGEST_WAIT ? r->retry_after : LONGEST_WAIT);
	return fail(c, E_LATER, "it answered %d", r->status);
}

/* What no other try would change. */
static bool is_final(int err)
{
	return err == E_NOT_FOUND || err == E_GONE || err == E_INVALID || err == E_REFUSED ||
	       err == E_TOO_LARGE;
}

static int waiting(struct ctx *c, const struct job *j, const char **ret_next, usec *ret_at)
{
	const struct webhook_job_row *row;
	struct fetch_request q;
	struct fetch_response r;
	int err = q_webhook_for_job(c, j->id, &row);

	if (!err)
		err = webhook_request(c, row, &q);
	if (!err) {
		q.limit = ANSWER_LIMIT;
		q.once = str_fmt(c->arena, "webhook/%lld/%lld/%lld", (long long)j->id,
				 (long long)j->state_changed, (long long)j->attempts);
		err = fetch(c, &q, &r);
	}
	if (is_final(err)) {
		*ret_next = "refused";
		return 0;
	}
	/* The courier was lost: the same name must be asked. */
	if (err == -EPIPE)
		return -EAGAIN;
	TRY(err);
	return judge(c, j, &r, ret_next, ret_at);
}

static const struct state_handler handlers[] = {
	{ "waiting", waiting },
	{ NULL, NULL },
};

const struct machine webhook_machine = { &webhook_graph, handlers, 16 };
