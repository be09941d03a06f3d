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
#include "model/dossier.h"
#include "model/domain.h"
#include "model/emoji.h"
#include "model/mail.h"
#include "model/notification.h"
#include "model/post_decision.h"
#include "model/report.h"
#include "model/staff.h"
#include "sql/gen/post.h"
#include "sql/gen/strike.h"

#define TEXT_LIMIT 5000 /* characters that somebody is told */
#define DETAIL_LIMIT (64 * 1024)

/* Whether the acting staff may see of people's addresses. */
static int sees_addresses(struct ctx *c, bool *ret)
{
	enum staff_role own;

	TRY(staff_role_get(c, &own));
	*ret = own >= staff_role_needed(CAPABILITY_ADDRESSES);
	return 0;
}

static int load_facts(struct ctx *c, i64s ids, const struct admin_account_fact_row **ret,
		      size_t *ret_n)
{
	const struct admin_account_fact_row *rows;
	struct admin_account_fact_row *shown;
	bool sees;

	TRY(sees_addresses(c, &sees));
	TRY(q_admin_account_facts(c, c->domain_id, ids, &rows, ret_n));
	shown = arena_array(c->arena, *ret_n + 1, sizeof(*shown));
	for (size_t i = 0; i < *ret_n; i++) {
		shown[i] = rows[i];
		if (!sees)
			shown[i].email = shown[i].address = shown[i].joined_from = STR("");
	}
	*ret = shown;
	return 0;
}

int admin_accounts_load(struct ctx *c, i64s ids, struct admin_account **ret, size_t *ret_n)
{
	struct admin_account *accounts = arena_array(c->arena, ids.n + 1, sizeof(*accounts));
	const struct admin_account_fact_row *facts;
	const struct identity_row *people;
	size_t n_facts, n_people, n = 0;

	TRY(load_facts(c, ids, &facts, &n_facts));
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
	bool sees;

	TRY(sees_addresses(c, &sees));
	if (!sees && (choice->email.n || choice->address.n))
		return fail(c, E_FORBIDDEN, "This action is not allowed");
	TRY(q_admin_account_list(c, p->min_id != 0, &args, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[p->min_id ? n - 1 - i : i].id;
	return admin_accounts_load(c, (i64s){ ids, n }, ret, ret_n);
}

static int bury_posts(struct ctx *c, i64s ids)
{
	for (size_t i = 0; i < ids.n; i++)
		TRY(q_post_bury(c, ids.p[i], NULL));
	return 0;
}

static int cover_posts(struct ctx *c, i64s ids)
{
	return q_strike_set_sensitive(c, true, ids, c->domain_id, NULL);
}

/* What an action sets; NULL: nothing. */
struct action {
	const char *action, *what;
	bool ours_only; /* about the tenant's own */
	int (*posts)(struct ctx *c,
		     i64s ids); /* of the tenant's own; NULL: nothing is done to posts */
	enum post_decision decision; /* about posts of others in its place */
};
static const struct action actions[] = {
	{ "none" },
	{ "sensitive", "sensitive" },
	{ "disable", "disabled", true },
	{ "silence", "silenced" },
	{ "suspend", "suspended" },
	{ "hold", "held", true },
	{ "delete_statuses", NULL, false, bury_posts, DECISION_REMOVED },
	{ "mark_statuses_as_sensitive", NULL, false, cover_posts, DECISION_COVERED },
};

static int find_action(struct ctx *c, str action, const struct action **ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (str_eq_c(action, actions[i].action)) {
			*ret = &actions[i];
			return 0;
		}
	return fail(c, E_UNPROCESSABLE, "Validation failed: Type is not included in the list");
}

/* Whether the acting staff may decide about somebody. */
static int check_rank(struct ctx *c, const struct admin_account *a)
{
	const struct acting_as_host_row *host;
	int theirs = STAFF_NONE;
	enum staff_role own;

	/* Nobody in particular is the command line, which is known by its role in the database. */
	if (!c->user_id) {
		TRY(q_acting_as_host(c, &host));
		return host->is_host ? 0 : fail(c, E_FORBIDDEN, "This action is not allowed");
	}
	TRY(staff_role_get(c, &own));
	if (a->facts->role.n && !name_to_value(staff_roles, a->facts->role, &theirs))
		theirs = STAFF_OWNER;
	if (a->identity->id == c->identity_id || theirs >= (int)own)
		return fail(c, E_FORBIDDEN, "This action is not allowed");
	return 0;
}

int moderation_find(struct ctx *c, int64_t id, struct admin_account *ret)
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
	/* Its followers' servers hear of it, as they would of an edit. */
	if (ours)
		return q_identity_republish(c, a->identity->id, NULL);
	return q_follows_sever_identity(c, a->identity->id, STR("account_suspension"),
					subject_of(c, a), &severed);
}

struct acting {
	const struct moderation_act *act;
	struct admin_account account;
	const struct report_row *report; /* NULL: none */
	const struct action *action;
	i64s post_ids; /* because of which */
};

static int warn(struct ctx *c, const struct acting *a)
{
	struct q_warning_add_args args = {
		.domain_id = c->domain_id,
		.identity_id = a->account.identity->id,
		.action = a->act->action,
		.text = a->act->text,
		.report_id = a->report ? a->report->id : 0,
		.post_ids = a->post_ids,
		.rule_ids = a->act->rule_ids,
	};
	const struct warning_row *made;

	TRY(q_warning_add(c, &args, &made));
	if (!a->account.facts->is_ours)
		return 0;
	TRY(mail_queue(c, &(struct mail_draft){ .kind = MAIL_WARNING,
						.identity_id = args.identity_id,
						.name = args.action,
						.text = args.text }));
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

static int act_on_posts(struct ctx *c, const struct acting *a)
{
	if (a->account.facts->is_ours)
		return a->action->posts(c, a->post_ids);
	return posts_decide_within(c, a->post_ids, a->action->decision, a->act->text);
}

static int act(struct ctx *c, void *arg)
{
	struct acting *a = arg;

	if (a->action->what) {
		TRY(set(c, &a->account, a->action->what, true, STR("")));
		TRY(follow_up(c, &a->account, a->action->what));
	}
	if (a->action->posts)
		TRY(act_on_posts(c, a));
	TRY(warn(c, a));
	TRY(dossier_add(c, a->account.identity->id, a->act->report_id, "act", a->act->action));
	if (a->report)
		TRY(report_resolve(c, a->report->id, true));
	return write_audit(c, a);
}

static int find_own_posts(struct ctx *c, struct acting *a)
{
	const struct post_id_row *rows;
	int64_t *ids;

	TRY(q_strike_posts(c, a->post_ids, a->account.identity->id, c->domain_id, &rows,
			   &a->post_ids.n));
	ids = arena_array(c->arena, a->post_ids.n + 1, sizeof(*ids));
	for (size_t i = 0; i < a->post_ids.n; i++)
		ids[i] = rows[i].id;
	a->post_ids.p = ids;
	return 0;
}

/* The posts that a decision is because of. What is done to posts is done to those alone that are theirs, and there have to be some. */
static int find_posts(struct ctx *c, struct acting *a)
{
	a->post_ids = a->act->post_ids;
	if (a->post_ids.n == 0 && a->report)
		a->post_ids = a->report->post_ids;
	if (!a->action->posts)
		return 0;
	if (a->account.facts->is_ours)
		TRY(find_own_posts(c, a));
	else
		TRY(posts_decidable(c, a->post_ids, a->account.identity->id, &a->post_ids));
	return a->post_ids.n
		       ? 0
		       : fail(c, E_UNPROCESSABLE, "Validation failed: there are no such posts");
}

int moderation_act(struct ctx *c, const struct moderation_act *m)
{
	struct acting a = { .act = m };

	TRY(find_action(c, m->action, &a.action));
	TRY(moderation_find(c, m->identity_id, &a.account));
	if (str_chars(m->text) > TEXT_LIMIT)
		return fail_at(c, "text",
			       fail(c, E_UNPROCESSABLE, "Validation failed: Text is too long"));
	if (a.action->ours_only && !a.account.facts->is_ours)
		return fail(c, E_UNPROCESSABLE,
			    "Validation failed: nobody logs in as this account here");
	if (m->report_id)
		TRY(report_get(c, m->report_id, &a.report));
	if (a.report && a.report->subject_id != m->identity_id)
		return fail(c, E_NOT_FOUND, "Record not found");
	TRY(find_posts(c, &a));
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
	TRY(dossier_add(c, u->account.identity->id, 0, "undo", str_c(u->what)));
	if (u->account.facts->is_ours && str_eq_c(STR("suspended"), u->what))
		TRY(q_identity_republish(c, u->account.identity->id, NULL));
	return audit_add(c, u->action, subject_of(c, &u->account), STR(""));
}

static int plan_undo(struct ctx *c, int64_t identity_id, const char *what, struct undoing *ret)
{
	static const struct {
		const char *what, *action;
	} undone[] = {
		{ "sensitive", "account.unsensitive" }, { "disabled", "account.enable" },
		{ "silenced", "account.unsilence" },	{ "suspended", "account.unsuspend" },
		{ "held", "account.unhold" },
	};
	struct undoing u = { .what = what };

	for (size_t i = 0; i < ARRAY_SIZE(undone); i++)
		if (str_eq_c(str_c(what), undone[i].what))
			u.action = undone[i].action;
	if (!u.action)
		return fail(c, E_UNPROCESSABLE, "that cannot be taken back");
	TRY(moderation_find(c, identity_id, &u.account));
	*ret = u;
	return 0;
}

int moderation_undo(struct ctx *c, int64_t identity_id, const char *what)
{
	struct undoing u;

	TRY(plan_undo(c, identity_id, what, &u));
	return db_transaction(c, undo, &u);
}

int moderation_undo_within(struct ctx *c, int64_t identity_id, const char *what)
{
	struct undoing u;

	TRY(plan_undo(c, identity_id, what, &u));
	return undo(c, &u);
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
	TRY(moderation_find(c, id, &ret->account));
	if (!ret->account.facts->is_ours || !ret->account.facts->pending)
		return fail(c, E_FORBIDDEN, "This action is not allowed");
	return 0;
}

static int approve(struct ctx *c, void *arg)
{
	const struct undoing *u = arg;

	TRY(mail_queue(c, &(struct mail_draft){ .kind = MAIL_APPROVED,
						.identity_id = u->account.identity->id }));
	return undo(c, arg);
}

int moderation_approve(struct ctx *c, int64_t identity_id)
{
	struct undoing u = { .what = "pending", .action = "account.approve" };

	TRY(find_waiting(c, identity_id, &u));
	return db_transaction(c, approve, &u);
}

static int delete (struct ctx *c, void *arg)
{
	struct undoing *u = arg;

	TRY(identity_delete(c, u->account.identity->id));
	return audit_add(c, u->action, subject_of(c, &u->account), STR(""));
}

static int reject(struct ctx *c, void *arg)
{
	const struct undoing *u = arg;

	TRY(mail_queue(c, &(struct mail_draft){ .kind = MAIL_REJECTED,
						.identity_id = u->account.identity->id }));
	return delete (c, arg);
}

int moderation_reject(struct ctx *c, int64_t identity_id)
{
	struct undoing u = { .action = "account.reject" };

	TRY(find_waiting(c, identity_id, &u));
	return db_transaction(c, reject, &u);
}

int moderation_delete(struct ctx *c, int64_t identity_id)
{
	struct undoing u = { .action = "account.delete" };

	TRY(moderation_find(c, identity_id, &u.account));
	if (!u.account.facts->is_ours || !u.account.facts->suspended)
		return fail(c, E_FORBIDDEN, "This action is not allowed");
	return db_transaction(c, delete, &u);
}
