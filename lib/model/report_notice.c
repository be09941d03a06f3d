/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Answers to those who complained, and complaints of people without an account. Invariant: what a stranger sends is bounded in
 * length and in number, and becomes a report about somebody who is known here, or nothing.
 */
#include "base/id.h"
#include "base/table.h"
#include "db/db.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/letter_limit.h"
#include "model/mail.h"
#include "model/post.h"
#include "model/report.h"
#include "model/throttle.h"
#include "model/user.h"

#define ANSWER_LIMIT 5000 /* characters */
#define NOTICE_LIMIT 5000
#define LINE_LIMIT 300
#define ADDRESSES 20 /* that one notice names */
#define NOTICES 10 /* from one network ... */
#define NOTICES_WINDOW USEC_DAY

struct answering {
	int64_t id;
	str text;
};

/* By mail: to a member, or to the address of somebody without an account; not to another server's. */
static int tell_source(struct ctx *c, int64_t id, str text)
{
	const struct report_notice_row *notice;
	const struct identity_row *subject;
	const struct report_row *r;
	struct mail_draft d = { .kind = MAIL_REPORT_ANSWERED, .text = text };

	TRY(report_get(c, id, &r));
	TRY(q_identity_by_id(c, r->subject_id, &subject));
	TRY(report_notice_of(c, id, &notice));
	d.name = identity_handle(c->arena, subject);
	d.identity_id = r->source_id;
	if (notice)
		d.address = notice->email;
	return notice || r->source_id ? mail_queue(c, &d) : 0;
}

static int answer(struct ctx *c, void *arg)
{
	const struct answering *a = arg;
	size_t n;

	TRY(q_report_answer(c, a->text, a->id, c->domain_id, c->identity_id, &n));
	if (!n)
		return fail(c, E_NOT_FOUND, "there is no such report");
	TRY(tell_source(c, a->id, a->text));
	return audit_add(c, "report.answer", str_fmt(c->arena, "%lld", (long long)a->id), STR(""));
}

int report_answer(struct ctx *c, int64_t id, str text)
{
	struct answering a = { id, str_trim(text) };

	if (str_is_empty(a.text))
		return fail_at(c, "text", fail(c, E_UNPROCESSABLE, "an answer needs a text"));
	if (str_chars(a.text) > ANSWER_LIMIT)
		return fail_at(c, "text",
			       fail(c, E_UNPROCESSABLE, "an answer has at most %d characters",
				    ANSWER_LIMIT));
	return db_transaction(c, answer, &a);
}

int report_list_own(struct ctx *c, const struct page *p, const struct own_report_row **ret,
		    size_t *ret_n)
{
	return q_report_list_own(c, c->domain_id, c->identity_id, p->max_id ? p->max_id : INT64_MAX,
				 page_limit(p), ret, ret_n);
}

int report_notice_of(struct ctx *c, int64_t id, const struct report_notice_row **ret)
{
	int result = q_report_notice(c, id, c->domain_id, ret);

	if (result == E_NOT_FOUND)
		*ret = NULL;
	return result == E_NOT_FOUND ? 0 : result;
}

struct noticing {
	const struct report_notice *notice;
	int64_t subject_id;
	int64_t posts[ADDRESSES];
	size_t n_posts;
	str email;
	int64_t made_id;
};

/* What one address stands for: a post of somebody, or a person; nothing of what is not known here. */
static int look_up(struct ctx *c, str url, struct noticing *n)
{
	const struct report_target_row *found;
	int result = q_report_target(c, url, &found);

	if (result == E_NOT_FOUND)
		return 0;
	TRY(result);
	if (!n->subject_id)
		n->subject_id = found->identity_id;
	if (found->post_id && found->identity_id == n->subject_id)
		n->posts[n->n_posts++] = found->post_id;
	return 0;
}

static int find_target(struct ctx *c, struct noticing *n)
{
	str rest = n->notice->addresses, line;

	for (size_t i = 0; i < ADDRESSES && str_cut(&rest, '\n', &line); i++) {
		line = str_trim(line);
		if (line.n)
			TRY(look_up(c, line, n));
	}
	return n->subject_id ? 0
			     : fail_at(c, "addresses",
				       fail(c, E_UNPROCESSABLE,
					    "none of these addresses is of something here"));
}

static int check(struct ctx *c, struct noticing *n)
{
	const struct report_notice *d = n->notice;
	const struct {
		str value;
		size_t limit;
		const char *field, *name;
	} fields[] = {
		{ d->addresses, NOTICE_LIMIT, "addresses", "the addresses of what it is about" },
		{ d->comment, NOTICE_LIMIT, "comment", "why it is against the law" },
		{ d->name, LINE_LIMIT, "name", "your name" },
		{ d->email, LINE_LIMIT, "email", "your e-mail address" },
	};
	int result;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (str_is_empty(str_trim(fields[i].value)))
			return fail_at(c, fields[i].field,
				       fail(c, E_UNPROCESSABLE, "say %s", fields[i].name));
		if (str_chars(fields[i].value) > fields[i].limit)
			return fail_at(c, fields[i].field,
				       fail(c, E_UNPROCESSABLE, "it has at most %zu characters",
					    fields[i].limit));
	}
	if (str_chars(d->law) > LINE_LIMIT)
		return fail_at(c, "law",
			       fail(c, E_UNPROCESSABLE, "it has at most %d characters",
				    LINE_LIMIT));
	if (!d->good_faith)
		return fail_at(c, "good_faith",
			       fail(c, E_UNPROCESSABLE, "say that it is true as far as you know"));
	result = email_normalise(c, d->email, &n->email);
	return result > 0
		       ? fail_at(c, "email", fail(c, E_UNPROCESSABLE, "that is no e-mail address"))
		       : result;
}

/* The address may be another's, so that letters to it are counted. */
static int acknowledge(struct ctx *c, const struct noticing *n)
{
	bool may;

	TRY(letter_may_go(c, n->email, &may));
	if (!may)
		return 0;
	return mail_queue(c, &(struct mail_draft){
				     .kind = MAIL_REPORT_RECEIVED,
				     .address = n->email,
				     .name = str_fmt(c->arena, "%lld", (long long)n->made_id),
			     });
}

static int store(struct ctx *c, void *arg)
{
	struct noticing *n = arg;
	const struct report_id_row *made;
	struct q_report_add_notice_args args = {
		.domain_id = c->domain_id,
		.origin = c->domain->origin,
		.subject_id = n->subject_id,
		.post_ids = { n->posts, n->n_posts },
		.comment = n->notice->comment,
		.name = n->notice->name,
		.email = n->email,
		.address = n->notice->addresses,
		.law = n->notice->law,
	};

	TRY(q_report_add_notice(c, &args, &made));
	n->made_id = made->id;
	TRY(acknowledge(c, n));
	return report_tell_staff(c, "report", n->subject_id, made->id);
}

int report_take_notice(struct ctx *c, const struct report_notice *notice, int64_t *ret_id)
{
	struct noticing n = { .notice = notice };

	TRY(check(c, &n));
	TRY(throttle_hit(c, "notice", throttle_network(c, notice->client), NOTICES,
			 NOTICES_WINDOW));
	TRY(find_target(c, &n));
	TRY(db_transaction(c, store, &n));
	*ret_id = n.made_id;
	return 0;
}
