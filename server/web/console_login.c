/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How operators come in: a password, then always a second factor, which is set up here when there is none yet. */
#include "model/factor.h"
#include "model/operator.h"
#include "model/setup.h"
#include "server/web/console.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/qr.h"
#include "server/web/text.h"
#include "templates.h"

static int respond_login(struct ctx *c, const struct request *q, struct console_login_page *page,
			 struct response *r)
{
	console_frame(c, q, CONSOLE_SECTIONS, &page->console);
	page->console.frame.title = text_in(c, TEXT_LOGIN);
	return RESPOND(c, tpl_console_login, page, r);
}

int console_login(struct ctx *c, struct request *q, struct response *r)
{
	struct console_login_page page = { .email = STR("") };

	if (q->operator)
		return go_to(q->operator->strong ? STR("/tenants/") : STR("/second/"), r);
	return respond_login(c, q, &page, r);
}

int console_login_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_login_page page = { .email = form_line(c, q, "email") };
	const struct session_client client = cookie_client(q);
	str password = request_form(q, "password"), cookie;
	int err = operator_log_in(c, page.email, str_is_null(password) ? STR("") : password,
				  &client, &cookie);

	if (err) {
		if (!console_is_typed_wrong(err))
			return err;
		page.error = console_problem(c, err, r);
		return respond_login(c, q, &page, r);
	}
	console_keep(c, cookie, r);
	return go_to(STR("/second/"), r);
}

static int respond_second(struct ctx *c, const struct request *q, struct console_second_page *page,
			  struct response *r)
{
	str secret, uri;

	page->has_factor = q->operator->has_factor;
	page->secret = STR("");
	if (!page->has_factor) {
		TRY(totp_offer(c, &secret, &uri));
		page->secret = secret;
	}
	console_frame(c, q, CONSOLE_SECTIONS, &page->console);
	page->console.frame.title = text_in(c, TEXT_SECOND_HEADING);
	return RESPOND(c, tpl_console_second, page, r);
}

int console_second(struct ctx *c, struct request *q, struct response *r)
{
	struct console_second_page page = { 0 };

	if (!q->operator|| q->operator->strong)
		return go_to(q->operator? STR("/tenants/") : STR("/login/"), r);
	return respond_second(c, q, &page, r);
}

/* Whoever is setting up goes on with that. */
static int go_in(struct ctx *c, int64_t user_id, struct response *r)
{
	const struct setup_visit_row *v;
	int result = setup_visit_of(c, user_id, &v);

	if (result && result != E_NOT_FOUND)
		return result;
	return go_to(result ? STR("/tenants/") : STR("/setup/domain/"), r);
}

int console_second_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_second_page page = { 0 };
	str cookie;
	int err;

	if (!q->operator)
		return go_to(STR("/login/"), r);
	err = operator_prove(c, q->operator, form_line(c, q, "code"), q->address, &cookie);
	if (err) {
		if (!console_is_typed_wrong(err))
			return err;
		page.error = console_problem(c, err, r);
		return respond_second(c, q, &page, r);
	}
	console_keep(c, cookie, r);
	return go_in(c, q->operator->user_id, r);
}

int console_second_picture(struct ctx *c, struct request *q, struct response *r)
{
	str secret, uri;

	if (!q->operator|| q->operator->has_factor)
		return fail(c, E_NOT_FOUND, "there is nothing here");
	TRY(totp_offer(c, &secret, &uri));
	r->type = STR("image/svg+xml");
	return qr_svg(c, uri, &r->body);
}

int console_logout_send(struct ctx *c, struct request *q, struct response *r)
{
	if (q->operator)
		TRY(operator_log_out(c, q->operator->id));
	console_keep(c, STR(""), r);
	return go_to(STR("/login/"), r);
}
