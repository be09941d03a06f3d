/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What all members are told: written, looked at, shown now or at a time, changed and taken back. */
#include "model/announcement.h"

#include "base/id.h"
#include "html/html.h"
#include "server/web/compose.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "templates.h"

#define DAY_LENGTH 10 /* "2026-11-23" */

static str time_typed(struct ctx *c, usec t, bool all_day)
{
	if (!t)
		return STR("");
	return all_day ? str_slice(clock_iso(c->arena, t), 0, DAY_LENGTH) : due_format(c, t);
}

static struct staff_announcement_view view(struct ctx *c, const struct announcement_row *row)
{
	return (struct staff_announcement_view){
		.id = row->id,
		.text = row->source,
		.starts = time_typed(c, row->starts, false),
		.ends = time_typed(c, row->ends, false),
		.due = time_typed(c, row->due, false),
		.all_day = row->all_day,
		.shown = row->shown,
		.content = html_stored(row->content),
		.begins = row->starts,
		.stops = row->ends,
		.appears = row->due,
		.published = row->published,
		.over = row->ends && row->ends < c->now,
	};
}

static struct staff_announcement_view read_form(struct ctx *c, const struct request *q)
{
	return (struct staff_announcement_view){
		.text = form_text(c, q, "text"),
		.starts = form_line(c, q, "starts"),
		.ends = form_line(c, q, "ends"),
		.due = form_line(c, q, "due"),
		.all_day = form_ticked(q, "all_day"),
		.shown = str_eq(form_line(c, q, "do"), STR("publish")),
	};
}

/* Empty: 0. Days alone are their first moment, UTC. */
static int read_time(struct ctx *c, str typed, usec *ret)
{
	*ret = 0;
	if (typed.n == 0)
		return 0;
	if (typed.n == DAY_LENGTH)
		typed = str_cat(c->arena, typed, STR("T00:00"));
	return due_parse(c, typed, ret) ? 0 : fail(c, E_INVALID, "this is no time");
}

static int read_draft(struct ctx *c, const struct staff_announcement_view *v,
		      struct announcement_draft *ret)
{
	struct announcement_draft d = {
		.text = v->text,
		.all_day = v->all_day,
		.hidden = !v->shown,
	};

	TRY(fail_at(c, "starts", read_time(c, v->starts, &d.starts)));
	TRY(fail_at(c, "ends", read_time(c, v->ends, &d.ends)));
	TRY(fail_at(c, "due", read_time(c, v->due, &d.due)));
	if (!v->shown && d.due && d.due <= c->now)
		return fail_at(c, "due", fail(c, E_INVALID, "it would have appeared already"));
	if (d.all_day) {
		d.starts -= d.starts % USEC_DAY;
		if (d.ends)
			d.ends += USEC_DAY - d.ends % USEC_DAY - USEC_SEC;
	}
	*ret = d;
	return 0;
}

/* As it would be seen. */
static int preview(struct ctx *c, const struct request *q, struct staff_announcement_view *v,
		   bool *ret)
{
	*ret = str_eq(form_line(c, q, "do"), STR("preview"));
	return *ret ? announcement_markup(c, v->text, &v->content) : 0;
}

static int respond(struct ctx *c, const struct request *q, struct staff_announcements_page *page,
		   struct response *r)
{
	const struct announcement_row *rows;
	struct staff_announcement_view *views;

	TRY(announcement_all(c, &rows, &page->n_announcements));
	views = arena_array(c->arena, page->n_announcements + 1, sizeof(*views));
	for (size_t i = 0; i < page->n_announcements; i++)
		views[i] = view(c, &rows[i]);
	page->announcements = views;
	TRY(staff_frame(c, q, SECTION_ANNOUNCEMENTS, r, &page->staff));
	return RESPOND(c, tpl_staff_announcements, page, r);
}

int staff_announcements(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_announcements_page page = { 0 };

	return respond(c, q, &page, r);
}

static int add(struct ctx *c, const struct staff_announcement_view *typed)
{
	const struct announcement_row *made;
	struct announcement_draft draft;

	TRY(read_draft(c, typed, &draft));
	return announcement_add(c, &draft, &made);
}

int staff_announcements_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_announcements_page page = { .typed = read_form(c, q) };
	int err = preview(c, q, &page.typed, &page.previews);

	if (!err && page.previews)
		return respond(c, q, &page, r);
	if (!err)
		err = add(c, &page.typed);
	if (err == E_INVALID) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/announcements/"), "added", r);
}

static int respond_one(struct ctx *c, const struct request *q, struct staff_announcement_page *page,
		       struct response *r)
{
	TRY(staff_frame(c, q, SECTION_ANNOUNCEMENTS, r, &page->staff));
	return RESPOND(c, tpl_staff_announcement, page, r);
}

int staff_announcement(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_announcement_page page = { 0 };
	const struct announcement_row *row;
	int64_t id;

	TRY(staff_path_id(c, q, 0, &id));
	TRY(announcement_get(c, id, &row));
	page.typed = view(c, row);
	return respond_one(c, q, &page, r);
}

static int change(struct ctx *c, int64_t id, const struct staff_announcement_view *typed)
{
	struct announcement_draft draft;

	TRY(read_draft(c, typed, &draft));
	return announcement_change(c, id, &draft);
}

int staff_announcement_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_announcement_page page = { .typed = read_form(c, q) };
	const struct announcement_row *row;
	int64_t id;
	int err;

	TRY(staff_path_id(c, q, 0, &id));
	TRY(announcement_get(c, id, &row));
	page.typed.id = id;
	if (form_ticked(q, "delete")) {
		TRY(announcement_remove(c, id));
		return staff_done(c, STR("/staff/announcements/"), "removed", r);
	}
	err = preview(c, q, &page.typed, &page.previews);
	if (!err && page.previews) {
		page.typed.shown = row->shown;
		return respond_one(c, q, &page, r);
	}
	if (!err)
		err = change(c, id, &page.typed);
	if (err == E_INVALID) {
		page.typed.shown = row->shown;
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond_one(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/announcements/"), "saved", r);
}
