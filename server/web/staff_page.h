/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What pages of the staff show, as page.h says of all others; each begins with a struct staff_frame. */
#ifndef SERVER_WEB_STAFF_PAGE_H
#define SERVER_WEB_STAFF_PAGE_H

#include "server/web/page.h"
#include "sql/gen/staff.h"

/* An entry of the menu. */
struct staff_entry_view {
	const char *path, *title, *icon;
	bool current;
	int64_t waiting;
};

struct staff_frame {
	struct frame frame;
	const struct staff_entry_view *entries; /* that the viewer's role allows */
	size_t n_entries;
};

struct staff_dashboard_page {
	struct staff_frame staff;
	int64_t n_waiting; /* of all entries */
	const struct staff_numbers_row *numbers;
};

#endif
