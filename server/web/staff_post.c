/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A post before the staff: what was decided about it here, and what can be. */
#include "base/table.h"
#include "model/post.h"
#include "model/post_decision.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_policy_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

static str path_of(struct ctx *c, int64_t id)
{
	return str_fmt(c->arena, "/staff/posts/%lld/", (long long)id);
}

static int fill_decisions(struct ctx *c, int64_t id, struct staff_post_page *page)
{
	const struct post_decision_row *rows;
	struct staff_decision_view *views;
	struct staff_people people;
	int64_t *ids;

	TRY(post_decisions_of(c, id, &rows, &page->n_decisions));
	ids = arena_array(c->arena, page->n_decisions + 1, sizeof(*ids));
	views = arena_array(c->arena, page->n_decisions + 1, sizeof(*views));
	for (size_t i = 0; i < page->n_decisions; i++)
		ids[i] = rows[i].identity_id;
	TRY(staff_people_load(c, (i64s){ ids, page->n_decisions }, &people));
	for (size_t i = 0; i < page->n_decisions; i++)
		views[i] = (struct staff_decision_view){
			.kind = rows[i].kind,
			.words = rows[i].words,
			.reason = rows[i].reason,
			.who = rows[i].identity_id
				       ? staff_person_of(c, &people, rows[i].identity_id).name
				       : STR(""),
			.by_policy = rows[i].policy_id != 0,
			.when = rows[i].created,
		};
	page->decisions = views;
	return 0;
}

static int respond(struct ctx *c, const struct request *q, const struct post_row *post,
		   struct staff_post_page *page, struct response *r)
{
	const struct post_view *view;
	size_t n;

	TRY(staff_view_posts(c, (i64s){ &post->id, 1 }, &view, &n));
	if (n == 0)
		return fail(c, E_NOT_FOUND, "there is no such post");
	page->post = *view;
	page->ours = post->domain_id == c->domain_id;
	TRY(fill_decisions(c, post->id, page));
	page->act.path = str_cat(c->arena, path_of(c, post->id), STR("act/"));
	page->act.ours = page->act.has_posts = page->ours;
	if (page->ours)
		TRY(staff_act_fill(c, q, &page->act));
	TRY(staff_frame(c, q, SECTION_HELD, r, &page->staff));
	page->staff.frame.title = text_in(c, TEXT_FORM_STAFF_POST);
	return RESPOND(c, tpl_staff_post, page, r);
}

static int find(struct ctx *c, const struct request *q, const struct post_row **ret)
{
	int64_t id;

	TRY(staff_path_id(c, q, 0, &id));
	return post_get_as_staff(c, id, ret);
}

int staff_post(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_post_page page = { .kind = STR("removed") };
	const struct post_row *post;

	TRY(find(c, q, &post));
	return respond(c, q, post, &page, r);
}

static int kind_of(struct ctx *c, str word, enum post_decision *ret)
{
	int kind;

	if (!name_to_value(post_decisions, word, &kind))
		return fail(c, E_UNPROCESSABLE, "there is no such decision");
	*ret = (enum post_decision)kind;
	return 0;
}

static int act(struct ctx *c, const struct request *q, const struct post_row *post)
{
	str undo = form_line(c, q, "undo");
	struct post_decision_draft draft = {
		.post_id = post->id,
		.words = form_line(c, q, "words"),
		.reason = form_text(c, q, "reason"),
	};

	TRY(kind_of(c, undo.n ? undo : form_line(c, q, "kind"), &draft.kind));
	return undo.n ? post_undecide(c, post->id, draft.kind) : post_decide(c, &draft);
}

int staff_post_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_post_page page = {
		.kind = form_line(c, q, "kind"),
		.words = form_line(c, q, "words"),
		.reason = form_text(c, q, "reason"),
	};
	const struct post_row *post;
	int err;

	TRY(find(c, q, &post));
	err = act(c, q, post);
	if (staff_is_typed_wrong(err)) {
		page.error = staff_problem(c, err, r);
		return respond(c, q, post, &page, r);
	}
	TRY(err);
	return staff_done(c, path_of(c, post->id), "done", r);
}

/* About a member, who is told. */
int staff_post_act(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_post_page page = { .kind = STR("removed") };
	const struct post_row *post;
	int err;

	TRY(find(c, q, &post));
	err = staff_act_do(c, q, post->author_id, 0, (i64s){ &post->id, 1 });
	if (staff_is_typed_wrong(err)) {
		page.act.error = staff_problem(c, err, r);
		return respond(c, q, post, &page, r);
	}
	TRY(err);
	return staff_done(c, str_fmt(c->arena, "/staff/people/%lld/", (long long)post->author_id),
			  "done", r);
}
