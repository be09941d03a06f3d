/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Coming in and going out: log-in, log-out, sign-up, and tickets from other tenants. */
#include "model/domain.h"
#include "model/identity.h"
#include "model/invite.h"
#include "model/session.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/views.h"
#include "templates.h"

static int respond_login(struct ctx *c, const struct request *q, struct login_page *page,
			 struct response *r)
{
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = STR("Log in");
	page->frame.hidden = true;
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

/* A new session takes the place of the one that the browser had. */
static int enter(struct ctx *c, const struct request *q, str cookie, str next, struct response *r)
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
		return enter(c, q, cookie, page.next, r);
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

/* An invitation that cannot be used is not taken over into the form. */
static int check_invite(struct ctx *c, str token, struct signup_page *page)
{
	const struct invite_row *invite;
	int err;

	if (str_is_empty(token) || c->domain->sign_up != SIGN_UP_INVITE)
		return 0;
	err = invite_find(c, token, &invite);
	if (err == 0)
		page->invite = token;
	if (err > 0 && str_is_empty(page->error))
		page->error = form_error(c, err);
	return err < 0 ? err : 0;
}

static int respond_signup(struct ctx *c, const struct request *q, str token,
			  struct signup_page *page, struct response *r)
{
	TRY(check_invite(c, token, page));
	TRY(view_rules(c, &page->rules, &page->n_rules));
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = STR("Sign up");
	page->frame.hidden = true;
	return RESPOND(c, tpl_signup, page, r);
}

int web_signup(struct ctx *c, struct request *q, struct response *r)
{
	struct signup_page page = { 0 };

	if (q->session)
		return go_to(STR("/"), r);
	return respond_signup(c, q, request_query(q, "invite"), &page, r);
}

int web_signup_send(struct ctx *c, struct request *q, struct response *r)
{
	struct signup_page page = {
		.email = form_line(c, q, "email"),
		.username = form_line(c, q, "username"),
	};
	str password = request_form(q, "password"), cookie;
	const struct sign_up form = {
		.invite = form_line(c, q, "invite"),
		.email = page.email,
		.password = str_is_null(password) ? STR("") : password,
		.username = page.username,
	};
	const struct session_client client = cookie_client(q);
	int err = sign_up(c, &form, &client, &cookie);

	if (err == 0)
		return enter(c, q, cookie, STR("/"), r);
	if (err < 0)
		return err;
	page.error = form_error(c, err);
	r->status = form_status(err);
	return respond_signup(c, q, form.invite, &page, r);
}

int web_ticket(struct ctx *c, struct request *q, struct response *r)
{
	const struct session_client client = cookie_client(q);
	str ticket = request_query(q, "ticket"), cookie;

	TRY(session_redeem(c, str_is_null(ticket) ? STR("") : ticket, &client, &cookie));
	return enter(c, q, cookie, STR("/"), r);
}
