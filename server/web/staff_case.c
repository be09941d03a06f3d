/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The case of one report: what it says, what is known of whom it is about, and what is done. */
#include "base/id.h"
#include "model/dossier.h"
#include "model/identity.h"
#include "model/instance.h"
#include "model/moderation.h"
#include "model/report.h"
#include "model/strike.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/views.h"
#include "templates.h"

static int find(struct ctx *c, const struct request *q, const struct report_row **ret)
{
	int64_t id;
	int result;

	TRY(staff_path_id(c, q, 0, &id));
	result = report_get(c, id, ret);
	return result == E_NOT_FOUND ? fail(c, result, "there is no such report") : result;
}

static str path_of(struct ctx *c, const struct report_row *report)
{
	return str_fmt(c->arena, "/staff/reports/%lld/", (long long)report->id);
}

/* Who complains, whom it is about, who deals with it. */
static int fill_people(struct ctx *c, struct staff_case_page *page)
{
	const struct report_row *r = page->report;
	int64_t ids[] = { r->subject_id, r->source_id, r->assigned_id };
	struct staff_people people;

	TRY(staff_people_load(c, (i64s){ ids, 3 }, &people));
	page->subject = staff_person_of(c, &people, r->subject_id);
	page->source = staff_source(c, &people, r);
	page->holder = r->assigned_id ? staff_person_of(c, &people, r->assigned_id).name : STR("");
	page->mine = r->assigned_id && r->assigned_id == c->identity_id;
	for (size_t i = 0; i < people.n; i++)
		if (people.rows[i].id == r->source_id)
			page->can_answer = people.rows[i].domain_id == c->domain_id &&
					   !people.rows[i].is_system;
	TRY(report_notice_of(c, r->id, &page->notice));
	page->can_answer |= page->notice != NULL;
	return 0;
}

static int fill_rules(struct ctx *c, struct staff_case_page *page)
{
	const struct rule_row *rules;
	str *texts;
	size_t n;

	TRY(rules_list(c, &rules, &n));
	texts = arena_array(c->arena, n + 1, sizeof(*texts));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < page->report->rule_ids.n; k++)
			if (rules[i].id == page->report->rule_ids.p[k])
				texts[page->n_rules++] = rules[i].text;
	page->rules = texts;
	return 0;
}

/* What is known of whom it is about: notes, decisions, and the other reports. */
static int fill_past(struct ctx *c, struct staff_case_page *page)
{
	const struct page first = { .limit = 20 };
	struct report_choice choice = { .subject_id = page->report->subject_id, .host = STR("") };
	const struct dossier_entry_row *entries;
	const struct strike_row *strikes;
	const struct report_row *open, *done;
	struct report_row *others;
	struct staff_event_view *notes;
	struct staff_strike_view *strike_views;
	struct staff_report_view *views;
	size_t n_open, n_done, n = 0;

	TRY(dossier_notes(c, choice.subject_id, &entries, &page->n_notes));
	TRY(staff_view_events(c, entries, page->n_notes, &notes));
	TRY(strike_list(c, choice.subject_id, false, &first, &strikes, &page->n_strikes));
	TRY(staff_view_strikes(c, strikes, page->n_strikes, &strike_views));
	TRY(report_list(c, &choice, &first, &open, &n_open));
	choice.resolved = true;
	TRY(report_list(c, &choice, &first, &done, &n_done));
	others = arena_array(c->arena, n_open + n_done + 1, sizeof(*others));
	for (size_t i = 0; i < n_open + n_done; i++) {
		const struct report_row *row = i < n_open ? &open[i] : &done[i - n_open];

		if (row->id != page->report->id)
			others[n++] = *row;
	}
	TRY(staff_view_reports(c, others, n, &views));
	page->notes = notes;
	page->strikes = strike_views;
	page->others = views;
	page->n_others = n;
	return 0;
}

static int fill_events(struct ctx *c, struct staff_case_page *page)
{
	const struct dossier_entry_row *entries;
	struct staff_event_view *events;

	TRY(dossier_list(c, page->report->id, &entries, &page->n_events));
	TRY(staff_view_events(c, entries, page->n_events, &events));
	page->events = events;
	return 0;
}

static int respond(struct ctx *c, const struct request *q, struct staff_case_page *page,
		   struct response *r)
{
	TRY(fill_people(c, page));
	TRY(fill_rules(c, page));
	TRY(fill_past(c, page));
	TRY(fill_events(c, page));
	TRY(staff_view_posts(c, page->report->post_ids, &page->posts, &page->n_posts));
	page->act.path = str_cat(c->arena, path_of(c, page->report), STR("act/"));
	page->act.ours = page->subject.local;
	page->act.has_posts = page->n_posts > 0;
	TRY(staff_act_fill(c, q, &page->act));
	TRY(staff_frame(c, q, SECTION_REPORTS, r, &page->staff));
	return RESPOND(c, tpl_staff_case, page, r);
}

int staff_case(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_case_page page = { .report = NULL };

	TRY(find(c, q, &page.report));
	return respond(c, q, &page, r);
}

/* After a form: back to the case, or the case with what is wrong. */
static int finish(struct ctx *c, const struct request *q, int err, struct staff_case_page *page,
		  struct response *r)
{
	if (staff_is_typed_wrong(err)) {
		page->typed.error = staff_problem(c, err, r);
		page->typed.note = form_text(c, q, "note");
		page->typed.answer = form_text(c, q, "answer");
		return respond(c, q, page, r);
	}
	TRY(err);
	return staff_done(c, path_of(c, page->report), "done", r);
}

int staff_case_claim(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_case_page page = { .report = NULL };

	TRY(find(c, q, &page.report));
	return finish(c, q, report_assign(c, page.report->id, true), &page, r);
}

int staff_case_release(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_case_page page = { .report = NULL };

	TRY(find(c, q, &page.report));
	return finish(c, q, report_assign(c, page.report->id, false), &page, r);
}

int staff_case_note(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_case_page page = { .report = NULL };

	TRY(find(c, q, &page.report));
	return finish(c, q,
		      dossier_note(c, page.report->subject_id, page.report->id,
				   form_text(c, q, "note")),
		      &page, r);
}

int staff_case_act(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_case_page page = { .report = NULL };
	int err;

	TRY(find(c, q, &page.report));
	if (page.report->resolved)
		err = fail(c, E_CONFLICT, "this report was dealt with already");
	else
		err = staff_act_do(c, q, page.report->subject_id, page.report->id,
				   (i64s){ NULL, 0 });
	if (staff_is_typed_wrong(err)) {
		page.act.error = staff_problem(c, err, r);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, path_of(c, page.report), "done", r);
}

int staff_case_resolve(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_case_page page = { .report = NULL };

	TRY(find(c, q, &page.report));
	return finish(c, q, report_resolve(c, page.report->id, true), &page, r);
}

int staff_case_reopen(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_case_page page = { .report = NULL };

	TRY(find(c, q, &page.report));
	return finish(c, q, report_resolve(c, page.report->id, false), &page, r);
}

int staff_case_answer(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_case_page page = { .report = NULL };

	TRY(find(c, q, &page.report));
	return finish(c, q, report_answer(c, page.report->id, form_text(c, q, "answer")), &page, r);
}
