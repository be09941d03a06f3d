/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Notices of people without an account that something here is against the law. */
#include "base/id.h"
#include "model/report.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/staff.h"
#include "server/web/text.h"
#include "templates.h"

static int respond(struct ctx *c, const struct request *q, struct notice_page *page,
		   struct response *r)
{
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = text_in(c, TEXT_NOTICE_FORM_HEADING);
	page->frame.hidden = true;
	return RESPOND(c, tpl_notice, page, r);
}

int web_notice(struct ctx *c, struct request *q, struct response *r)
{
	str about = request_query(q, "about");
	struct notice_page page = { .addresses = str_is_null(about) ? STR("") : about };

	if (!id_parse(request_query(q, "done"), &page.done))
		page.done = 0;
	return respond(c, q, &page, r);
}

int web_notice_send(struct ctx *c, struct request *q, struct response *r)
{
	struct notice_page page = {
		.addresses = form_text(c, q, "addresses"),
		.name = form_line(c, q, "name"),
		.email = form_line(c, q, "email"),
		.law = form_line(c, q, "law"),
		.comment = form_text(c, q, "comment"),
		.good_faith = form_ticked(q, "good_faith"),
	};
	const struct report_notice notice = {
		.addresses = page.addresses,
		.name = page.name,
		.email = page.email,
		.law = page.law,
		.comment = page.comment,
		.good_faith = page.good_faith,
		.client = q->address,
	};
	int64_t id;
	int err = report_take_notice(c, &notice, &id);

	if (staff_is_typed_wrong(err)) {
		page.error = staff_problem(c, err, r);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return go_to(str_fmt(c->arena, "/notice/?done=%lld", (long long)id), r);
}
