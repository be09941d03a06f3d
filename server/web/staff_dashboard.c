/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The first page of the staff: what waits for somebody, and how the community does. */
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "templates.h"

int staff_dashboard(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_dashboard_page page = { .n_waiting = 0 };

	TRY(q_staff_numbers(c, c->domain_id, &page.numbers));
	TRY(staff_frame(c, q, SECTION_DASHBOARD, r, &page.staff));
	for (size_t i = 0; i < page.staff.n_groups; i++)
		page.n_waiting += page.staff.groups[i].waiting;
	return RESPOND(c, tpl_staff_dashboard, &page, r);
}
