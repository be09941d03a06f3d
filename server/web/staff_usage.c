/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the community uses of what it may, how it did week by week, and what its staff had to do year by year. */
#include "model/domain.h"
#include "model/instance.h"
#include "model/media.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "templates.h"

int staff_usage(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_usage_page page = { 0 };
	const struct media_quota_row *media;
	struct instance_counts_row counts;

	TRY(media_quota(c, &media));
	TRY(instance_counts(c, &counts));
	TRY(q_instance_activity(c, c->domain_id, &page.weeks, &page.n_weeks));
	TRY(q_instance_years(c, c->domain_id, &page.years, &page.n_years));
	page.bytes = media->bytes;
	page.files = media->files;
	page.quota = media->quota;
	page.percent = media->quota > 0 ? media->bytes / (media->quota / 100 + 1) : 100;
	page.users = counts.users;
	page.posts = counts.posts;
	page.peers = counts.peers;
	page.active = counts.active;
	TRY(staff_frame(c, q, SECTION_USAGE, r, &page.staff));
	return RESPOND(c, tpl_staff_usage, &page, r);
}
