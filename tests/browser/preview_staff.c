/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Previews of the pages by which staff works on reports and people, and of what others see of it. */
#include "base/arena.h"
#include "server/web/people_page.h"
#include "server/web/staff_page.h"
#include "templates.h"
#include "tests/browser/preview.h"

#define ID 649552710034522187

static const struct staff_entry_view entries[] = {
	{ "/staff/", "Overview", "home", true, 0 },
	{ "/staff/reports/", "Reports", "flag", false, 12 },
	{ "/staff/people/", "People", "person", false, 0 },
	{ "/staff/sign-ups/", "Sign-ups", "in", false, 3 },
	{ "/staff/held/", "Held posts", "clock", false, 1 },
	{ "/staff/appeals/", "Appeals", "talk", false, 1 },
	{ "/staff/templates/", "Templates", "quote", false, 0 },
	{ "/staff/blocks/", "Blocks", "block", false, 0 },
	{ "/staff/audit/", "Audit log", "list", false, 0 },
};

static const struct staff_group_view group = { "People and reports", true, 17, entries,
					       ARRAY_SIZE(entries) };

#define STAFF(name, at)                                                                    \
	.staff = { FRAME(member, .title = STR(name), .path = STR(at), .menu = MENU_STAFF), \
		   .groups = &group, .n_groups = 1 }

static const str broken_rules[] = { STR("Be kind."),
				    STR("No Donaudampfschifffahrtsgesellschaftskapitäne.") };
static const struct option_view rule_options[] = {
	{ 1, STR("Be kind."), true },
	{ 2, STR("No Donaudampfschifffahrtsgesellschaftskapitäne."), false },
};
static const struct option_view texts[] = { { 1, STR("Rudeness"), false } };

static const struct staff_report_view reports[] = {
	{ .id = ID,
	  .subject = long_one,
	  .source = STR("somebody on ein.wirklich.sehr.langer.rechnername.unter.wasser.example"),
	  .category = STR("violation"),
	  .holder = STR("Ann Thistlewood"),
	  .n_posts = 2,
	  .created = AGO(2, DAY) },
	{ .id = ID + 1,
	  .subject = omar,
	  .source = STR("@ann@rookery.example"),
	  .category = STR("spam"),
	  .created = AGO(3, MINUTE),
	  .resolved = true },
};

static const struct strike_row strike_rows[] = {
	{ .id = 7,
	  .identity_id = 5,
	  .action = STR("silence"),
	  .text = STR("You were loud, and that again and again."),
	  .created = AGO(3, DAY),
	  .appeal = STR("waiting"),
	  .appeal_text = STR("I was not. It was the wind.") },
	{ .id = 6,
	  .identity_id = 5,
	  .action = STR("none"),
	  .text = STR("Please be kind."),
	  .created = AGO(9, DAY),
	  .appeal = STR(""),
	  .appeal_text = STR("") },
};
static const struct staff_strike_view strikes[] = {
	{ .row = &strike_rows[0], .person = long_one, .rules = broken_rules, .n_rules = 2 },
	{ .row = &strike_rows[1], .person = long_one, .open = true },
};

static const struct staff_event_view events[] = {
	{ .kind = STR("claim"), .who = STR("Ann Thistlewood"), .when = AGO(2, HOUR) },
	{ .kind = STR("note"),
	  .who = STR("Ann Thistlewood"),
	  .text = STR("Seen before, in spring: https://rookery.example/a/very/long/address/indeed"),
	  .when = AGO(1, HOUR),
	  .report_id = ID },
};

static const struct admin_account_fact_row facts[] = {
	{ .is_ours = true,
	  .email = STR("donaudampfschifffahrtsgesellschaftskapitaen@unter.wasser.example"),
	  .role = STR(""),
	  .silenced = true,
	  .held = true,
	  .suspended = true,
	  .pending = true,
	  .reason = STR("I like birds, and my aunt is here already."),
	  .joined_from = STR("2001:db8:1234:5678:9abc:def0:1234:5678"),
	  .address = STR("198.51.100.7"),
	  .created = AGO(90, DAY) },
	{ .is_ours = true,
	  .email = STR("omar@nishapur.example"),
	  .confirmed = true,
	  .role = STR("moderator"),
	  .created = AGO(2, DAY) },
};
static const struct staff_person_row_view persons[] = {
	{ .person = long_one, .facts = &facts[0] },
	{ .person = omar, .facts = &facts[1] },
};

static struct staff_act_view act_on(const char *path)
{
	return (struct staff_act_view){
		.path = str_c(path),
		.action = STR("silence"),
		.text = STR("</textarea>kept"),
		.rules = rule_options,
		.n_rules = ARRAY_SIZE(rule_options),
		.templates = texts,
		.n_templates = ARRAY_SIZE(texts),
		.ours = true,
		.has_posts = true,
		.error = WRONG("This is not allowed."),
	};
}

static void dashboard(struct out *o)
{
	static const struct staff_numbers_row numbers = {
		.members = 12345, .joined = 12, .active = 345, .posts = 6789, .reports = 3
	};
	const struct staff_dashboard_page page = {
		STAFF("Overview", "/staff/"),
		.n_waiting = 17,
		.numbers = &numbers,
	};

	tpl_staff_dashboard(o, &page);
}

static void report_queue(struct out *o)
{
	const struct staff_reports_page page = {
		STAFF("Reports", "/staff/reports/"),
		.state = STR("mine"),
		.category = STR("spam"),
		.target = STR("@ann\"<"),
		.reports = reports,
		.n_reports = ARRAY_SIZE(reports),
		.pager = { STR("/staff/reports/"), STR("/staff/reports/?max_id=1") },
	};

	tpl_staff_reports(o, &page);
}

static void report_case(struct out *o)
{
	static const struct report_notice_row notice = {
		.name = STR("Ann Other"),
		.email = STR("ann@example.net"),
		.address = STR("https://rookery.example/@captain/posts/1/"),
		.law = STR("Some law"),
	};
	static const struct report_row report = {
		.id = ID,
		.subject_id = 5,
		.category = STR("legal"),
		.comment = STR("They are rude to everybody."),
		.assigned_until = NOW + 2 * USEC_HOUR,
		.forwarded = true,
		.answer = STR("We look at it."),
		.answered = AGO(1, HOUR),
		.created = AGO(2, DAY),
	};
	const struct staff_case_page page = {
		STAFF("Reports", "/staff/reports/649552710034522187/"),
		.report = &report,
		.subject = long_one,
		.source = STR("somebody without an account"),
		.notice = &notice,
		.rules = broken_rules,
		.n_rules = ARRAY_SIZE(broken_rules),
		.holder = STR("Ann Thistlewood"),
		.mine = true,
		.can_answer = true,
		.posts = posts_of(0, 3, 1, false),
		.n_posts = 3,
		.events = events,
		.n_events = ARRAY_SIZE(events),
		.notes = events,
		.n_notes = ARRAY_SIZE(events),
		.strikes = strikes,
		.n_strikes = ARRAY_SIZE(strikes),
		.others = reports,
		.n_others = ARRAY_SIZE(reports),
		.act = act_on("/staff/reports/649552710034522187/act/"),
	};

	tpl_staff_case(o, &page);
}

static void people_list(struct out *o)
{
	const struct staff_people_page page = {
		STAFF("People", "/staff/people/"),
		.origin = STR("local"),
		.sees_addresses = true,
		.people = persons,
		.n_people = ARRAY_SIZE(persons),
	};

	tpl_staff_people(o, &page);
}

static void person(struct out *o)
{
	const struct staff_person_page page = {
		STAFF("People", "/staff/people/5/"),
		.person = long_one,
		.facts = &facts[0],
		.about = STR("Kapitän im Ruhestand"),
		.n_posts = 1,
		.n_following = 20,
		.n_followers = 12345,
		.sees_addresses = true,
		.can_delete = true,
		.can_set_roles = true,
		.notes = events,
		.n_notes = ARRAY_SIZE(events),
		.strikes = strikes,
		.n_strikes = ARRAY_SIZE(strikes),
		.reports = reports,
		.n_reports = ARRAY_SIZE(reports),
		.act = act_on("/staff/people/5/act/"),
		.typed = { .error = WRONG("A note needs a text.") },
	};

	tpl_staff_person(o, &page);
}

static void sign_ups(struct out *o)
{
	const struct staff_sign_ups_page page = {
		STAFF("Sign-ups", "/staff/sign-ups/"),
		.sees_addresses = true,
		.people = persons,
		.n_people = ARRAY_SIZE(persons),
		.error = WRONG("Choose somebody first."),
	};

	tpl_staff_sign_ups(o, &page);
}

static void appeals(struct out *o)
{
	const struct staff_appeals_page page = {
		STAFF("Appeals", "/staff/appeals/"),
		.strikes = strikes,
		.n_strikes = ARRAY_SIZE(strikes),
	};

	tpl_staff_appeals(o, &page);
}

static void warning_templates(struct out *o)
{
	static const struct warning_template_row rows[] = {
		{ .id = 1, .title = STR("Rudeness"), .text = STR("Please be polite.") },
	};
	const struct staff_templates_page page = {
		STAFF("Templates", "/staff/templates/"),
		.templates = rows,
		.n_templates = ARRAY_SIZE(rows),
		.text = STR("</textarea>"),
		.error = WRONG_AT("title", "A template has a name and a text."),
	};

	tpl_staff_templates(o, &page);
}

static void gates(struct out *o)
{
	static const struct staff_gate_view rows[] = {
		{ .id = 1,
		  .what = STR("2001:db8:1234:5678::/64"),
		  .severity = STR("no_access"),
		  .comment = STR("A flood of sign-ups"),
		  .created = AGO(2, DAY),
		  .expires = NOW + USEC_DAY },
	};
	const struct staff_gates_page page = {
		STAFF("Blocks", "/staff/blocks/networks/"),
		.which = GATE_NETWORKS,
		.path = "/staff/blocks/networks/",
		.gates = rows,
		.n_gates = ARRAY_SIZE(rows),
		.what = STR("not a network"),
		.severity = STR("sign_up_block"),
		.days = 3,
		.error = WRONG_AT("what", "That is no network."),
	};

	tpl_staff_gates(o, &page);
}

static void audit(struct out *o)
{
	static const struct staff_audit_row rows[] = {
		{ .id = 2,
		  .who = STR("ann"),
		  .action = STR("account.mark_statuses_as_sensitive"),
		  .subject =
			  STR("@donaudampfschifffahrtsgesellschaftskapitaen@unter.wasser.example"),
		  .created = AGO(2, DAY) },
		{ .id = 1,
		  .action = STR("domain.add"),
		  .subject = STR("rookery.example"),
		  .created = AGO(3, DAY) },
	};
	const struct staff_audit_page page = {
		STAFF("Audit log", "/staff/audit/"),
		.who = STR("ann"),
		.export = STR("/staff/audit.csv?who=ann"),
		.entries = rows,
		.n_entries = ARRAY_SIZE(rows),
	};

	tpl_staff_audit(o, &page);
}

static void own_strikes(struct out *o)
{
	const struct strikes_page page = {
		FRAME(member, .title = STR("Decisions about you"),
		      .path = STR("/settings/strikes/")),
		.strikes = strikes,
		.n_strikes = ARRAY_SIZE(strikes),
		.token = STR("t"),
		.wrong_id = 6,
		.text = STR("kept"),
		.error = WRONG_AT("text", "Say why the decision is wrong."),
	};

	tpl_strikes(o, &page);
}

static void shut_out(struct out *o)
{
	const struct strikes_page page = {
		FRAME(visitor, .title = STR("Decisions about you"), .path = STR("/appeal/")),
		.strikes = strikes,
		.n_strikes = ARRAY_SIZE(strikes),
		.token = STR("t"),
	};

	tpl_appeal(o, &page);
}

static void own_reports(struct out *o)
{
	static const struct own_report_row row = {
		.comment = STR("They are rude to everybody."),
		.resolved = AGO(1, DAY),
		.answer = STR("We have limited them. Thank you."),
		.answered = AGO(1, DAY),
		.created = AGO(2, DAY),
	};
	const struct own_report_view views[] = { { &row, long_one } };
	const struct own_reports_page page = {
		FRAME(member, .title = STR("Your reports"), .path = STR("/settings/reports/")),
		.reports = views,
		.n_reports = ARRAY_SIZE(views),
	};

	tpl_own_reports(o, &page);
}

static void notice_form(struct out *o)
{
	const struct notice_page page = {
		FRAME(visitor, .title = STR("Report illegal content"), .path = STR("/notice/")),
		.addresses = STR("https://rookery.example/@rook/posts/1/"),
		.error = WRONG_AT("name", "Say your name."),
	};

	tpl_notice(o, &page);
}

const struct preview staff_previews[] = {
	{ "staff.html", dashboard },
	{ "staff_reports.html", report_queue },
	{ "staff_case.html", report_case },
	{ "staff_people.html", people_list },
	{ "staff_person.html", person },
	{ "staff_sign_ups.html", sign_ups },
	{ "staff_appeals.html", appeals },
	{ "staff_templates.html", warning_templates },
	{ "staff_gates.html", gates },
	{ "staff_audit.html", audit },
	{ "strikes.html", own_strikes },
	{ "appeal.html", shut_out },
	{ "own_reports.html", own_reports },
	{ "notice.html", notice_form },
	{ NULL, NULL },
};
