/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Staff's view of complaints: https://docs.joinmastodon.org/methods/admin/reports/ */
#include "model/report.h"

#include "server/api/api.h"
#include "server/api/params.h"
#include "server/api/render_admin.h"
#include "server/api/staff_handlers.h"

#define PAGE_SIZE 100
#define PAGE_MOST 200

int admin_reports(struct ctx *c, struct request *q, struct response *r)
{
	const struct report_row *rows;
	struct report_choice choice;
	struct params *p;
	struct json_out w;
	struct page page;
	size_t n;
	str host;

	TRY(params_read(c, q, &p));
	host = str_trim(param(p, "by_target_domain"));
	choice = (struct report_choice){
		.resolved = param_bool(p, "resolved", false),
		.source_id = param_id(p, "account_id"),
		.subject_id = param_id(p, "target_account_id"),
		.host = str_is_null(host) ? STR("") : str_lower(c->arena, host),
	};
	api_page(q, PAGE_SIZE, PAGE_MOST, &page);
	TRY(report_list(c, &choice, &page, &rows, &n));
	api_open(c, &w);
	json_open_array(&w, NULL);
	TRY(render_admin_reports(c, &w, rows, n));
	json_close_array(&w);
	if (n)
		api_link(c, q, rows[0].id, rows[n - 1].id, (int64_t)n == page_limit(&page), r);
	return api_send(&w, r);
}

static int send_report(struct ctx *c, int64_t id, struct response *r)
{
	const struct report_row *row;
	struct json_out w;

	TRY(report_get(c, id, &row));
	api_open(c, &w);
	TRY(render_admin_reports(c, &w, row, 1));
	return api_send(&w, r);
}

int admin_report(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	return send_report(c, id, r);
}

int admin_report_change(struct ctx *c, struct request *q, struct response *r)
{
	const struct report_row *row;
	struct params *p;
	int64_t id;
	str category;
	i64s rules;

	TRY(params_read(c, q, &p));
	TRY(api_path_id(c, q, 0, &id));
	TRY(report_get(c, id, &row));
	category = param(p, "category");
	rules = param_ids(c, p, "rule_ids");
	TRY(report_change(c, id, str_is_null(category) ? row->category : category,
			  rules.n ? rules : row->rule_ids));
	return send_report(c, id, r);
}

static int act(struct ctx *c, const struct request *q,
	       int (*fn)(struct ctx *c, int64_t id, bool on), bool on, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(fn(c, id, on));
	return send_report(c, id, r);
}

int admin_report_assign(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, report_assign, true, r);
}

int admin_report_unassign(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, report_assign, false, r);
}

int admin_report_resolve(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, report_resolve, true, r);
}

int admin_report_reopen(struct ctx *c, struct request *q, struct response *r)
{
	return act(c, q, report_resolve, false, r);
}
