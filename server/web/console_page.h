/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What pages of the console show, as page.h says of all others. */
#ifndef SERVER_WEB_CONSOLE_PAGE_H
#define SERVER_WEB_CONSOLE_PAGE_H

#include "model/backup.h"
#include "model/domain_check.h"
#include "model/domain_look.h"
#include "model/mail_relay.h"
#include "server/web/auth_page.h"
#include "server/web/page.h"
#include "server/web/staff_policy_page.h"
#include "sql/gen/factor.h"
#include "sql/gen/help.h"
#include "sql/gen/operator.h"
#include "sql/gen/stator.h"

/* A filter of templates: what a word of the database is called on the console ("suspended": "Suspended"). */
str console_word(struct arena *a, str word);

struct console_entry_view {
	const char *path, *title, *icon;
	bool current;
};

struct console_frame {
	struct frame frame;
	str email; /* of the operator; empty: nobody is in yet */
	const struct console_entry_view *entries;
	size_t n_entries;
	bool rests; /* the installation does */
	str disk; /* percent used of a disk that is nearly full; empty: none is */
};

struct console_error_page {
	struct console_frame console;
	int status;
	str message, trace;
};

struct console_login_page {
	struct console_frame console;
	str email;
	struct wrong error;
	bool has_passkeys; /* they can be used here: the console is under a name */
	struct passkey_view passkey;
};

struct console_keys_page {
	struct console_frame console;
	const struct passkey_row *keys;
	size_t n_keys;
	bool has_passkeys;
	struct passkey_view add;
	struct wrong error;
};

struct console_second_page {
	struct console_frame console;
	bool has_factor;
	str secret; /* to set up; empty: there is one */
	bool has_passkeys; /* one can be used, or be the first factor */
	struct passkey_view passkey;
	struct wrong error;
};

/* The set-up (console_setup.c), step by step. */
struct console_setup_page {
	struct console_frame console;
	struct wrong error;
};

struct console_setup_operator_page {
	struct console_frame console;
	str email;
	struct wrong error;
};

struct console_setup_domain_page {
	struct console_frame console;
	const struct domain_row *domain; /* NULL: there is none yet */
	const struct domain_name_look *names;
	size_t n_names;
	const str *addresses; /* of this machine */
	size_t n_addresses;
	str txt_name, proof_url;
	str name, title, username; /* as typed */
	struct wrong error;
};

struct console_setup_done_page {
	struct console_frame console;
	const struct domain_row *domain; /* NULL: none was made */
	str origin; /* of its pages */
	bool mail; /* letters are sent */
};

/* The server that letters go to (console_mail.c). */
struct console_mail_page {
	struct console_frame console;
	bool is_step; /* of the set-up */
	str path; /* of this page */
	struct mail_relay relay; /* in use */
	bool is_on; /* letters are sent */
	struct mail_relay_draft typed; /* without a password */
	str address; /* that a letter is tried with, as typed */
	bool tried, taken;
	str answer; /* what the server said of it */
	struct wrong error;
};

struct console_tenants_page {
	struct console_frame console;
	const struct console_tenant_row *tenants;
	size_t n_tenants;
	str name, title;
	struct wrong error;
};

struct console_tenant_page {
	struct console_frame console;
	const struct console_tenant_row *tenant;
	str path; /* of this page */
	bool checked; /* it was looked at just now */
	const struct finding *findings;
	size_t n_findings;
	str txt_name, proof_url; /* where its proof of ownership is looked for */
	str reason, quota, max_users, sign_ups; /* as set or typed; the quota in MiB */
	struct wrong error;
};

struct console_floor_page {
	struct console_frame console;
	const struct floor_row *rules;
	size_t n_rules;
	str host, severity, comment; /* as typed */
	str quota; /* MiB */
	str sign_up, max_users, sign_ups, default_rules; /* that new communities begin with */
	struct wrong error;
};

/* The host's rules about posts (model/policy.h). */
struct console_policies_page {
	struct console_frame console;
	const struct policy_row *policies;
	size_t n_policies;
	struct policy_row typed; /* a new one */
	struct wrong error;
};

struct console_policy_page {
	struct console_frame console;
	int64_t id;
	struct policy_row typed;
	struct wrong error;
};

struct work_view {
	const char *type;
	const struct stator_tally_row *tally;
	bool paused; /* this state */
};

struct work_tenant_view {
	const struct stator_tenant_row *tally;
	bool paused; /* this state of this tenant */
};

struct work_type_view {
	const char *type;
	bool paused; /* all of it */
};

struct console_work_page {
	struct console_frame console;
	const struct stator_worker_row *workers;
	size_t n_workers;
	const struct work_view *states;
	size_t n_states;
	const struct work_type_view *types;
	size_t n_types;
	const struct pause_row *pauses; /* those of tenants have a domain */
	size_t n_pauses;
	struct wrong error;
};

struct console_explain_page {
	struct console_frame console;
	str type, id, state, tenant; /* as asked */
	bool failing; /* those alone that were tried before */
	const struct stator_standing_row *standing; /* NULL: none was asked for */
	str next;
	const char *const *edges; /* states that may follow */
	size_t n_edges;
	const char *timeout_to; /* NULL: none */
	const struct stator_listed_row
		*rows; /* of the type, or of the part of it that was asked for */
	size_t n_rows;
	const struct work_tenant_view *tenants; /* how much of the type each has */
	size_t n_tenants;
	const struct work_type_view *types;
	size_t n_types;
	struct wrong error;
};

struct console_peers_page {
	struct console_frame console;
	str part; /* as typed */
	const struct peer_row *peers;
	size_t n_peers;
	usec now;
};

struct part_version_view {
	const char *what;
	str version;
};

struct console_house_page {
	struct console_frame console;
	const struct house_size_row *size;
	const struct house_table_row *tables;
	size_t n_tables;
	int64_t disk_free, disk_total; /* bytes of the directory of media; total 0: not known */
	int64_t media_files, media_bytes;
	const struct part_version_view *versions;
	size_t n_versions;
	struct backup_standing backup;
};

struct console_acts_page {
	struct console_frame console;
	const struct operator_act_row *acts;
	size_t n_acts;
	struct pager_view pager;
};

#endif
