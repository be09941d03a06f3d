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

enum staff_section { SECTION_DASHBOARD, STAFF_SECTIONS };

/* What each section is; path and title stand in the menu. */
struct staff_section_info {
	const char *path; /* "/staff/reports/" */
	const char *title;
	const char *icon; /* of templates/assets/icons.svg */
	/* How much waits there, of what was counted; NULL: nothing ever does. */
	int64_t (*waiting)(const struct staff_waiting_row *w);
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

#define HANDLER(name) int name(struct ctx *c, struct request *q, struct response *r) must_check

/* staff_dashboard.c */
HANDLER(staff_dashboard);

#undef HANDLER

#endif
