/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Settings of a member. See page.h. */
#ifndef SERVER_WEB_SETTINGS_PAGE_H
#define SERVER_WEB_SETTINGS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"
#include "model/consent.h"
#include "model/post.h"
#include "server/web/page.h"
#include "server/web/post_page.h"
#include "server/web/wrong.h"

/* Pages of one's own settings, as their tabs name them. */
enum settings_tab {
	SETTINGS_PROFILE,
	SETTINGS_ACCOUNT,
	SETTINGS_LOOK,
	SETTINGS_SECURITY,
	SETTINGS_SESSIONS,
	SETTINGS_APPLICATIONS,
	SETTINGS_POSTING,
	SETTINGS_FILTERS,
	SETTINGS_DATA,
	SETTINGS_STRIKES,
	SETTINGS_REPORTS,
	SETTINGS_IDENTITIES,
};

struct wish_view {
	str kind; /* of notifications */
	bool wanted;
};

struct account_page {
	struct frame frame;
	str email;
	bool confirmed;
	bool has_mail; /* letters are sent */
	str new_email; /* as typed */
	str asked; /* the address that a letter went to; empty: none did */
	const struct wish_view *wishes;
	size_t n_wishes;
	bool log_ins;
	struct wrong address_error, password_error;
	bool password_done, wishes_done;
};

/* How new posts are to be. */
struct posting_page {
	struct frame frame;
	enum post_visibility visibility;
	enum quote_policy quotes;
	enum consent_choice replies, likes, boosts;
	bool saved;
};

#define FILTER_CONTEXTS 5

struct filter_view {
	int64_t id; /* 0: a new one */
	str title;
	str keywords; /* as typed, one in a line */
	bool contexts[FILTER_CONTEXTS]; /* home, notifications, public, thread, account */
	bool hides; /* instead of covering with a warning */
	bool whole_words;
	usec expires; /* 0: never */
	int64_t lasts; /* seconds from now, as chosen; 0: for ever, below 0: as before */
};

struct filters_page {
	struct frame frame;
	const struct filter_view *filters;
	size_t n_filters;
};

struct filter_page {
	struct frame frame;
	struct filter_view filter;
	struct wrong error;
};

/* Hashtags that one follows, and that one shows on one's page. */
struct hashtags_page {
	struct frame frame;
	const struct tag_view *tags;
	size_t n_tags;
	const struct tag_view *featured;
	size_t n_featured;
	str typed; /* one to follow */
	struct wrong error;
	struct pager_view pager;
};

struct field_input {
	str name, value; /* as typed, plain text */
};

#define FIELD_INPUTS 6

struct edit_profile_page {
	struct frame frame;
	str name, bio; /* as typed */
	struct field_input fields[FIELD_INPUTS];
	bool locked, discoverable, indexable, show_follows;
	struct wrong error;
};

struct session_view {
	int64_t id;
	str device; /* "Firefox on Linux" */
	str address;
	usec created, last_seen;
	bool current;
};

struct sessions_page {
	struct frame frame;
	str email;
	const struct session_view *sessions;
	size_t n_sessions;
};

struct application_view {
	int64_t id; /* of its token */
	str name; /* as it calls itself */
	str website; /* URL; empty: none */
	str identity; /* whom it acts as: "@ann" */
	str may; /* in words */
	usec created, last_used; /* 0: never used */
};

struct applications_page {
	struct frame frame;
	const struct application_view *applications;
	size_t n_applications;
};

/* A language that pages come in. */
struct language_view {
	const char *code, *name; /* BCP 47; as its speakers call it */
	unsigned done; /* hundredths of it */
	bool chosen;
};

/* How pages look. */
struct look_page {
	struct frame frame;
	const struct language_view *languages;
	size_t n_languages;
	bool asks; /* the browser says which language */
	enum theme theme; /* as chosen */
	struct wrong error;
};

#endif
