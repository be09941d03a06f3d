/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One person, of here or of elsewhere: what staff knows, and what it does about them. */
#include "base/table.h"
#include "html/html.h"
#include "model/dossier.h"
#include "model/identity.h"
#include "model/moderation.h"
#include "model/report.h"
#include "model/strike.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/views.h"
#include "templates.h"

#define BIO 300 /* characters */

static int find(struct ctx *c, const struct request *q, struct admin_account *ret)
{
	int64_t id;
	int result;

	TRY(staff_path_id(c, q, 0, &id));
	result = admin_account_get(c, id, ret);
	return result == E_NOT_FOUND ? fail(c, result, "there is nobody") : result;
}

static str path_of(struct ctx *c, const struct admin_account *a)
{
	return str_fmt(c->arena, "/staff/people/%lld/", (long long)a->identity->id);
}

static int fill_past(struct ctx *c, int64_t id, struct staff_person_page *page)
{
	const struct page first = { .limit = 20 };
	const struct report_choice choice = { .subject_id = id, .host = STR("") };
	const struct dossier_entry_row *entries;
	const struct strike_row *strikes;
	const struct report_row *reports;
	struct staff_event_view *notes;
	struct staff_strike_view *strike_views;
	struct staff_report_view *report_views;

	TRY(dossier_notes(c, id, &entries, &page->n_notes));
	TRY(staff_view_events(c, entries, page->n_notes, &notes));
	TRY(strike_list(c, id, false, &first, &strikes, &page->n_strikes));
	TRY(staff_view_strikes(c, strikes, page->n_strikes, &strike_views));
	TRY(report_list(c, &choice, &first, &reports, &page->n_reports));
	TRY(staff_view_reports(c, reports, page->n_reports, &report_views));
	page->notes = notes;
	page->strikes = strike_views;
	page->reports = report_views;
	return 0;
}

static int respond(struct ctx *c, const struct request *q, const struct admin_account *a,
		   struct staff_person_page *page, struct response *r)
{
	const struct identity_row *i = a->identity;

	page->person = view_person(c, i);
	page->facts = a->facts;
	page->about = view_excerpt(c, i->summary, BIO);
	page->n_posts = i->posts_count;
	page->n_following = i->following_count;
	page->n_followers = i->followers_count;
	page->self = i->id == c->identity_id;
	page->act.path = str_cat(c->arena, path_of(c, a), STR("act/"));
	page->act.ours = a->facts->is_ours;
	TRY(fill_past(c, i->id, page));
	TRY(staff_act_fill(c, q, &page->act));
	TRY(staff_sees(c, CAPABILITY_ADDRESSES, &page->sees_addresses));
	TRY(staff_sees(c, CAPABILITY_DELETION, &page->can_delete));
	TRY(staff_sees(c, CAPABILITY_ROLES, &page->can_set_roles));
	TRY(staff_frame(c, q, SECTION_PEOPLE, r, &page->staff));
	return RESPOND(c, tpl_staff_person, page, r);
}

int staff_person(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_person_page page = { .self = false };
	struct admin_account a;

	TRY(find(c, q, &a));
	return respond(c, q, &a, &page, r);
}

static int finish(struct ctx *c, const struct request *q, int err, const struct admin_account *a,
		  struct response *r)
{
	struct staff_person_page page = { .self = false };

	if (staff_is_typed_wrong(err)) {
		page.typed.error = staff_problem(c, err, r);
		page.typed.note = form_text(c, q, "note");
		return respond(c, q, a, &page, r);
	}
	TRY(err);
	return staff_done(c, path_of(c, a), "done", r);
}

int staff_person_act(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_person_page page = { .self = false };
	struct admin_account a;
	int err;

	TRY(find(c, q, &a));
	err = staff_act_do(c, q, a.identity->id, 0, (i64s){ NULL, 0 });
	if (staff_is_typed_wrong(err)) {
		page.act.error = staff_problem(c, err, r);
		return respond(c, q, &a, &page, r);
	}
	TRY(err);
	return staff_done(c, path_of(c, &a), "done", r);
}

int staff_person_undo(struct ctx *c, struct request *q, struct response *r)
{
	const char *what = str_z(c->arena, form_line(c, q, "what"));
	struct admin_account a;

	TRY(find(c, q, &a));
	return finish(c, q, moderation_undo(c, a.identity->id, what), &a, r);
}

int staff_person_note(struct ctx *c, struct request *q, struct response *r)
{
	struct admin_account a;

	TRY(find(c, q, &a));
	return finish(c, q, dossier_note(c, a.identity->id, 0, form_text(c, q, "note")), &a, r);
}

int staff_person_log_out(struct ctx *c, struct request *q, struct response *r)
{
	struct admin_account a;

	TRY(find(c, q, &a));
	return finish(c, q, moderation_log_out(c, a.identity->id), &a, r);
}

int staff_person_reset(struct ctx *c, struct request *q, struct response *r)
{
	struct admin_account a;

	TRY(find(c, q, &a));
	return finish(c, q, moderation_send_reset(c, a.identity->id), &a, r);
}

int staff_person_delete(struct ctx *c, struct request *q, struct response *r)
{
	struct admin_account a;

	TRY(find(c, q, &a));
	TRY(moderation_delete(c, a.identity->id));
	return staff_done(c, STR("/staff/people/"), "removed", r);
}

int staff_person_role(struct ctx *c, struct request *q, struct response *r)
{
	str name = form_line(c, q, "role");
	struct admin_account a;
	int role = STAFF_NONE;

	TRY(find(c, q, &a));
	if (name.n && !name_to_value(staff_roles, name, &role))
		return fail_at(c, "role", fail(c, E_INVALID, "there is no such role"));
	return finish(c, q, moderation_set_role(c, a.identity->id, (enum staff_role)role), &a, r);
}
