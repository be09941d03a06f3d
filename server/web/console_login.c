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

int console_respond_login(struct ctx *c, const struct request *q, str email, struct wrong error,
			  struct response *r)
{
	struct console_login_page page = { .email = email, .error = error };

	console_frame(c, q, CONSOLE_SECTIONS, &page.console);
	page.console.frame.title = text_in(c, TEXT_LOGIN);
	TRY(console_passkey(c, q, PASSKEY_LOG_IN, "/login/passkey/", &page.console,
			    &page.has_passkeys, &page.passkey));
	return RESPOND(c, tpl_console_login, &page, r);
}

int console_login(struct ctx *c, struct request *q, struct response *r)
{
	if (q->operator)
		return go_to(q->operator->strong ? STR("/tenants/") : STR("/second/"), r);
	return console_respond_login(c, q, STR(""), (struct wrong){ .text = STR("") }, r);
}

int console_login_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct session_client client = cookie_client(q);
	str password = request_form(q, "password"), email = form_line(c, q, "email"), cookie;
	int err = operator_log_in(c, email, str_is_null(password) ? STR("") : password, &client,
				  &cookie);

	if (err) {
		if (!console_is_typed_wrong(err))
			return err;
		return console_respond_login(c, q, email, console_problem(c, err, r), r);
	}
	console_keep(c, cookie, r);
	return go_to(STR("/second/"), r);
}

/* Who has nothing yet sets up codes of a program, or a passkey; who has something proves that. */
int console_respond_second(struct ctx *c, const struct request *q, struct wrong error,
			   struct response *r)
{
	const struct operator_session_row *s = q->operator;
	struct console_second_page page = { .error = error, .secret = STR("") };
	str uri;

	page.has_factor = s->has_totp || s->has_passkey;
	if (!page.has_factor)
		TRY(totp_offer(c, &page.secret, &uri));
	console_frame(c, q, CONSOLE_SECTIONS, &page.console);
	page.console.frame.title = text_in(c, TEXT_SECOND_HEADING);
	if (s->has_passkey || !page.has_factor)
		TRY(console_passkey(c, q, page.has_factor ? PASSKEY_SECOND : PASSKEY_ADD,
				    "/second/passkey/", &page.console, &page.has_passkeys,
				    &page.passkey));
	return RESPOND(c, tpl_console_second, &page, r);
}

int console_second(struct ctx *c, struct request *q, struct response *r)
{
	if (!q->operator|| q->operator->strong)
		return go_to(q->operator? STR("/tenants/") : STR("/login/"), r);
	return console_respond_second(c, q, (struct wrong){ .text = STR("") }, r);
}

int console_go_in(struct ctx *c, int64_t user_id, str cookie, struct response *r)
{
	const struct setup_visit_row *v;
	int result = setup_visit_of(c, user_id, &v);

	if (result && result != E_NOT_FOUND)
		return result;
	console_keep(c, cookie, r);
	return go_to(result ? STR("/tenants/") : STR("/setup/domain/"), r);
}

int console_second_send(struct ctx *c, struct request *q, struct response *r)
{
	str cookie;
	int err;

	if (!q->operator)
		return go_to(STR("/login/"), r);
	err = operator_prove(c, q->operator, form_line(c, q, "code"), q->address, &cookie);
	if (err) {
		if (!console_is_typed_wrong(err))
			return err;
		return console_respond_second(c, q, console_problem(c, err, r), r);
	}
	return console_go_in(c, q->operator->user_id, cookie, r);
}

int console_second_picture(struct ctx *c, struct request *q, struct response *r)
{
	str secret, uri;

	if (!q->operator|| q->operator->has_totp || q->operator->has_passkey)
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
