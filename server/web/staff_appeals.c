/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Decisions with the appeals against them, and the texts that staff often sends. */
#include "model/strike.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/views.h"
#include "templates.h"

static int respond(struct ctx *c, const struct request *q, struct staff_appeals_page *page,
		   struct response *r)
{
	struct page p = view_page(q);
	const struct strike_row *rows;
	struct staff_strike_view *views;

	page->all = !str_is_empty(request_query(q, "all"));
	TRY(strike_list(c, 0, !page->all, &p, &rows, &page->n_strikes));
	TRY(staff_view_strikes(c, rows, page->n_strikes, &views));
	TRY(staff_frame(c, q, SECTION_APPEALS, r, &page->staff));
	page->strikes = views;
	page->pager = staff_pager(c, q, &p, (int64_t)page->n_strikes == page_limit(&p),
				  page->n_strikes ? rows[page->n_strikes - 1].id : 0);
	return RESPOND(c, tpl_staff_appeals, page, r);
}

int staff_appeals(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_appeals_page page = { .all = false };

	return respond(c, q, &page, r);
}

int staff_appeal_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_appeals_page page = { .text = form_text(c, q, "text") };
	str what = form_line(c, q, "do");
	int err;

	TRY(staff_path_id(c, q, 0, &page.wrong_id));
	if (!str_eq(what, STR("accept")) && !str_eq(what, STR("refuse")))
		return fail(c, E_INVALID, "accept it or refuse it");
	err = strike_decide(c, page.wrong_id, str_eq(what, STR("accept")), page.text);
	if (staff_is_typed_wrong(err)) {
		page.error = wrong_in(str_fmt(c->arena, "%lld-", (long long)page.wrong_id),
				      staff_problem(c, err, r));
		return respond(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/appeals/"), "done", r);
}

static int respond_templates(struct ctx *c, const struct request *q,
			     struct staff_templates_page *page, struct response *r)
{
	TRY(warning_templates_list(c, &page->templates, &page->n_templates));
	TRY(staff_frame(c, q, SECTION_TEMPLATES, r, &page->staff));
	return RESPOND(c, tpl_staff_templates, page, r);
}

int staff_templates(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_templates_page page = { .n_templates = 0 };

	return respond_templates(c, q, &page, r);
}

int staff_templates_send(struct ctx *c, struct request *q, struct response *r)
{
	int64_t removed = form_id(q, "remove");
	const struct warning_template_draft draft = {
		.id = form_id(q, "id"),
		.title = form_line(c, q, "title"),
		.text = form_text(c, q, "text"),
	};
	struct staff_templates_page page = { .wrong_id = draft.id,
					     .title = draft.title,
					     .text = draft.text };
	int err = removed ? warning_template_remove(c, removed) : warning_template_save(c, &draft);

	if (staff_is_typed_wrong(err)) {
		page.error = staff_problem(c, err, r);
		if (page.wrong_id)
			page.error = wrong_in(str_fmt(c->arena, "%lld-", (long long)page.wrong_id),
					      page.error);
		return respond_templates(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/templates/"), removed ? "removed" : "saved", r);
}
