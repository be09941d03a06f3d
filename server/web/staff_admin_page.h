/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What pages of the staff show that arrange the community rather than judge people, as staff_page.h says of all. */
#ifndef SERVER_WEB_STAFF_ADMIN_PAGE_H
#define SERVER_WEB_STAFF_ADMIN_PAGE_H

#include "model/limit_list.h"
#include "server/web/staff_page.h"
#include "sql/gen/help.h"
#include "sql/gen/instance.h"
#include "sql/gen/webhook.h"

/* A word that is sent, and whether it is chosen; its text is the template's. */
struct pick_view {
	const char *word;
	bool chosen;
};

/*
 * Servers
 */

struct server_view {
	str host;
	str path; /* its page here */
	str software; /* with its version; empty: not known */
	int64_t identities, followers, following, waiting;
	bool rests; /* its breaker is open */
	usec retry_after, last_success, last_failure;
	int64_t failures;
	str severity, rule_host; /* the tenant's nearest rule; empty: none */
	str floor, floor_host; /* the host's hardest; empty: none */
};

struct staff_servers_page {
	struct staff_frame staff;
	str query; /* part of a name, as typed */
	bool ruled; /* those with a rule alone */
	const struct server_view *servers;
	size_t n_servers;
	str next; /* path; empty: no more */
	const struct server_limit_row
		*rules; /* of servers that nobody here knows as well; newest first */
	size_t n_rules;
	bool limited; /* it speaks to allowed servers alone: these */
	const struct allowed_server_row *allowed;
	size_t n_allowed;
};

/* What holds for a server, and who says so. */
enum rule_origin { RULE_NOBODY, RULE_FLOOR, RULE_OWN, RULE_OWN_ABOVE, RULE_NOT_ALLOWED };

struct staff_server_page {
	struct staff_frame staff;
	struct server_view server;
	bool is_known; /* anybody here ever spoke to it */
	enum rule_origin origin;
	str effective; /* "none", "limit" or "block" */
	int64_t rule_id; /* of the tenant's rule for exactly this host; 0: none */
	bool limited; /* the tenant speaks to allowed servers alone */
	int64_t allowed_id; /* among which this is; 0: it is not */
	struct limit_draft draft; /* as typed, or as it stands */
	const struct would_sever_row *severs; /* if it were blocked */
	size_t n_severs;
	struct wrong error;
};

struct limit_line_view {
	const struct limit_line *line;
	bool skipped;
	str error; /* why it was not done */
};

struct staff_server_list_page {
	struct staff_frame staff;
	const str *parts; /* of the file, to be sent again */
	size_t n_parts;
	bool retract;
	bool is_read; /* else nothing was sent yet */
	const struct limit_line_view *lines;
	size_t n_lines;
	int64_t n_new, n_changed, n_same, n_removed, n_wrong, n_done;
	bool done; /* it was applied */
	const struct would_sever_row *severs;
	size_t n_severs;
	int64_t followers, following; /* of all of severs */
	struct wrong error;
};

/*
 * Hashtags and trends
 */

struct staff_tag_view {
	int64_t id;
	str name, display;
	int64_t posts;
	bool usable, listable, trendable, reviewed;
};

struct staff_hashtags_page {
	struct staff_frame staff;
	str query;
	const struct staff_tag_view *tags;
	size_t n_tags;
	struct wrong error;
	int64_t error_id; /* of which */
};

struct trend_view {
	int64_t id;
	str text, url;
	bool allowed, reviewed;
};

struct staff_trends_page {
	struct staff_frame staff;
	const struct trend_view *tags;
	size_t n_tags;
	const struct trend_view *links;
	size_t n_links;
	const struct trend_view *posts;
	size_t n_posts;
};

/*
 * Emoji
 */

struct emoji_view {
	str shortcode, category, licence, url;
	bool hidden, disabled;
};

struct staff_emoji_page {
	struct staff_frame staff;
	const struct emoji_view *emoji;
	size_t n_emoji;
	struct emoji_view typed; /* a new one */
	struct wrong error;
};

struct staff_emoji_one_page {
	struct staff_frame staff;
	str shortcode; /* as it is */
	struct emoji_view typed;
	struct wrong error;
};

struct remote_emoji_view {
	int64_t id;
	str shortcode, host, url;
};

struct staff_emoji_copy_page {
	struct staff_frame staff;
	str shortcode, host; /* looked for */
	bool asked;
	const struct remote_emoji_view *emoji;
	size_t n_emoji;
	int64_t chosen; /* 0: none */
	struct emoji_view typed;
	struct wrong error;
};

/*
 * Announcements and invitations
 */

struct staff_announcement_view {
	int64_t id; /* 0: a new one */
	str text, starts, ends, due; /* as typed */
	bool all_day, shown;
	html content;
	usec begins, stops, appears, published;
	bool over;
};

struct staff_announcements_page {
	struct staff_frame staff;
	const struct staff_announcement_view *announcements;
	size_t n_announcements;
	struct staff_announcement_view typed;
	bool previews; /* content of typed is shown */
	struct wrong error;
};

struct staff_announcement_page {
	struct staff_frame staff;
	struct staff_announcement_view typed;
	bool previews;
	struct wrong error;
};

struct guest_view {
	struct person_view person;
	usec came;
};

struct staff_invite_view {
	int64_t id;
	str note, url;
	bool unlimited, over;
	int64_t uses_left;
	usec expires, created;
	const struct guest_view *guests;
	size_t n_guests;
};

struct staff_invites_page {
	struct staff_frame staff;
	const struct staff_invite_view *invites;
	size_t n_invites;
	str note, uses, days; /* as typed */
	struct wrong error;
};

/*
 * Rules and texts
 */

struct staff_rules_page {
	struct staff_frame staff;
	const struct rule_row *rules;
	size_t n_rules;
	str text, hint; /* as typed */
	struct wrong error;
};

struct staff_rule_page {
	struct staff_frame staff;
	int64_t id;
	str text, hint;
	const struct rule_translation_row *translations;
	size_t n_translations;
	str language, language_text, language_hint; /* a translation, as typed */
	struct wrong error, language_error;
};

struct staff_texts_page {
	struct staff_frame staff;
	str description, extended, privacy, imprint; /* as typed */
	str email, account, status_url, languages, mail_name, mail_from;
	html preview; /* of extended, privacy and imprint one behind the other */
	bool previews;
	struct wrong error;
	const char *wrong; /* the field that it is about; NULL: none */
};

struct staff_terms_page {
	struct staff_frame staff;
	const struct terms_row *versions;
	size_t n_versions;
	str day, text; /* as typed */
	html preview;
	bool previews;
	struct wrong error;
};

struct staff_sign_up_page {
	struct staff_frame staff;
	enum domain_sign_up mode;
	str reason; /* whether it is asked for: see INSTANCE_SIGN_UP_REASON */
	str min_age, closed_message, max_users, sign_ups_a_day; /* as typed */
	bool limited; /* speaks to allowed servers alone */
	str show_blocks;
	struct wrong error;
};

/*
 * Looks
 */

struct contrast_view {
	const char *theme; /* "light" or "dark" */
	str colour, surface;
	str ratio; /* "5.41" */
	bool good; /* 4.5 at least */
};

struct staff_branding_page {
	struct staff_frame staff;
	str title, description, accent, theme, footer; /* as typed */
	str icon, banner; /* addresses; empty: none */
	struct contrast_view given[2]; /* the accent as chosen, on both papers */
	struct contrast_view used[2]; /* the shades that pages take of it */
	str front; /* "posts" or "about" */
	str visibility, language, quotes; /* of new posts of those who did not choose */
	str style;
	struct wrong error, style_error;
};

/*
 * Webhooks and usage
 */

#define WEBHOOK_EVENTS 6

struct staff_webhook_view {
	int64_t id; /* 0: a new one */
	str url, template;
	struct pick_view events[WEBHOOK_EVENTS];
	bool enabled;
};

struct staff_webhooks_page {
	struct staff_frame staff;
	const struct staff_webhook_view *hooks;
	size_t n_hooks;
	struct staff_webhook_view typed;
	struct wrong error;
};

struct staff_webhook_page {
	struct staff_frame staff;
	struct staff_webhook_view typed;
	str secret; /* shown once; empty: not now */
	const struct webhook_call_row *calls;
	size_t n_calls;
	struct wrong error;
};

struct staff_usage_page {
	struct staff_frame staff;
	int64_t bytes, quota, files; /* of media */
	int64_t percent;
	int64_t users, posts, peers, active;
	const struct instance_week_row *weeks;
	size_t n_weeks;
	const struct instance_year_row *years;
	size_t n_years;
};

/*
 * Help of the host's operators
 */

struct staff_help_page {
	struct staff_frame staff;
	const struct help_consent_row *consent; /* NULL: they may not */
	const struct help_visit_row *visits;
	size_t n_visits;
	str hours; /* as typed */
	struct wrong error;
};

#endif
