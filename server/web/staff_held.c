/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Posts that wait for staff. */
#include "model/held_post.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/views.h"
#include "templates.h"

int staff_held(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_held_page page = { .n_posts = 0 };
	struct page p = view_page(q);
	const struct held_post_row *rows;
	int64_t *ids;
	size_t n;

	TRY(held_post_list(c, &p, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].post_id;
	TRY(staff_view_posts(c, (i64s){ ids, n }, &page.posts, &page.n_posts));
	TRY(staff_frame(c, q, SECTION_HELD, r, &page.staff));
	page.pager =
		staff_pager(c, q, &p, (int64_t)n == page_limit(&p), n ? rows[n - 1].post_id : 0);
	return RESPOND(c, tpl_staff_held, &page, r);
}

int staff_held_send(struct ctx *c, struct request *q, struct response *r)
{
	int64_t accepted = form_id(q, "accept"), refused = form_id(q, "refuse");

	if (accepted)
		TRY(held_post_accept(c, accepted));
	else
		TRY(held_post_refuse(c, refused));
	return staff_done(c, STR("/staff/held/"), "done", r);
}
