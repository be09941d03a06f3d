/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Addresses of the staff's pages. Each row says what a role on the tenant must allow; dispatch judges it before the handler runs,
 * and the rows that a handler sees are the tenant's alone.
 */
#include "model/staff.h"
#include "server/web/staff.h"

#define PAGE(what) .access = ACCESS_LOGIN, .surface = SURFACE_PAGE, .capability = what
#define FORM(what) PAGE(what), .form = true

const struct route staff_page_routes[] = {
	{ METHOD_GET, "/staff/", staff_dashboard, PAGE(CAPABILITY_DASHBOARD) },

	{ METHOD_GET, "/staff/reports/", staff_reports, PAGE(CAPABILITY_REPORTS) },
	{ METHOD_GET, "/staff/reports/:/", staff_case, PAGE(CAPABILITY_REPORTS) },
	{ METHOD_POST, "/staff/reports/:/claim/", staff_case_claim, FORM(CAPABILITY_REPORTS) },
	{ METHOD_POST, "/staff/reports/:/release/", staff_case_release, FORM(CAPABILITY_REPORTS) },
	{ METHOD_POST, "/staff/reports/:/note/", staff_case_note, FORM(CAPABILITY_REPORTS) },
	{ METHOD_POST, "/staff/reports/:/act/", staff_case_act, FORM(CAPABILITY_USERS) },
	{ METHOD_POST, "/staff/reports/:/resolve/", staff_case_resolve, FORM(CAPABILITY_REPORTS) },
	{ METHOD_POST, "/staff/reports/:/reopen/", staff_case_reopen, FORM(CAPABILITY_REPORTS) },
	{ METHOD_POST, "/staff/reports/:/answer/", staff_case_answer, FORM(CAPABILITY_REPORTS) },

	{ METHOD_GET, "/staff/people/", staff_people, PAGE(CAPABILITY_USERS) },
	{ METHOD_GET, "/staff/people/:/", staff_person, PAGE(CAPABILITY_USERS) },
	{ METHOD_POST, "/staff/people/:/act/", staff_person_act, FORM(CAPABILITY_USERS) },
	{ METHOD_POST, "/staff/people/:/undo/", staff_person_undo, FORM(CAPABILITY_USERS) },
	{ METHOD_POST, "/staff/people/:/note/", staff_person_note, FORM(CAPABILITY_USERS) },
	{ METHOD_POST, "/staff/people/:/log-out/", staff_person_log_out, FORM(CAPABILITY_USERS) },
	{ METHOD_POST, "/staff/people/:/delete/", staff_person_delete, FORM(CAPABILITY_DELETION) },
	{ METHOD_POST, "/staff/people/:/role/", staff_person_role, FORM(CAPABILITY_ROLES) },
	{ METHOD_GET, "/staff/sign-ups/", staff_sign_ups, PAGE(CAPABILITY_USERS) },
	{ METHOD_POST, "/staff/sign-ups/", staff_sign_ups_send, FORM(CAPABILITY_USERS) },
	{ METHOD_GET, "/staff/held/", staff_held, PAGE(CAPABILITY_USERS) },
	{ METHOD_POST, "/staff/held/", staff_held_send, FORM(CAPABILITY_USERS) },
	{ METHOD_GET, "/staff/appeals/", staff_appeals, PAGE(CAPABILITY_USERS) },
	{ METHOD_POST, "/staff/appeals/:/", staff_appeal_send, FORM(CAPABILITY_USERS) },
	{ METHOD_GET, "/staff/templates/", staff_templates, PAGE(CAPABILITY_USERS) },
	{ METHOD_POST, "/staff/templates/", staff_templates_send, FORM(CAPABILITY_USERS) },

	{ METHOD_GET, "/staff/blocks/", staff_gate_hosts, PAGE(CAPABILITY_BLOCKS) },
	{ METHOD_POST, "/staff/blocks/", staff_gate_hosts_send, FORM(CAPABILITY_BLOCKS) },
	{ METHOD_GET, "/staff/blocks/emails/", staff_gate_emails, PAGE(CAPABILITY_BLOCKS) },
	{ METHOD_POST, "/staff/blocks/emails/", staff_gate_emails_send, FORM(CAPABILITY_BLOCKS) },
	{ METHOD_GET, "/staff/blocks/networks/", staff_gate_networks, PAGE(CAPABILITY_BLOCKS) },
	{ METHOD_POST, "/staff/blocks/networks/", staff_gate_networks_send,
	  FORM(CAPABILITY_BLOCKS) },

	{ METHOD_GET, "/staff/audit/", staff_audit, PAGE(CAPABILITY_AUDIT) },
	{ METHOD_GET, "/staff/audit.csv", staff_audit_export, PAGE(CAPABILITY_AUDIT) },
	{ 0, NULL, NULL },
};
