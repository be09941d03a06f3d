/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * push: one message to one push service (RFC 8030). A service that knows the subscription no more
 * ends it; what another try may change is tried again for two days.
 */
#include "model/push.h"

#include <errno.h>

#include "stator/handler.h"

#define LONGEST_WAIT (12 * USEC_HOUR) /* that a service may ask for */

enum verdict { VERDICT_SENT, VERDICT_GONE, VERDICT_LATER, VERDICT_REFUSED };

/* RFC 8030, 5 and 7.3; the first row that fits. */
static const struct {
	int from, to;
	enum verdict verdict;
} answers[] = {
	{ 200, 299, VERDICT_SENT },    { 404, 404, VERDICT_GONE },  { 410, 410, VERDICT_GONE },
	{ 408, 408, VERDICT_LATER },   { 425, 425, VERDICT_LATER }, { 429, 429, VERDICT_LATER },
	{ 400, 499, VERDICT_REFUSED },
};

static enum verdict verdict_of(int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		if (status >= answers[i].from && status <= answers[i].to)
			return answers[i].verdict;
	return VERDICT_LATER;
}

static int judge(struct ctx *c, const struct push_row *p, const struct fetch_response *r,
		 const char **ret_next, usec *ret_at)
{
	switch (verdict_of(r->status)) {
	case VERDICT_SENT:
		*ret_next = "sent";
		return 0;
	case VERDICT_GONE:
		TRY(q_push_subscription_gone(c, p->subscription_id, NULL));
		*ret_next = "refused";
		return 0;
	case VERDICT_REFUSED:
		*ret_next = "refused";
		return 0;
	case VERDICT_LATER:
		break;
	}
	if (r->retry_after)
		*ret_at = c->now + (r->retry_after < LONGEST_WAIT ? r->retry_after : LONGEST_WAIT);
	return fail(c, E_LATER, "the push service answered %d", r->status);
}

static int waiting(struct ctx *c, const struct job *j, const char **ret_next, usec *ret_at)
{
	const struct push_row *p;
	struct fetch_request q;
	struct fetch_response r;
	int err = q_push_for_job(c, j->id, &p);

	if (!err)
		err = push_request(c, p, &q);
	if (!err) {
		q.once = str_fmt(c->arena, "push/%lld/%lld/%lld", (long long)j->id,
				 (long long)j->state_changed, (long long)j->attempts);
		err = fetch(c, &q, &r);
	}
	if (err == E_NOT_FOUND || err == E_GONE || err == E_INVALID || err == E_REFUSED ||
	    err == E_TOO_LARGE) {
		*ret_next = "refused";
		return 0;
	}
	/* The courier was lost: the same name must be asked. */
	if (err == -EPIPE)
		return -EAGAIN;
	TRY(err);
	return judge(c, p, &r, ret_next, ret_at);
}

static const struct state_handler handlers[] = {
	{ "waiting", waiting },
	{ NULL, NULL },
};

const struct machine push_machine = { &push_graph, handlers, 64 };
