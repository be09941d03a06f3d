/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Pages of what members take with them, bring along and leave behind. As page.h. */
#ifndef SERVER_WEB_MEMBER_PAGE_H
#define SERVER_WEB_MEMBER_PAGE_H

#include "server/web/page.h"
#include "sql/gen/archive.h"
#include "sql/gen/import.h"

#define EXPORT_KINDS 8

/* A file that can be taken. */
struct export_view {
	str kind; /* as in export.h */
	int64_t count; /* lines */
};

struct data_page {
	struct frame frame;
	struct export_view exports[EXPORT_KINDS];
	const str *kinds; /* that can be brought */
	size_t n_kinds;
	str kind; /* as chosen; empty: none */
	bool overwrite; /* likewise */
	const struct import_row *imports; /* the latest */
	size_t n_imports;
	const struct archive_row *archive; /* the latest; NULL: none */
	str archive_failure; /* why there is none, as a sentence; may be empty */
	struct wrong error, archive_error, bring_error; /* of each form */
};

/* A line that could not be done. */
struct failure_view {
	str line, reason; /* the latter may be empty */
};

struct import_page {
	struct frame frame;
	const struct import_row *import;
	int64_t total; /* lines */
	bool is_running;
	str failure; /* why nothing of it could be done, as a sentence; empty: it could */
	bool is_preparing; /* its lines are not known yet */
	const struct failure_view *failures; /* the first ones */
	size_t n_failures;
};

/* Another account that one says is one's own. */
struct alias_view {
	str uri;
	str name; /* its handle, or the uri */
};

struct move_page {
	struct frame frame;
	const struct alias_view *aliases;
	size_t n_aliases;
	str alias, target; /* as typed */
	struct wrong alias_error, error;
	str moved_to; /* handle or address; empty: it is here */
	usec again; /* before then it cannot move; 0: now */
};

struct leave_page {
	struct frame frame;
	str username;
	str name; /* as typed */
	struct wrong error;
};

struct draft_view {
	int64_t id;
	str text; /* the beginning, plain text; may be empty */
	enum post_visibility visibility;
	size_t n_media;
	bool has_poll;
	usec written;
};

struct drafts_page {
	struct frame frame;
	const struct draft_view *drafts;
	size_t n_drafts;
};

#endif
