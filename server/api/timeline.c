/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Timelines of the client API. */
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/render_status.h"

int api_timeline_home(struct ctx *c, struct request *q, struct response *r)
{
	struct page page;
	struct status *statuses;
	size_t n;

	api_page(q, 20, 40, &page);
	TRY(timeline_home(c, &page, &statuses, &n));
	return respond_statuses(c, q, statuses, n, page_limit(&page), r);
}
