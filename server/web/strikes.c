/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What staff decided about oneself, with its reasons, and appeals; and what came of what one reported. */
#include "crypt/hash.h"
#include "model/report.h"
#include "model/session.h"
#include "model/strike.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/staff.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

static int load(struct ctx *c, const struct request *q, struct strikes_page *page,
		struct response *r)
{
	struct page p = view_page(q);
	const struct strike_row *rows;
	struct staff_strike_view *views;

	TRY(strike_list(c, c->identity_id, false, &p, &rows, &page->n_strikes));
	TRY(staff_view_strikes(c, rows, page->n_strikes, &views));
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_SAY_TITLE_DECISIONS);
	page->frame.hidden = true;
	page->strikes = views;
	page->pager = view_pager(c, q, &p, (int64_t)page->n_strikes == page_limit(&p),
				 page->n_strikes ? rows[page->n_strikes - 1].id : 0);
	return 0;
}

static int respond(struct ctx *c, const struct request *q, struct strikes_page *page,
		   struct response *r)
{
	TRY(load(c, q, page, r));
	page->token = q->session->csrf_token;
	return RESPOND(c, tpl_strikes, page, r);
}

int web_strikes(struct ctx *c, struct request *q, struct response *r)
{
	struct strikes_page page = { .wrong_id = 0 };

	return respond(c, q, &page, r);
}

int web_strike_appeal(struct ctx *c, struct request *q, struct response *r)
{
	struct strikes_page page = { .text = form_text(c, q, "text") };
	int err;

	TRY(staff_path_id(c, q, 0, &page.wrong_id));
	err = strike_appeal(c, page.wrong_id, page.text);
	if (staff_is_typed_wrong(err)) {
		page.error = wrong_in(str_fmt(c->arena, "%lld-", (long long)page.wrong_id),
				      staff_problem(c, err, r));
		return respond(c, q, &page, r);
	}
	TRY(err);
	return go_to(STR("/settings/strikes/"), r);
}

/*
 * Who is shut out has a session that no other route knows. Acting as the identity is for these handlers alone, and
 * for what was decided about it.
 */
static int enter_shut_out(struct ctx *c, const struct request *q, struct strikes_page *page)
{
	str cookie = request_cookie(q, "session");
	const struct session_shut_out_row *s;

	TRY(str_is_empty(cookie) ? E_NOT_FOUND : session_shut_out(c, cookie, &s));
	c->user_id = s->user_id;
	c->identity_id = s->identity_id;
	page->token = s->csrf_token;
	return 0;
}

static int respond_shut_out(struct ctx *c, const struct request *q, struct strikes_page *page,
			    struct response *r)
{
	TRY(load(c, q, page, r));
	page->frame.menu = MENU_NONE;
	return RESPOND(c, tpl_appeal, page, r);
}

int web_appeal(struct ctx *c, struct request *q, struct response *r)
{
	struct strikes_page page = { .wrong_id = 0 };
	int err = enter_shut_out(c, q, &page);

	if (err == E_NOT_FOUND)
		return go_to(STR("/settings/strikes/"), r);
	TRY(err);
	return respond_shut_out(c, q, &page, r);
}

int web_appeal_send(struct ctx *c, struct request *q, struct response *r)
{
	struct strikes_page page = { .text = form_text(c, q, "text") };
	int err = enter_shut_out(c, q, &page);

	if (err == E_NOT_FOUND)
		return fail(c, E_UNAUTHORIZED, "log in first");
	TRY(err);
	if (!secret_eq(request_form(q, "form_token"), page.token))
		return fail(c, E_FORBIDDEN,
			    "this form is too old: go back, reload the page, try again");
	TRY(staff_path_id(c, q, 0, &page.wrong_id));
	err = strike_appeal(c, page.wrong_id, page.text);
	if (staff_is_typed_wrong(err)) {
		page.error = wrong_in(str_fmt(c->arena, "%lld-", (long long)page.wrong_id),
				      staff_problem(c, err, r));
		return respond_shut_out(c, q, &page, r);
	}
	TRY(err);
	return go_to(STR("/appeal/"), r);
}

int web_own_reports(struct ctx *c, struct request *q, struct response *r)
{
	struct page p = view_page(q);
	struct own_reports_page page = { .n_reports = 0 };
	const struct own_report_row *rows;
	struct own_report_view *views;
	struct staff_people people;
	int64_t *ids;

	TRY(report_list_own(c, &p, &rows, &page.n_reports));
	views = arena_array(c->arena, page.n_reports + 1, sizeof(*views));
	ids = arena_array(c->arena, page.n_reports + 1, sizeof(*ids));
	for (size_t i = 0; i < page.n_reports; i++)
		ids[i] = rows[i].subject_id;
	TRY(staff_people_load(c, (i64s){ ids, page.n_reports }, &people));
	for (size_t i = 0; i < page.n_reports; i++)
		views[i] = (struct own_report_view){
			.row = &rows[i],
			.subject = staff_person_of(c, &people, rows[i].subject_id),
		};
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page.frame));
	page.frame.title = text_in(c, TEXT_SAY_TITLE_OWN_REPORTS);
	page.reports = views;
	page.pager = view_pager(c, q, &p, (int64_t)page.n_reports == page_limit(&p),
				page.n_reports ? rows[page.n_reports - 1].id : 0);
	return RESPOND(c, tpl_own_reports, &page, r);
}
