/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Posts for later: when they are to appear, at another time, or not at all. */
#include "model/scheduled.h"

#include "server/web/compose.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/post_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

#define TEXT_LIMIT 400 /* bytes that are shown of one */

static int view(struct ctx *c, const struct scheduled_row *row, struct later_view *ret)
{
	struct post_draft d;

	TRY(scheduled_draft(c, row, &d));
	*ret = (struct later_view){
		.id = row->id,
		.text = str_clip(d.summary.n ? d.summary : d.text, TEXT_LIMIT),
		.visibility = d.visibility,
		.n_media = d.media_ids.n,
		.has_poll = d.poll != NULL,
		.due = row->due,
		.typed = due_format(c, row->due),
	};
	return 0;
}

/* Of the post wrong_id it is said what was wrong with the time that was typed for it. */
static int respond(struct ctx *c, const struct request *q, int64_t wrong_id, struct wrong error,
		   struct response *r)
{
	struct page p = view_page(q);
	const struct scheduled_row *rows;
	struct scheduled_page page = { 0 };
	struct later_view *posts;

	TRY(scheduled_list(c, &p, &rows, &page.n_posts));
	posts = arena_array(c->arena, page.n_posts + 1, sizeof(*posts));
	for (size_t i = 0; i < page.n_posts; i++) {
		TRY(view(c, &rows[i], &posts[i]));
		if (posts[i].id == wrong_id) {
			posts[i].error =
				wrong_in(str_fmt(c->arena, "%lld-", (long long)wrong_id), error);
			posts[i].typed = form_line(c, q, "due");
		}
	}
	page.posts = posts;
	page.pager = view_pager(c, q, &p, (int64_t)page.n_posts == page_limit(&p),
				page.n_posts ? rows[page.n_posts - 1].id : 0);
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = text_in(c, TEXT_SCHEDULED);
	return RESPOND(c, tpl_scheduled, &page, r);
}

int web_scheduled(struct ctx *c, struct request *q, struct response *r)
{
	return respond(c, q, 0, NO_WRONG, r);
}

static int found(struct ctx *c, int result)
{
	return result == E_NOT_FOUND ? fail(c, result, "there is no such post for later") : result;
}

static int move(struct ctx *c, int64_t id, str typed)
{
	usec due;

	if (!due_parse(c, typed, &due))
		return fail_at(c, "due", fail(c, E_UNPROCESSABLE, "that is no day with a time"));
	return scheduled_move(c, id, due);
}

int web_scheduled_send(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id = form_id(q, "move");
	int err;

	if (!id) {
		TRY(found(c, scheduled_withdraw(c, form_id(q, "withdraw"))));
		return go_back(c, q, STR("/scheduled/"), r);
	}
	err = move(c, id, form_line(c, q, "due"));
	if (err == E_UNPROCESSABLE || err == E_INVALID) {
		r->status = form_status(err);
		return respond(c, q, id, form_error(c, err), r);
	}
	TRY(found(c, err));
	return go_back(c, q, STR("/scheduled/"), r);
}
