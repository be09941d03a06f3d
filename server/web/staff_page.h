/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What pages of the staff show, as page.h says of all others; each begins with a struct staff_frame. */
#ifndef SERVER_WEB_STAFF_PAGE_H
#define SERVER_WEB_STAFF_PAGE_H

#include "server/web/page.h"
#include "server/web/people_page.h"
#include "sql/gen/moderation.h"
#include "sql/gen/report.h"
#include "sql/gen/staff.h"
#include "sql/gen/strike.h"

/* An entry of the menu. */
struct staff_entry_view {
	const char *path, *title, *icon;
	bool current;
	int64_t waiting;
};

/* Entries under one heading, at least one. */
struct staff_group_view {
	const char *title;
	bool current; /* the present page is among them */
	int64_t waiting; /* of all entries */
	const struct staff_entry_view *entries; /* that the viewer's role allows */
	size_t n_entries;
};

struct staff_frame {
	struct frame frame;
	const struct staff_group_view *groups;
	size_t n_groups;
};

struct staff_dashboard_page {
	struct staff_frame staff;
	int64_t n_waiting; /* of all entries */
	const struct staff_numbers_row *numbers;
};

/* A filter of templates: what a word of the database is called among staff ("suspend": "Suspended"). */
str staff_word(struct arena *a, str word);
/* Likewise: an action of the audit log, in words. */
str staff_deed(struct arena *a, str action);

struct staff_report_view {
	int64_t id;
	struct person_view subject;
	str source; /* who complained, as far as it is told */
	str category, excerpt;
	str holder; /* who of the staff deals with it; empty: nobody */
	size_t n_posts;
	usec created;
	bool resolved;
};

struct staff_reports_page {
	struct staff_frame staff;
	str state, category, origin, target; /* as chosen */
	const struct staff_report_view *reports;
	size_t n_reports;
	struct pager_view pager;
};

struct staff_event_view {
	str kind, text;
	str who; /* of the staff; empty: nobody who is there */
	bool is_word; /* the text is a word of the database */
	usec when;
	int64_t report_id; /* 0: in no case */
};

struct staff_strike_view {
	const struct strike_row *row;
	struct person_view person;
	const str *rules;
	size_t n_rules;
	bool open; /* can be appealed against */
};

/* The form that decides about somebody. */
struct staff_act_view {
	str path; /* that it is sent to */
	str action, text; /* as typed */
	int64_t template_id; /* as chosen */
	const struct option_view *rules, *templates;
	size_t n_rules, n_templates;
	bool ours; /* it is about one of the tenant's own */
	bool has_posts; /* that it can be about */
	struct wrong error;
};

/* What a page about somebody keeps of the form that was sent to it. */
struct staff_typed {
	str note, answer; /* as typed */
	struct wrong error; /* of these */
};

struct staff_case_page {
	struct staff_frame staff;
	const struct report_row *report;
	struct person_view subject;
	str source;
	const struct report_notice_row *notice; /* NULL: by somebody with an account */
	const str *rules; /* that the report names */
	size_t n_rules;
	str holder;
	bool mine; /* the viewer deals with it */
	bool can_answer;
	const struct post_view *posts;
	size_t n_posts;
	const struct staff_event_view *events, *notes;
	size_t n_events, n_notes;
	const struct staff_strike_view *strikes;
	size_t n_strikes;
	const struct staff_report_view *others; /* reports about the same */
	size_t n_others;
	struct staff_act_view act;
	struct staff_typed typed;
};

struct staff_person_row_view {
	struct person_view person;
	const struct admin_account_fact_row *facts;
	bool chosen;
};

struct staff_people_page {
	struct staff_frame staff;
	str name, email, address, origin, status; /* as chosen */
	bool sees_addresses;
	const struct staff_person_row_view *people;
	size_t n_people;
	struct pager_view pager;
	struct wrong error;
};

struct staff_person_page {
	struct staff_frame staff;
	struct person_view person;
	const struct admin_account_fact_row *facts;
	str about; /* first words of the biography, plain text */
	int64_t n_posts, n_following, n_followers;
	bool sees_addresses, can_delete, can_set_roles;
	bool self;
	const struct staff_event_view *notes;
	size_t n_notes;
	const struct staff_strike_view *strikes;
	size_t n_strikes;
	const struct staff_report_view *reports;
	size_t n_reports;
	struct staff_act_view act;
	struct staff_typed typed;
};

/* Who waits to be let in. */
struct staff_sign_ups_page {
	struct staff_frame staff;
	bool sees_addresses;
	const struct staff_person_row_view *people;
	size_t n_people;
	struct pager_view pager;
	struct wrong error;
};

struct staff_appeals_page {
	struct staff_frame staff;
	bool all; /* every decision, not only those whose appeal waits */
	const struct staff_strike_view *strikes;
	size_t n_strikes;
	struct pager_view pager;
	int64_t wrong_id; /* the decision that the error is about */
	str text; /* the answer to its appeal, as typed */
	struct wrong error;
};

struct staff_templates_page {
	struct staff_frame staff;
	const struct warning_template_row *templates;
	size_t n_templates;
	int64_t wrong_id; /* the one that the error is about; 0: a new one */
	str title, text; /* of it, as typed */
	struct wrong error;
};

/* Who may not join: by the host of an e-mail address, by the address, by the network. */
enum staff_gate { GATE_HOSTS, GATE_EMAILS, GATE_NETWORKS };

struct staff_gate_view {
	int64_t id;
	str what; /* host, hash or network */
	str severity, comment;
	usec created, expires; /* 0: never */
};

struct staff_gates_page {
	struct staff_frame staff;
	enum staff_gate which;
	const char *path; /* of this page */
	const struct staff_gate_view *gates;
	size_t n_gates;
	struct pager_view pager;
	str what, severity, comment; /* as typed */
	int64_t days; /* that it is to last; 0: for ever */
	struct wrong error;
};

struct staff_audit_page {
	struct staff_frame staff;
	str who, action, subject; /* as chosen */
	str export; /* path of the same as a table */
	const struct staff_audit_row *entries;
	size_t n_entries;
	struct pager_view pager;
};

/*
 * What others than staff see of its work.
 */

struct strikes_page {
	struct frame frame;
	const struct staff_strike_view *strikes;
	size_t n_strikes;
	struct pager_view pager;
	str token; /* of the session */
	int64_t wrong_id; /* the one that the error is about */
	str text; /* as typed */
	struct wrong error;
};

struct own_report_view {
	const struct own_report_row *row;
	struct person_view subject;
};

struct own_reports_page {
	struct frame frame;
	const struct own_report_view *reports;
	size_t n_reports;
	struct pager_view pager;
};

struct notice_page {
	struct frame frame;
	str addresses, name, email, law, comment; /* as typed */
	bool good_faith;
	int64_t done; /* number of the one that was taken; 0: none yet */
	struct wrong error;
};

#endif
