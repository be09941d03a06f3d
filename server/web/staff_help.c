/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Whether the host's operators may help here, until when, and who came. */
#include "model/help.h"

#include "model/session.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "templates.h"

static int respond(struct ctx *c, const struct request *q, struct staff_help_page *page,
		   struct response *r)
{
	int result = help_get(c, &page->consent);

	if (result == E_NOT_FOUND)
		page->consent = NULL;
	else
		TRY(result);
	TRY(help_visits(c, &page->visits, &page->n_visits));
	TRY(staff_frame(c, q, SECTION_HELP, r, &page->staff));
	return RESPOND(c, tpl_staff_help, page, r);
}

int staff_help(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_help_page page = { .hours = STR("24") };

	return respond(c, q, &page, r);
}

static int act(struct ctx *c, const struct request *q, str hours)
{
	int64_t n;

	/* A helper neither prolongs the help nor gives it a higher role. */
	if (q->session->helps)
		return fail(c, E_FORBIDDEN, "who helps out cannot decide about the help");
	if (str_eq(form_line(c, q, "do"), STR("revoke")))
		return help_revoke(c);
	return help_allow(c, form_line(c, q, "role"), str_to_i64(hours, &n) ? n : 0);
}

int staff_help_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_help_page page = { .hours = form_line(c, q, "hours") };
	int err = act(c, q, page.hours);

	if (err == 0)
		return staff_done(c, STR("/staff/help/"), "saved", r);
	if (!staff_is_typed_wrong(err))
		return err;
	page.error = staff_problem(c, err, r);
	return respond(c, q, &page, r);
}
