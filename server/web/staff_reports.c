/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The queue of reports. */
#include "base/table.h"
#include "model/identity.h"
#include "model/report.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/views.h"
#include "templates.h"

#define NOBODY (-1)

/* Which of them a state of the filter means. */
static void choose(const struct ctx *c, str state, struct report_choice *ret)
{
	ret->resolved = str_eq(state, STR("resolved"));
	if (str_eq(state, STR("mine")))
		ret->holder_id = c->identity_id;
	if (str_eq(state, STR("unassigned")))
		ret->holder_id = NOBODY;
}

static str known(str value, const char *const *among, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(value, among[i]))
			return value;
	return STR("");
}

/* Whose handle is given; E_NOT_FOUND when nobody is known by it. */
static int find_target(struct ctx *c, str handle, int64_t *ret_id)
{
	const struct identity_row *i;

	if (str_is_empty(handle))
		return 0;
	if (str_starts(handle, STR("@")))
		handle = str_from(handle, 1);
	TRY(person_of_path(c, handle, &i));
	*ret_id = i->id;
	return 0;
}

int staff_reports(struct ctx *c, struct request *q, struct response *r)
{
	static const char *const categories[] = { "spam", "legal", "violation", "other" };
	static const char *const origins[] = { "local", "remote", "notice" };
	struct staff_reports_page page = {
		.state = staff_query(q, "state"),
		.category = known(staff_query(q, "category"), categories, ARRAY_SIZE(categories)),
		.origin = known(staff_query(q, "origin"), origins, ARRAY_SIZE(origins)),
		.target = staff_query(q, "target"),
	};
	struct report_choice choice = {
		.host = STR(""),
		.category = page.category,
		.origin = page.origin,
	};
	struct page p = view_page(q);
	const struct report_row *rows = NULL;
	struct staff_report_view *views;
	int err;

	choose(c, page.state, &choice);
	err = find_target(c, page.target, &choice.subject_id);
	if (err == 0)
		TRY(report_list(c, &choice, &p, &rows, &page.n_reports));
	else if (err < 0)
		return err;
	TRY(staff_view_reports(c, rows, page.n_reports, &views));
	TRY(staff_frame(c, q, SECTION_REPORTS, r, &page.staff));
	page.reports = views;
	page.pager = staff_pager(c, q, &p, (int64_t)page.n_reports == page_limit(&p),
				 page.n_reports ? rows[page.n_reports - 1].id : 0);
	return RESPOND(c, tpl_staff_reports, &page, r);
}
