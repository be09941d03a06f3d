/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a decision is appealed against at most once and in time, and an appeal is decided once; accepting it and taking the
 * decision back are one transaction. */
#include "model/strike.h"

#include "base/table.h"
#include "db/db.h"
#include "model/audit.h"
#include "model/dossier.h"
#include "model/mail.h"
#include "model/moderation.h"

#define TITLE_LIMIT 100 /* characters */
#define TEXT_LIMIT 5000

int strike_list(struct ctx *c, int64_t identity_id, bool waiting, const struct page *p,
		const struct strike_row **ret, size_t *ret_n)
{
	struct q_strike_list_args args = {
		.domain_id = c->domain_id,
		.identity_id = identity_id,
		.waiting = waiting,
		.max_id = p->max_id ? p->max_id : INT64_MAX,
		.limit = page_limit(p),
	};

	return q_strike_list(c, &args, ret, ret_n);
}

int strike_get(struct ctx *c, int64_t id, const struct strike_row **ret)
{
	int result = q_strike_by_id(c, c->domain_id, id, ret);

	return result == E_NOT_FOUND ? fail(c, result, "there is no such decision") : result;
}

bool strike_is_open(const struct ctx *c, const struct strike_row *s)
{
	return !s->undone && str_is_empty(s->appeal) && s->created > c->now - STRIKE_APPEAL_TIME;
}

struct appealing {
	int64_t id;
	str text;
};

static int appeal(struct ctx *c, void *arg)
{
	const struct appealing *a = arg;
	const struct strike_row *s;
	struct q_strike_appeal_args args = {
		.id = a->id,
		.domain_id = c->domain_id,
		.identity_id = c->identity_id,
		.text = a->text,
		.since = c->now - STRIKE_APPEAL_TIME,
	};
	size_t n;

	TRY(strike_get(c, a->id, &s));
	if (s->identity_id != c->identity_id)
		return fail(c, E_NOT_FOUND, "there is no such decision");
	TRY(q_strike_appeal(c, &args, &n));
	if (!n)
		return fail(c, E_CONFLICT,
			    "this decision cannot be appealed against, or you did already");
	return dossier_add(c, s->identity_id, s->report_id, "appeal", a->text);
}

int strike_appeal(struct ctx *c, int64_t id, str text)
{
	struct appealing a = { id, str_trim(text) };

	if (str_is_empty(a.text))
		return fail_at(c, "text",
			       fail(c, E_UNPROCESSABLE, "say why the decision is wrong"));
	if (str_chars(a.text) > STRIKE_APPEAL_LIMIT)
		return fail_at(c, "text",
			       fail(c, E_UNPROCESSABLE, "an appeal has at most %d characters",
				    STRIKE_APPEAL_LIMIT));
	return db_transaction(c, appeal, &a);
}

/* What a decision set; those that are not here cannot be taken back, or set nothing. */
static const struct {
	const char *action, *what;
} reversible[] = {
	{ "sensitive", "sensitive" }, { "disable", "disabled" }, { "silence", "silenced" },
	{ "suspend", "suspended" },   { "hold", "held" },
};

static int take_back(struct ctx *c, const struct strike_row *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(reversible); i++)
		if (str_eq_c(s->action, reversible[i].action))
			return moderation_undo_within(c, s->identity_id, reversible[i].what);
	if (str_eq(s->action, STR("mark_statuses_as_sensitive")))
		return q_strike_set_sensitive(c, false, s->post_ids, c->domain_id, NULL);
	return 0;
}

struct deciding {
	int64_t id;
	bool accepts;
	str text;
};

static int decide(struct ctx *c, void *arg)
{
	const struct deciding *d = arg;
	const struct strike_row *s;
	size_t n;

	TRY(strike_get(c, d->id, &s));
	if (!str_eq(s->appeal, STR("waiting")))
		return fail(c, E_NOT_FOUND, "no appeal waits there");
	TRY(q_strike_decide(c, d->accepts, c->identity_id, d->id, c->domain_id, &n));
	if (d->accepts)
		TRY(take_back(c, s));
	TRY(mail_queue(c, &(struct mail_draft){
				  .kind = d->accepts ? MAIL_APPEAL_ACCEPTED : MAIL_APPEAL_REJECTED,
				  .identity_id = s->identity_id,
				  .text = d->text,
			  }));
	TRY(dossier_add(c, s->identity_id, s->report_id, "decide",
			d->accepts ? STR("accepted") : STR("refused")));
	if (d->text.n)
		TRY(dossier_add(c, s->identity_id, s->report_id, "note", d->text));
	return audit_add(c, d->accepts ? "appeal.accept" : "appeal.refuse",
			 str_fmt(c->arena, "%lld", (long long)d->id), STR(""));
}

int strike_decide(struct ctx *c, int64_t id, bool accepts, str text)
{
	struct deciding d = { id, accepts, str_is_null(text) ? STR("") : str_trim(text) };

	if (str_chars(d.text) > TEXT_LIMIT)
		return fail_at(c, "text",
			       fail(c, E_UNPROCESSABLE, "an answer has at most %d characters",
				    TEXT_LIMIT));
	return db_transaction(c, decide, &d);
}

int warning_templates_list(struct ctx *c, const struct warning_template_row **ret, size_t *ret_n)
{
	return q_warning_template_list(c, c->domain_id, ret, ret_n);
}

int warning_template_save(struct ctx *c, const struct warning_template_draft *d)
{
	str title = str_trim(d->title), text = str_trim(d->text);
	size_t n = 1;

	if (str_is_empty(title) || str_is_empty(text))
		return fail_at(c, str_is_empty(title) ? "title" : "text",
			       fail(c, E_UNPROCESSABLE, "a template has a name and a text"));
	if (str_chars(title) > TITLE_LIMIT || str_chars(text) > TEXT_LIMIT)
		return fail_at(c, str_chars(title) > TITLE_LIMIT ? "title" : "text",
			       fail(c, E_UNPROCESSABLE,
				    "at most %d characters for the name, %d for the text",
				    TITLE_LIMIT, TEXT_LIMIT));
	if (d->id)
		TRY(q_warning_template_change(c, title, text, d->id, c->domain_id, &n));
	else
		TRY(q_warning_template_add(c, c->domain_id, title, text, NULL));
	if (!n)
		return fail(c, E_NOT_FOUND, "there is no such template");
	return audit_add(c, "template.save", title, STR(""));
}

int warning_template_remove(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_warning_template_remove(c, id, c->domain_id, &n));
	if (!n)
		return fail(c, E_NOT_FOUND, "there is no such template");
	return audit_add(c, "template.remove", str_fmt(c->arena, "%lld", (long long)id), STR(""));
}
