/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Coming in and going out: log-in, log-out, and tickets from other tenants. */
#include "model/mail.h"
#include "model/session.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "templates.h"

static int respond_login(struct ctx *c, const struct request *q, struct login_page *page,
			 struct response *r)
{
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = STR("Log in");
	page->frame.hidden = true;
	page->has_mail = mail_is_on(c);
	return RESPOND(c, tpl_login, page, r);
}

int web_login(struct ctx *c, struct request *q, struct response *r)
{
	str next = request_query(q, "next");
	struct login_page page = { .next = path_is_ours(next) ? next : STR("") };

	/* A program may want the person to log in anew, perhaps as somebody else. */
	if (q->session && str_is_empty(request_query(q, "again")))
		return go_to(page.next, r);
	return respond_login(c, q, &page, r);
}

int web_enter(struct ctx *c, const struct request *q, str cookie, str next, struct response *r)
{
	if (q->session)
		TRY(session_log_out(c, q->session->id));
	cookie_set(c, cookie, r);
	return go_to(next, r);
}

int web_login_send(struct ctx *c, struct request *q, struct response *r)
{
	struct login_page page = { .email = form_line(c, q, "email"),
				   .next = form_line(c, q, "next") };
	const struct session_client client = cookie_client(q);
	str password = request_form(q, "password"), cookie;
	int err = session_log_in(c, page.email, str_is_null(password) ? STR("") : password, &client,
				 &cookie);

	if (err == 0)
		return web_enter(c, q, cookie, page.next, r);
	if (err < 0)
		return err;
	page.error = form_error(c, err);
	r->status = form_status(err);
	return respond_login(c, q, &page, r);
}

int web_logout_send(struct ctx *c, struct request *q, struct response *r)
{
	if (q->session)
		TRY(session_log_out(c, q->session->id));
	cookie_clear(c, r);
	return go_to(STR("/"), r);
}

int web_ticket(struct ctx *c, struct request *q, struct response *r)
{
	const struct session_client client = cookie_client(q);
	str ticket = request_query(q, "ticket"), cookie;

	TRY(session_redeem(c, str_is_null(ticket) ? STR("") : ticket, &client, &cookie));
	return web_enter(c, q, cookie, STR("/"), r);
}
