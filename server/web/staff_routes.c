/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Addresses of the staff's pages. Each row says what a role on the tenant must allow; dispatch judges it before the handler runs,
 * and the rows that a handler sees are the tenant's alone.
 */
#include "model/media.h"
#include "model/staff.h"
#include "server/web/staff.h"

#define PAGE(what) .access = ACCESS_LOGIN, .surface = SURFACE_PAGE, .capability = what
#define FORM(what) PAGE(what), .form = true
/* A picture, and a list of servers. */
#define PICTURE_FORM(what) FORM(what), .body_limit = MEDIA_IMAGE_LIMIT + 64 * 1024
#define LONG_FORM(what) FORM(what), .body_limit = 1024 * 1024

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
	{ METHOD_POST, "/staff/people/:/reset/", staff_person_reset, FORM(CAPABILITY_USERS) },
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
	{ METHOD_GET, "/staff/servers/", staff_servers, PAGE(CAPABILITY_FEDERATION) },
	{ METHOD_GET, "/staff/servers/list.csv", staff_servers_file, PAGE(CAPABILITY_FEDERATION) },
	{ METHOD_GET, "/staff/servers/import/", staff_servers_import, PAGE(CAPABILITY_FEDERATION) },
	{ METHOD_POST, "/staff/servers/import/", staff_servers_import_send,
	  LONG_FORM(CAPABILITY_FEDERATION) },
	{ METHOD_GET, "/staff/servers/at/:/", staff_server, PAGE(CAPABILITY_FEDERATION) },
	{ METHOD_POST, "/staff/servers/at/:/", staff_server_send, FORM(CAPABILITY_FEDERATION) },
	{ METHOD_GET, "/staff/hashtags/", staff_hashtags, PAGE(CAPABILITY_TAXONOMIES) },
	{ METHOD_POST, "/staff/hashtags/", staff_hashtags_send, FORM(CAPABILITY_TAXONOMIES) },
	{ METHOD_GET, "/staff/trends/", staff_trends, PAGE(CAPABILITY_TAXONOMIES) },
	{ METHOD_POST, "/staff/trends/", staff_trends_send, FORM(CAPABILITY_TAXONOMIES) },
	{ METHOD_GET, "/staff/emoji/", staff_emoji, PAGE(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/emoji/", staff_emoji_send, LONG_FORM(CAPABILITY_SETTINGS) },
	{ METHOD_GET, "/staff/emoji/copy/", staff_emoji_copy, PAGE(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/emoji/copy/", staff_emoji_copy_send, FORM(CAPABILITY_SETTINGS) },
	{ METHOD_GET, "/staff/emoji/of/:/", staff_emoji_one, PAGE(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/emoji/of/:/", staff_emoji_one_send, FORM(CAPABILITY_SETTINGS) },
	{ METHOD_GET, "/staff/announcements/", staff_announcements, PAGE(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/announcements/", staff_announcements_send,
	  FORM(CAPABILITY_SETTINGS) },
	{ METHOD_GET, "/staff/announcements/:/", staff_announcement, PAGE(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/announcements/:/", staff_announcement_send,
	  FORM(CAPABILITY_SETTINGS) },
	{ METHOD_GET, "/staff/invites/", staff_invites, PAGE(CAPABILITY_INVITES) },
	{ METHOD_POST, "/staff/invites/", staff_invites_send, FORM(CAPABILITY_INVITES) },
	{ METHOD_GET, "/staff/rules/", staff_rules, PAGE(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/rules/", staff_rules_send, FORM(CAPABILITY_SETTINGS) },
	{ METHOD_GET, "/staff/rules/:/", staff_rule, PAGE(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/rules/:/", staff_rule_send, FORM(CAPABILITY_SETTINGS) },
	{ METHOD_GET, "/staff/texts/", staff_texts, PAGE(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/texts/", staff_texts_send, LONG_FORM(CAPABILITY_SETTINGS) },
	{ METHOD_GET, "/staff/texts/terms/", staff_terms, PAGE(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/texts/terms/", staff_terms_send, LONG_FORM(CAPABILITY_SETTINGS) },
	{ METHOD_GET, "/staff/signup/", staff_sign_up, PAGE(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/signup/", staff_sign_up_send, FORM(CAPABILITY_SETTINGS) },
	{ METHOD_GET, "/staff/branding/", staff_branding, PAGE(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/branding/", staff_branding_send, PICTURE_FORM(CAPABILITY_SETTINGS) },
	{ METHOD_POST, "/staff/branding/style/", staff_style_send, FORM(CAPABILITY_SETTINGS) },
	{ METHOD_GET, "/staff/webhooks/", staff_webhooks, PAGE(CAPABILITY_WEBHOOKS) },
	{ METHOD_POST, "/staff/webhooks/", staff_webhooks_send, FORM(CAPABILITY_WEBHOOKS) },
	{ METHOD_GET, "/staff/webhooks/:/", staff_webhook, PAGE(CAPABILITY_WEBHOOKS) },
	{ METHOD_POST, "/staff/webhooks/:/", staff_webhook_send, FORM(CAPABILITY_WEBHOOKS) },
	{ METHOD_GET, "/staff/usage/", staff_usage, PAGE(CAPABILITY_DASHBOARD) },
	{ METHOD_GET, "/staff/help/", staff_help, PAGE(CAPABILITY_ROLES) },
	{ METHOD_POST, "/staff/help/", staff_help_send, FORM(CAPABILITY_ROLES) },
	{ 0, NULL, NULL },
};
