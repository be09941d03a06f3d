/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Pages of a tenant's staff: their sections, what stands on each of them, and their handlers. Whether a person's role
 * allows a page is judged by dispatch with the capability of its route (staff_routes.c); the menu shows a section to
 * those whose role allows the route that it leads to.
 */
#ifndef SERVER_WEB_STAFF_H
#define SERVER_WEB_STAFF_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/staff.h"
#include "model/timeline.h"
#include "server/http.h"
#include "server/web/staff_page.h"

enum staff_section {
	SECTION_DASHBOARD,
	SECTION_REPORTS,
	SECTION_PEOPLE,
	SECTION_SIGN_UPS,
	SECTION_HELD,
	SECTION_POLICIES,
	SECTION_APPEALS,
	SECTION_TEMPLATES,
	SECTION_GATES,
	SECTION_AUDIT,
	SECTION_SERVERS,
	SECTION_HASHTAGS,
	SECTION_EMOJI,
	SECTION_ANNOUNCEMENTS,
	SECTION_INVITES,
	SECTION_RULES,
	SECTION_TEXTS,
	SECTION_BRANDING,
	SECTION_SIGN_UP,
	SECTION_WEBHOOKS,
	SECTION_USAGE,
	SECTION_HELP,
	STAFF_SECTIONS
};

/* What each section is; path and title stand in the menu. */
/* Headings of the menu, in their order. */
enum staff_group { GROUP_OVERVIEW, GROUP_PEOPLE, GROUP_OUTSIDE, GROUP_HOUSE, STAFF_GROUPS };

struct staff_section_info {
	const char *path; /* "/staff/reports/" */
	const char *title;
	const char *icon; /* of templates/assets/icons.svg */
	/* How much waits there, of what was counted; NULL: nothing ever does. */
	int64_t (*waiting)(const struct staff_waiting_row *w);
	enum staff_group group;
};
extern const struct staff_section_info staff_sections[STAFF_SECTIONS];

/* Fills in what stands around a page of a section, with its title: two statements more than frame_load. */
int staff_frame(struct ctx *c, const struct request *q, enum staff_section section,
		struct response *r, struct staff_frame *ret) must_check;
/* 303 to a path of ours, whose page says that it was done: by a word of the table in staff.c ("saved"). */
int staff_done(struct ctx *c, str path, const char *word, struct response *r) must_check;
/* As view_pager(), and the filters of the query stay. */
struct pager_view staff_pager(struct ctx *c, const struct request *q, const struct page *p,
			      bool is_full, int64_t last_id);
/* A value of the query; empty when it is absent. */
str staff_query(const struct request *q, const char *name);
/* An id of the path; E_NOT_FOUND when it is none. */
int staff_path_id(struct ctx *c, const struct request *q, size_t n, int64_t *ret) must_check;

/* Ids that a form brings under one name. */
#define STAFF_IDS 100
i64s staff_form_ids(struct ctx *c, const struct request *q, const char *name);
/* What the form of a page that is shown again because of a condition says; sets the status. */
struct wrong staff_problem(struct ctx *c, int err, struct response *r);
/* Whether a condition is about what was typed, and the form is shown again. */
bool staff_is_typed_wrong(int err);
/* Whether the acting staff may do something else than what the page needs. */
int staff_sees(struct ctx *c, enum capability what, bool *ret) must_check;

/* staff_view.c: people by their ids, loaded by one statement. */
struct identity_row;
struct staff_people {
	const struct identity_row *rows;
	size_t n;
};
int staff_people_load(struct ctx *c, i64s ids, struct staff_people *ret) must_check;
struct person_view staff_person_of(struct ctx *c, const struct staff_people *p, int64_t id);

int staff_view_reports(struct ctx *c, const struct report_row *rows, size_t n,
		       struct staff_report_view **ret) must_check;
int staff_view_strikes(struct ctx *c, const struct strike_row *rows, size_t n,
		       struct staff_strike_view **ret) must_check;
struct dossier_entry_row;
int staff_view_events(struct ctx *c, const struct dossier_entry_row *rows, size_t n,
		      struct staff_event_view **ret) must_check;
/* Posts in the order of their ids' list, those that staff may read. */
int staff_view_posts(struct ctx *c, i64s ids, const struct post_view **ret,
		     size_t *ret_n) must_check;
/* Who complained: nobody elsewhere is named by more than their server. */
str staff_source(struct ctx *c, const struct staff_people *p, const struct report_row *report);

/* staff_act.c: the form that decides, before and after it was sent. */
int staff_act_fill(struct ctx *c, const struct request *q, struct staff_act_view *act) must_check;
int staff_act_do(struct ctx *c, const struct request *q, int64_t identity_id, int64_t report_id,
		 i64s posts) must_check;

#define HANDLER(name) int name(struct ctx *c, struct request *q, struct response *r) must_check

/* staff_dashboard.c */
HANDLER(staff_dashboard);

/* staff_reports.c */
HANDLER(staff_reports);

/* staff_case.c */
HANDLER(staff_case);
HANDLER(staff_case_claim);
HANDLER(staff_case_release);
HANDLER(staff_case_note);
HANDLER(staff_case_act);
HANDLER(staff_case_resolve);
HANDLER(staff_case_reopen);
HANDLER(staff_case_answer);

/* staff_people.c */
HANDLER(staff_people);
HANDLER(staff_sign_ups);
HANDLER(staff_sign_ups_send);

/* staff_person.c */
HANDLER(staff_person);
HANDLER(staff_person_act);
HANDLER(staff_person_undo);
HANDLER(staff_person_note);
HANDLER(staff_person_log_out);
HANDLER(staff_person_reset);
HANDLER(staff_person_delete);
HANDLER(staff_person_role);

/* staff_held.c */
HANDLER(staff_held);
HANDLER(staff_held_send);

/* staff_post.c */
HANDLER(staff_post);
HANDLER(staff_post_send);
HANDLER(staff_post_act);

/* staff_policies.c */
HANDLER(staff_policies);
HANDLER(staff_policies_send);
HANDLER(staff_policies_file);
HANDLER(staff_policies_import);
HANDLER(staff_policy);
HANDLER(staff_policy_send);
HANDLER(staff_policy_replay);

/* staff_appeals.c */
HANDLER(staff_appeals);
HANDLER(staff_appeal_send);
HANDLER(staff_templates);
HANDLER(staff_templates_send);

/* staff_gates.c */
HANDLER(staff_gate_hosts);
HANDLER(staff_gate_emails);
HANDLER(staff_gate_networks);
HANDLER(staff_gate_hosts_send);
HANDLER(staff_gate_emails_send);
HANDLER(staff_gate_networks_send);

/* staff_audit.c */
HANDLER(staff_audit);
HANDLER(staff_audit_export);
/* staff_servers.c */
HANDLER(staff_servers);
HANDLER(staff_server);
HANDLER(staff_server_send);

/* staff_server_list.c */
HANDLER(staff_servers_file);
HANDLER(staff_servers_import);
HANDLER(staff_servers_import_send);

/* staff_hashtags.c */
HANDLER(staff_hashtags);
HANDLER(staff_hashtags_send);
HANDLER(staff_trends);
HANDLER(staff_trends_send);

/* staff_emoji.c */
HANDLER(staff_emoji);
HANDLER(staff_emoji_send);
HANDLER(staff_emoji_one);
HANDLER(staff_emoji_one_send);
HANDLER(staff_emoji_copy);
HANDLER(staff_emoji_copy_send);

/* staff_announcements.c */
HANDLER(staff_announcements);
HANDLER(staff_announcements_send);
HANDLER(staff_announcement);
HANDLER(staff_announcement_send);

/* staff_invites.c */
HANDLER(staff_invites);
HANDLER(staff_invites_send);

/* staff_rules.c */
HANDLER(staff_rules);
HANDLER(staff_rules_send);
HANDLER(staff_rule);
HANDLER(staff_rule_send);

/* staff_texts.c */
HANDLER(staff_texts);
HANDLER(staff_texts_send);
HANDLER(staff_terms);
HANDLER(staff_terms_send);
HANDLER(staff_sign_up);
HANDLER(staff_sign_up_send);

/* staff_branding.c */
HANDLER(staff_branding);
HANDLER(staff_branding_send);
HANDLER(staff_style_send);

/* staff_webhooks.c */
HANDLER(staff_webhooks);
HANDLER(staff_webhooks_send);
HANDLER(staff_webhook);
HANDLER(staff_webhook_send);

/* staff_usage.c */
HANDLER(staff_usage);

/* staff_help.c */
HANDLER(staff_help);
HANDLER(staff_help_send);

#undef HANDLER

#endif
