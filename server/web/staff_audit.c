/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the staff did, as a page and as a table for other programs. */
#include "base/clock.h"
#include "base/out.h"
#include "base/table.h"
#include "fetch/url.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/view.h"
#include "server/web/views.h"
#include "templates.h"

#define ENTRIES 50 /* on a page */
#define EXPORT_MOST 10000 /* entries */
#define EXPORT_LIMIT (16 * 1024 * 1024) /* bytes */

/* What actions of the audit log are called; one that is not here is shown by its name. */
static const struct {
	const char *action, *shown;
} deeds[] = {
	{ "account.none", "Member warned" },
	{ "account.sensitive", "Media of an account covered" },
	{ "account.disable", "Account locked out" },
	{ "account.silence", "Account limited" },
	{ "account.suspend", "Account suspended" },
	{ "account.hold", "Posts of an account held" },
	{ "account.delete_statuses", "Posts of an account deleted" },
	{ "account.mark_statuses_as_sensitive", "Posts of an account covered" },
	{ "account.unsensitive", "Media of an account shown again" },
	{ "account.enable", "Account let in again" },
	{ "account.unsilence", "Account limited no longer" },
	{ "account.unsuspend", "Account suspended no longer" },
	{ "account.unhold", "Posts of an account held no longer" },
	{ "account.approve", "Sign-up approved" },
	{ "account.reject", "Sign-up refused" },
	{ "account.delete", "Account deleted" },
	{ "account.log_out", "Sessions of an account ended" },
	{ "account.reset_password", "Letter for a new password sent" },
	{ "account.note", "Note about an account written" },
	{ "staff.grant", "Role in the staff given" },
	{ "staff.revoke", "Role in the staff taken" },
	{ "report.assign", "Report taken on" },
	{ "report.unassign", "Report given back" },
	{ "report.resolve", "Report resolved" },
	{ "report.reopen", "Report opened again" },
	{ "report.change", "Category of a report changed" },
	{ "report.answer", "Report answered" },
	{ "post.accept", "Post of a member accepted" },
	{ "post.refuse", "Post of a member refused" },
	{ "post.remove", "Post removed here" },
	{ "post.restore", "Post brought back" },
	{ "post.hold", "Post held" },
	{ "post.release", "Post let through" },
	{ "post.cover", "Post covered" },
	{ "post.uncover", "Post covered no longer" },
	{ "post.unlist", "Post taken from public timelines" },
	{ "post.list", "Post on public timelines again" },
	{ "policy.add", "Policy written" },
	{ "policy.change", "Policy changed" },
	{ "policy.remove", "Policy removed" },
	{ "policy.replay", "Policy tried on stored posts" },
	{ "appeal.accept", "Appeal accepted" },
	{ "appeal.refuse", "Appeal refused" },
	{ "template.save", "Text for decisions saved" },
	{ "template.remove", "Text for decisions removed" },
	{ "email_domain_block.add", "Mail domain blocked" },
	{ "email_domain_block.remove", "Mail domain blocked no longer" },
	{ "email_block.add", "Mail address blocked" },
	{ "email_block.remove", "Mail address blocked no longer" },
	{ "ip_block.add", "Network blocked" },
	{ "ip_block.change", "Block of a network changed" },
	{ "ip_block.remove", "Network blocked no longer" },
	{ "server_limit.add", "Decision about a server made" },
	{ "server_limit.change", "Decision about a server changed" },
	{ "server_limit.remove", "Decision about a server taken back" },
	{ "server_limit.export", "Decisions about servers exported" },
	{ "allowed_server.add", "Server allowed" },
	{ "allowed_server.remove", "Server allowed no longer" },
	{ "tag.change", "Hashtag changed" },
	{ "trend.approve", "Trend allowed" },
	{ "trend.reject", "Trend refused" },
	{ "emoji.add", "Emoji added" },
	{ "emoji.change", "Emoji changed" },
	{ "emoji.remove", "Emoji removed" },
	{ "announcement.add", "Announcement written" },
	{ "announcement.change", "Announcement changed" },
	{ "announcement.remove", "Announcement removed" },
	{ "invite.add", "Invitation made" },
	{ "invite.withdraw", "Invitation withdrawn" },
	{ "rule.add", "Rule added" },
	{ "rule.change", "Rule changed" },
	{ "rule.move", "Rule moved" },
	{ "rule.translate", "Rule translated" },
	{ "rule.remove", "Rule removed" },
	{ "terms.set", "Terms written" },
	{ "domain.set", "Setting changed" },
	{ "domain.dress", "Looks changed" },
	{ "domain.add", "Community made" },
	{ "domain.verify", "Ownership of the domain proved" },
	{ "domain.activate", "Community opened" },
	{ "domain.suspend", "Community suspended" },
	{ "domain.resume", "Community opened again" },
	{ "domain.delete", "Deletion of the community begun" },
	{ "domain.import", "Taking in of the community begun" },
	{ "domain.imported", "Community taken in" },
	{ "domain.export", "Archive of the community written" },
	{ "domain.leave", "Community begins to move" },
	{ "domain.come_back", "Community stays after all" },
	{ "domain.move_out", "Community moved out" },
	{ "domain.media_quota", "Room for media changed" },
	{ "domain.certificate", "Certificate put in place" },
	{ "domain.certificate_remove", "Certificate removed" },
	{ "identity.add", "Account made" },
	{ "identity.delete", "Account deleted by the operator" },
	{ "identity.leave", "Member left" },
	{ "webhook.add", "Webhook added" },
	{ "webhook.change", "Webhook changed" },
	{ "webhook.rotate", "Secret of a webhook replaced" },
	{ "webhook.test", "Webhook tried" },
	{ "webhook.remove", "Webhook removed" },
	{ "help.allow", "Help of the operator asked for" },
	{ "help.revoke", "Help of the operator ended" },
	{ "help.enter", "Operator came to help" },
};

str staff_deed(struct arena *a, str action)
{
	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++)
		if (str_eq_c(action, deeds[i].action))
			return titled(a, deeds[i].shown);
	return action;
}

static struct q_staff_audit_args args_of(const struct ctx *c, const struct request *q)
{
	str who = staff_query(q, "who");

	return (struct q_staff_audit_args){
		.domain_id = c->domain_id,
		.max_id = view_page(q).max_id,
		.action = staff_query(q, "action"),
		.subject = staff_query(q, "subject"),
		.who = str_starts(who, STR("@")) ? str_from(who, 1) : who,
		.limit = ENTRIES,
	};
}

int staff_audit(struct ctx *c, struct request *q, struct response *r)
{
	const struct q_staff_audit_args args = args_of(c, q);
	const struct page p = view_page(q);
	struct staff_audit_page page = {
		.who = args.who,
		.action = args.action,
		.subject = args.subject,
	};

	TRY(q_staff_audit(c, &args, &page.entries, &page.n_entries));
	TRY(staff_frame(c, q, SECTION_AUDIT, r, &page.staff));
	page.export = str_fmt(c->arena, "/staff/audit.csv?who=%.*s&action=%.*s&subject=%.*s",
			      STR_ARG(url_encode(c->arena, args.who)),
			      STR_ARG(url_encode(c->arena, args.action)),
			      STR_ARG(url_encode(c->arena, args.subject)));
	page.pager = staff_pager(c, q, &p, page.n_entries == ENTRIES,
				 page.n_entries ? page.entries[page.n_entries - 1].id : 0);
	return RESPOND(c, tpl_staff_audit, &page, r);
}

/* RFC 4180; and what a spreadsheet would take for a formula begins with an apostrophe. */
static void put_field(struct out *o, str value, const char *end)
{
	bool is_formula = value.n && (value.p[0] == '=' || value.p[0] == '+' || value.p[0] == '-' ||
				      value.p[0] == '@');

	out_char(o, '"');
	if (is_formula)
		out_char(o, '\'');
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"')
			out_char(o, '"');
		out_char(o, value.p[i]);
	}
	out_char(o, '"');
	out_c(o, end);
}

static void put_entry(struct ctx *c, struct out *o, const struct staff_audit_row *e)
{
	put_field(o, clock_iso(c->arena, e->created), ",");
	put_field(o, e->helper.n ? e->helper : e->who, ",");
	put_field(o, e->action, ",");
	put_field(o, e->subject, ",");
	put_field(o, e->detail, "\r\n");
}

int staff_audit_export(struct ctx *c, struct request *q, struct response *r)
{
	struct q_staff_audit_args args = args_of(c, q);
	const struct staff_audit_row *rows;
	struct out o;
	size_t n;

	args.limit = EXPORT_MOST;
	TRY(q_staff_audit(c, &args, &rows, &n));
	out_init(&o, c->arena, EXPORT_LIMIT);
	out_c(&o, "when,who,action,subject,detail\r\n");
	for (size_t i = 0; i < n; i++)
		put_entry(c, &o, &rows[i]);
	TRY(out_done(&o, &r->body));
	r->type = STR("text/csv; charset=utf-8");
	r->disposition = STR("attachment; filename=\"audit.csv\"");
	return 0;
}
