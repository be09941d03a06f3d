/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * delivery: one activity to one inbox. What an answer means is one table; anything that another try
 * may change is tried again for a week, anything else ends this delivery alone.
 */
#include <errno.h>

#include "ap/transport.h"
#include "base/log.h"
#include "model/activity.h"
#include "model/server.h"
#include "sql/gen/activity.h"
#include "stator/handler.h"

#define REFUSALS 4 /* attempts that may end in 401 or 403 */
#define NEWS USEC_HOUR /* a success is written down once in this time */
#define LONGEST_WAIT USEC_DAY /* that a server may ask for */

enum verdict { VERDICT_SENT, VERDICT_KNOCK, VERDICT_RETRY, VERDICT_BUSY, VERDICT_END };

/* RFC 9110; for statuses that are not listed the class decides. */
static const struct {
	int from, to;
	enum verdict verdict;
} answers
	[] = {
		{ 200, 299, VERDICT_SENT },
		{ 300, 399, VERDICT_RETRY }, /* an inbox does not move by redirect, its server is being moved */
		{ 401, 401, VERDICT_KNOCK },
		{ 403, 403, VERDICT_KNOCK }, /* perhaps the other signature form */
		{ 408, 408, VERDICT_BUSY },
		{ 425, 425, VERDICT_BUSY },
		{ 429, 429, VERDICT_BUSY },
		{ 400, 499, VERDICT_END },
		{ 500, 599, VERDICT_BUSY },
	};

static enum verdict verdict_of(int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		if (status >= answers[i].from && status <= answers[i].to)
			return answers[i].verdict;
	return VERDICT_RETRY;
}

static enum signature_form form_of(const struct delivery_row *d)
{
	return str_eq(d->signature_form, STR("rfc9421")) ? SIGNATURE_RFC9421 : SIGNATURE_CAVAGE;
}

/* The name of an attempt: whoever repeats it after a crash gets its answer, and the server no second copy. Ids
 * come again when a database is made anew, moments do not. */
static str name_of(struct ctx *c, const struct job *j, enum signature_form form)
{
	return str_fmt(c->arena, "%lld/%lld/%lld/%d", (long long)j->id, (long long)j->state_changed,
		       (long long)j->attempts, (int)form);
}

static int post(struct ctx *c, const struct job *j, const struct delivery_row *d,
		enum signature_form form, struct ap_result *ret)
{
	struct ap_signer signer = { d->key_uri, d->private_der };
	struct ap_posting posting = {
		.signer = &signer,
		.form = form,
		.inbox = d->inbox_uri,
		.body = d->body,
		.once = name_of(c, j, form),
	};

	return ap_post(c, &posting, ret);
}

/* The second knock: the form that this server did not have yet. */
static int knock_again(struct ctx *c, const struct job *j, const struct delivery_row *d,
		       struct ap_result *ret)
{
	bool was_cavage = form_of(d) == SIGNATURE_CAVAGE;

	TRY(post(c, j, d, was_cavage ? SIGNATURE_RFC9421 : SIGNATURE_CAVAGE, ret));
	/* To forget it costs a knock; to fail for it, a second copy of what was accepted. */
	if (verdict_of(ret->status) == VERDICT_SENT &&
	    server_prefers(c, d->server_id, was_cavage ? "rfc9421" : "cavage"))
		log_debug(c, "event=server_prefers failed");
	return 0;
}

static void worked(struct ctx *c, const struct delivery_row *d)
{
	if (d->failures == 0 && d->last_success > c->now - NEWS)
		return;
	if (server_worked(c, d->server_id))
		log_debug(c, "event=server_worked failed");
}

static int busy(struct ctx *c, const struct delivery_row *d, usec wait, usec *ret_at)
{
	if (wait > LONGEST_WAIT)
		wait = LONGEST_WAIT;
	if (wait)
		*ret_at = c->now + wait;
	return server_failed(c, d->server_id, false, wait);
}

static int judge(struct ctx *c, const struct job *j, const struct delivery_row *d,
		 const struct ap_result *r, const char **ret_next, usec *ret_at)
{
	switch (verdict_of(r->status)) {
	case VERDICT_SENT:
		*ret_next = "sent";
		worked(c, d);
		return 0;
	case VERDICT_END:
		*ret_next = "refused";
		return 0;
	case VERDICT_KNOCK:
		if (j->attempts + 1 >= REFUSALS)
			*ret_next = "refused";
		break;
	case VERDICT_BUSY:
		TRY(busy(c, d, r->retry_after, ret_at));
		break;
	case VERDICT_RETRY:
		break;
	}
	return *ret_next ? 0 : fail(c, E_LATER, "%.*s", STR_ARG(r->reason));
}

static int waiting(struct ctx *c, const struct job *j, const char **ret_next, usec *ret_at)
{
	const struct delivery_row *d;
	struct ap_result r = { 0 };
	int err;

	err = q_delivery_by_id(c, j->id, &d);
	if (err)
		return err == E_LATER ? -EAGAIN : err;
	err = post(c, j, d, form_of(d), &r);
	if (!err && verdict_of(r.status) == VERDICT_KNOCK)
		err = knock_again(c, j, d, &r);
	if (err == E_REFUSED || err == E_INVALID) {
		*ret_next = "refused";
		return 0;
	}
	if (err > 0) {
		TRY(server_failed(c, d->server_id, true, 0));
		return err;
	}
	/* The courier was lost, and whether it made the exchange is not known: the same name must be asked. */
	if (err == -EPIPE)
		return -EAGAIN;
	TRY(err);
	return judge(c, j, d, &r, ret_next, ret_at);
}

static const struct state_handler handlers[] = {
	{ "waiting", waiting },
	{ NULL, NULL },
};

const struct machine delivery_machine = { &delivery_graph, handlers, 0 };
