/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a decision, what follows from it and its line in the audit log are one transaction; nobody decides about somebody of
 * the same or a higher rank.
 */
#include "model/moderation.h"

#include <stdint.h>

#include "base/table.h"
#include "db/db.h"
#include "json/write.h"
#include "model/audit.h"
#include "model/domain.h"
#include "model/emoji.h"
#include "model/notification.h"
#include "model/report.h"
#include "model/user.h"

#define TEXT_LIMIT 5000 /* characters that somebody is told */
#define DETAIL_LIMIT (64 * 1024)

int admin_accounts_load(struct ctx *c, i64s ids, struct admin_account **ret, size_t *ret_n)
{
	struct admin_account *accounts = arena_array(c->arena, ids.n + 1, sizeof(*accounts));
	const struct admin_account_fact_row *facts;
	const struct identity_row *people;
	size_t n_facts, n_people, n = 0;

	TRY(q_admin_account_facts(c, c->domain_id, ids, &facts, &n_facts));
	TRY(q_identity_by_ids(c, ids, &people, &n_people));
	for (size_t i = 0; i < n_people; i++)
		emoji_expect_identity(c, &people[i]);
	for (size_t i = 0; i < ids.n; i++) {
		struct admin_account a = { NULL, NULL };

		for (size_t k = 0; k < n_people; k++)
			if (people[k].id == ids.p[i])
				a.identity = &people[k];
		for (size_t k = 0; k < n_facts; k++)
			if (facts[k].id == ids.p[i])
				a.facts = &facts[k];
		if (a.identity && a.facts)
			accounts[n++] = a;
	}
	*ret = accounts;
	*ret_n = n;
	return 0;
}

int admin_account_get(struct ctx *c, int64_t id, struct admin_account *ret)
{
	struct admin_account *accounts;
	size_t n;

	TRY(admin_accounts_load(c, (i64s){ &id, 1 }, &accounts, &n));
	if (n == 0 || accounts[0].identity->deleted || accounts[0].identity->is_system)
		return fail(c, E_NOT_FOUND, "Record not found");
	*ret = accounts[0];
	return 0;
}

int admin_account_list(struct ctx *c, const struct admin_account_choice *choice,
		       const struct page *p, struct admin_account **ret, size_t *ret_n)
{
	struct q_admin_account_list_args args = {
		.domain_id = c->domain_id,
		.max_id = p->max_id ? p->max_id : INT64_MAX,
		.min_id = p->min_id ? p->min_id : p->since_id,
		.ours = choice->ours,
		.others = choice->others,
		.status = choice->status,
		.username = choice->username,
		.name = choice->name,
		.host = choice->host,
		.email = choice->email,
		.address = choice->address,
		.staff = choice->staff,
		.limit = page_limit(p),
	};
	const struct identity_id_row *rows;
	int64_t *ids;
	size_t n;

	TRY(q_admin_account_list(c, p->min_id != 0, &args, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[p->min_id ? n - 1 - i : i].id;
	return admin_accounts_load(c, (i64s){ ids, n }, ret, ret_n);
}

/* What an action sets; NULL: nothing. */
static const struct {
	const char *action, *what;
} actions[] = {
	{ "none", NULL },	   { "sensitive", "sensitive" }, { "disable", "disabled" },
	{ "silence", "silenced" }, { "suspend", "suspended" },
};

static int find_action(struct ctx *c, str action, const char **ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (str_eq_c(action, actions[i].action)) {
			*ret = actions[i].what;
			return 0;
		}
	return fail(c, E_UNPROCESSABLE, "Validation failed: Type is not included in the list");
}

/* Whether the acting staff may decide about somebody. */
static int check_rank(struct ctx *c, const struct admin_account *a)
{
	int theirs = STAFF_NONE;
	enum staff_role own;

	TRY(staff_role_get(c, &own));
	if (a->facts->role.n && !name_to_value(staff_roles, a->facts->role, &theirs))
		theirs = STAFF_OWNER;
	if (a->identity->id == c->identity_id || theirs >= (int)own)
		return fail(c, E_FORBIDDEN, "This action is not allowed");
	return 0;
}

static int find(struct ctx *c, int64_t id, struct admin_account *ret)
{
	TRY(admin_account_get(c, id, ret));
	return check_rank(c, ret);
}

static int set(struct ctx *c, const struct admin_account *a, const char *what, bool on, str reason)
{
	return q_identity_limit_set(c,
				    &(struct q_identity_limit_set_args){
					    .domain_id = c->domain_id,
					    .identity_id = a->identity->id,
					    .what = str_c(what),
					    .on = on,
					    .reason = reason,
				    },
				    NULL);
}

static str subject_of(struct ctx *c, const struct admin_account *a)
{
	return identity_handle(c->arena, a->identity);
}

/* What a decision entails: no sessions where nobody may act, no ties where nothing is heard. */
static int follow_up(struct ctx *c, const struct admin_account *a, const char *what)
{
	const struct severed_row *severed;
	str name = str_c(what);
	bool ours = a->facts->is_ours;

	if (ours && (str_eq(name, STR("disabled")) || str_eq(name, STR("suspended"))))
		TRY(q_identity_log_out(c, a->identity->id, c->domain_id, NULL));
	if (!str_eq(name, STR("suspended")))
		return 0;
	TRY(q_identity_leave_homes(c, c->domain_id, a->identity->id, NULL));
	if (ours)
		return 0;
	return q_follows_sever_identity(c, a->identity->id, STR("account_suspension"),
					subject_of(c, a), &severed);
}

struct acting {
	const struct moderation_act *act;
	struct admin_account account;
	const struct report_row *report; /* NULL: none */
	const char *what; /* NULL: a warning alone */
};

static int warn(struct ctx *c, const struct acting *a)
{
	struct q_warning_add_args args = {
		.domain_id = c->domain_id,
		.identity_id = a->account.identity->id,
		.action = a->act->action,
		.text = a->act->text,
		.report_id = a->report ? a->report->id : 0,
		.post_ids = a->report ? a->report->post_ids : (i64s){ NULL, 0 },
	};
	const struct warning_row *made;

	TRY(q_warning_add(c, &args, &made));
	if (!a->account.facts->is_ours)
		return 0;
	return notification_tell(c, &(struct notification_news){
					    .identity_id = args.identity_id,
					    .kind = "warning",
					    .actor_id = args.identity_id,
					    .subject_id = made->id,
				    });
}

static int write_audit(struct ctx *c, const struct acting *a)
{
	struct json_out w;
	str detail;

	json_out_init(&w, c->arena, DETAIL_LIMIT);
	json_open_object(&w, NULL);
	json_put_id(&w, "identity", a->account.identity->id);
	json_put_id(&w, "report", a->act->report_id);
	json_put_str(&w, "text", a->act->text);
	json_close_object(&w);
	TRY(json_out_done(&w, &detail));
	return audit_add(c, str_fmt(c->arena, "account.%.*s", STR_ARG(a->act->action)).p,
			 subject_of(c, &a->account), detail);
}

static int act(struct ctx *c, void *arg)
{
	struct acting *a = arg;

	if (a->what) {
		TRY(set(c, &a->account, a->what, true, STR("")));
		TRY(follow_up(c, &a->account, a->what));
	}
	TRY(warn(c, a));
	if (a->report)
		TRY(report_resolve(c, a->report->id, true));
	return write_audit(c, a);
}

int moderation_act(struct ctx *c, const struct moderation_act *m)
{
	struct acting a = { .act = m };

	TRY(find_action(c, m->action, &a.what));
	TRY(find(c, m->identity_id, &a.account));
	if (str_chars(m->text) > TEXT_LIMIT)
		return fail(c, E_UNPROCESSABLE, "Validation failed: Text is too long");
	if (str_eq(m->action, STR("disable")) && !a.account.facts->is_ours)
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: nobody logs in as this account here");
	if (m->report_id)
		TRY(report_get(c, m->report_id, &a.report));
	return db_transaction(c, act, &a);
}

struct undoing {
	struct admin_account account;
	const char *what, *action;
};

static int undo(struct ctx *c, void *arg)
{
	struct undoing *u = arg;

	TRY(set(c, &u->account, u->what, false, STR("")));
	return audit_add(c, u->action, subject_of(c, &u->account), STR(""));
}

int moderation_undo(struct ctx *c, int64_t identity_id, const char *what)
{
	static const struct {
		const char *what, *action;
	} undone[] = {
		{ "sensitive", "account.unsensitive" },
		{ "disabled", "account.enable" },
		{ "silenced", "account.unsilence" },
		{ "suspended", "account.unsuspend" },
	};
	struct undoing u = { .what = what };

	for (size_t i = 0; i < ARRAY_SIZE(undone); i++)
		if (str_eq_c(str_c(what), undone[i].what))
			u.action = undone[i].action;
	TRY(find(c, identity_id, &u.account));
	return db_transaction(c, undo, &u);
}

int moderation_hold(struct ctx *c, int64_t identity_id, str reason)
{
	const struct identity_row *i;

	TRY(q_identity_by_id(c, identity_id, &i));
	return set(c, &(struct admin_account){ .identity = i }, "pending", true,
		   str_is_null(reason) ? STR("") : str_clip(reason, TEXT_LIMIT));
}

static int find_waiting(struct ctx *c, int64_t id, struct undoing *ret)
{
	TRY(find(c, id, &ret->account));
	if (!ret->account.facts->is_ours || !ret->account.facts->pending)
		return fail(c, E_FORBIDDEN, "This action is not allowed");
	return 0;
}

int moderation_approve(struct ctx *c, int64_t identity_id)
{
	struct undoing u = { .what = "pending", .action = "account.approve" };

	TRY(find_waiting(c, identity_id, &u));
	return db_transaction(c, undo, &u);
}

static int delete (struct ctx *c, void *arg)
{
	struct undoing *u = arg;

	TRY(identity_delete(c, u->account.identity->id));
	return audit_add(c, u->action, subject_of(c, &u->account), STR(""));
}

int moderation_reject(struct ctx *c, int64_t identity_id)
{
	struct undoing u = { .action = "account.reject" };

	TRY(find_waiting(c, identity_id, &u));
	return db_transaction(c, delete, &u);
}

int moderation_delete(struct ctx *c, int64_t identity_id)
{
	struct undoing u = { .action = "account.delete" };

	TRY(find(c, identity_id, &u.account));
	if (!u.account.facts->is_ours || !u.account.facts->suspended)
		return fail(c, E_FORBIDDEN, "This action is not allowed");
	return db_transaction(c, delete, &u);
}
