/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the staff did, as a page and as a table for other programs. */
#include "base/clock.h"
#include "base/out.h"
#include "fetch/url.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/views.h"
#include "templates.h"

#define ENTRIES 50 /* on a page */
#define EXPORT_MOST 10000 /* entries */
#define EXPORT_LIMIT (16 * 1024 * 1024) /* bytes */

static struct q_staff_audit_args args_of(const struct ctx *c, const struct request *q)
{
	str who = staff_query(q, "who");

	return (struct q_staff_audit_args){
		.domain_id = c->domain_id,
		.max_id = view_page(q).max_id,
		.action = staff_query(q, "action"),
		.subject = staff_query(q, "subject"),
		.who = str_starts(who, STR("@")) ? str_from(who, 1) : who,
		.limit = ENTRIES,
	};
}

int staff_audit(struct ctx *c, struct request *q, struct response *r)
{
	const struct q_staff_audit_args args = args_of(c, q);
	const struct page p = view_page(q);
	struct staff_audit_page page = {
		.who = args.who,
		.action = args.action,
		.subject = args.subject,
	};

	TRY(q_staff_audit(c, &args, &page.entries, &page.n_entries));
	TRY(staff_frame(c, q, SECTION_AUDIT, r, &page.staff));
	page.export = str_fmt(c->arena, "/staff/audit.csv?who=%.*s&action=%.*s&subject=%.*s",
			      STR_ARG(url_encode(c->arena, args.who)),
			      STR_ARG(url_encode(c->arena, args.action)),
			      STR_ARG(url_encode(c->arena, args.subject)));
	page.pager = staff_pager(c, q, &p, page.n_entries == ENTRIES,
				 page.n_entries ? page.entries[page.n_entries - 1].id : 0);
	return RESPOND(c, tpl_staff_audit, &page, r);
}

/* RFC 4180; and what a spreadsheet would take for a formula begins with an apostrophe. */
static void put_field(struct out *o, str value, const char *end)
{
	bool is_formula = value.n && (value.p[0] == '=' || value.p[0] == '+' || value.p[0] == '-' ||
				      value.p[0] == '@');

	out_char(o, '"');
	if (is_formula)
		out_char(o, '\'');
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"')
			out_char(o, '"');
		out_char(o, value.p[i]);
	}
	out_char(o, '"');
	out_c(o, end);
}

static void put_entry(struct ctx *c, struct out *o, const struct staff_audit_row *e)
{
	put_field(o, clock_iso(c->arena, e->created), ",");
	put_field(o, e->helper.n ? e->helper : e->who, ",");
	put_field(o, e->action, ",");
	put_field(o, e->subject, ",");
	put_field(o, e->detail, "\r\n");
}

int staff_audit_export(struct ctx *c, struct request *q, struct response *r)
{
	struct q_staff_audit_args args = args_of(c, q);
	const struct staff_audit_row *rows;
	struct out o;
	size_t n;

	args.limit = EXPORT_MOST;
	TRY(q_staff_audit(c, &args, &rows, &n));
	out_init(&o, c->arena, EXPORT_LIMIT);
	out_c(&o, "when,who,action,subject,detail\r\n");
	for (size_t i = 0; i < n; i++)
		put_entry(c, &o, &rows[i]);
	TRY(out_done(&o, &r->body));
	r->type = STR("text/csv; charset=utf-8");
	r->disposition = STR("attachment; filename=\"audit.csv\"");
	return 0;
}
