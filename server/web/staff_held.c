/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Posts that wait for staff: of its own people, and of others. */
#include "model/held_post.h"
#include "model/post_decision.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_policy_page.h"
#include "server/web/views.h"
#include "templates.h"

/* In the order of the queue. */
static void fill(struct ctx *c, const struct held_queue_row *rows, size_t n,
		 const struct post_view *posts, size_t n_posts, struct staff_held_page *page)
{
	struct staff_held_view *views = arena_array(c->arena, n + 1, sizeof(*views));

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_posts; k++)
			if (posts[k].id == rows[i].post_id)
				views[page->n_posts++] = (struct staff_held_view){
					.post = posts[k],
					.ours = rows[i].is_local,
					.by_policy = rows[i].by_policy,
					.reason = rows[i].reason,
				};
	page->posts = views;
}

int staff_held(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_held_page page = { .n_posts = 0 };
	struct page p = view_page(q);
	const struct held_queue_row *rows;
	const struct post_view *posts;
	int64_t *ids;
	size_t n, n_posts;

	TRY(held_queue(c, &p, &rows, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].post_id;
	TRY(staff_view_posts(c, (i64s){ ids, n }, &posts, &n_posts));
	fill(c, rows, n, posts, n_posts, &page);
	TRY(staff_frame(c, q, SECTION_HELD, r, &page.staff));
	page.pager =
		staff_pager(c, q, &p, (int64_t)n == page_limit(&p), n ? rows[n - 1].post_id : 0);
	return RESPOND(c, tpl_staff_held, &page, r);
}

static int accept_own(struct ctx *c, int64_t id)
{
	return held_post_accept(c, id);
}

static int refuse_own(struct ctx *c, int64_t id)
{
	return held_post_refuse(c, id);
}

static int let_appear(struct ctx *c, int64_t id)
{
	return post_undecide(c, id, DECISION_HELD);
}

static int remove_here(struct ctx *c, int64_t id)
{
	return post_decide(c, &(struct post_decision_draft){ .post_id = id,
							     .kind = DECISION_REMOVED });
}

int staff_held_send(struct ctx *c, struct request *q, struct response *r)
{
	static const struct {
		const char *field;
		int (*fn)(struct ctx *c, int64_t id);
	} acts[] = {
		{ "accept", accept_own },
		{ "refuse", refuse_own },
		{ "show", let_appear },
		{ "remove", remove_here },
	};

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		int64_t id = form_id(q, acts[i].field);

		if (!id)
			continue;
		TRY(acts[i].fn(c, id));
		return staff_done(c, STR("/staff/held/"), "done", r);
	}
	return fail(c, E_NOT_FOUND, "this post does not wait for anybody");
}
