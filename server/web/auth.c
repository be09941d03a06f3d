/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Coming in and going out: log-in, log-out, and tickets from other tenants. */
#include "fetch/url.h"
#include "model/identity.h"
#include "model/mail.h"
#include "model/session.h"
#include "server/web/auth_page.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/proof.h"
#include "server/web/text.h"
#include "templates.h"

static int respond_login(struct ctx *c, const struct request *q, struct login_page *page,
			 struct response *r)
{
	TRY(proof_form(c, PASSKEY_LOG_IN, 0, 0, "/auth/login/passkey/", &page->passkey));
	page->passkey.next = page->next;
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = text_in(c, TEXT_LOGIN);
	page->frame.hidden = true;
	page->has_mail = mail_is_on(c);
	page->frame.script = SCRIPT_PASSKEY;
	return RESPOND(c, tpl_login, page, r);
}

/* Who has typed the password already goes on where they were. */
static bool is_waiting(struct ctx *c, const struct request *q)
{
	const struct session_waiting_row *w;
	str cookie = request_cookie(q, "session");

	return cookie.n && session_waiting(c, cookie, &w) == 0;
}

int web_login(struct ctx *c, struct request *q, struct response *r)
{
	str next = request_query(q, "next");
	struct login_page page = { .next = path_is_ours(next) ? next : STR("") };
	bool again = !str_is_empty(request_query(q, "again"));

	/* A program may want the person to log in anew, perhaps as somebody else. */
	if (q->session && !again)
		return go_to(page.next, r);
	if (!again && is_waiting(c, q)) {
		r->status = 303;
		r->location = str_fmt(c->arena, "/auth/second/?next=%.*s",
				      STR_ARG(url_encode(c->arena, page.next)));
		return 0;
	}
	return respond_login(c, q, &page, r);
}

static int refuse_login(struct ctx *c, const struct request *q, int err, struct login_page *page,
			struct response *r)
{
	if (err < 0)
		return err;
	page->error = form_error(c, err);
	r->status = form_status(err);
	return respond_login(c, q, page, r);
}

int web_login_passkey_send(struct ctx *c, struct request *q, struct response *r)
{
	struct login_page page = { .next = form_line(c, q, "next") };
	const struct session_client client = cookie_client(q);
	const struct passkey_answer answer = proof_answer(q);
	str cookie;
	int err = session_log_in_passkey(c, &answer, &client, &cookie);

	return err ? refuse_login(c, q, err, &page, r) : web_enter(c, q, cookie, page.next, r);
}

int web_login_send(struct ctx *c, struct request *q, struct response *r)
{
	struct login_page page = { .email = form_line(c, q, "email"),
				   .next = form_line(c, q, "next") };
	const struct session_client client = cookie_client(q);
	str password = request_form(q, "password"), cookie;
	int err = session_log_in(c, page.email, str_is_null(password) ? STR("") : password, &client,
				 &cookie);

	return err ? refuse_login(c, q, err, &page, r) : web_enter(c, q, cookie, page.next, r);
}

int web_logout_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct session_shut_out_row *s;
	int result;

	if (q->session)
		TRY(session_log_out(c, q->session->id));
	result = session_shut_out(c, request_cookie(q, "session"), &s);
	if (result && result != E_NOT_FOUND)
		return result;
	if (!result)
		TRY(session_log_out(c, s->id));
	cookie_clear(c, r);
	return go_to(STR("/"), r);
}

/* A link alone logs nobody in: somebody else may have made it, for an identity of theirs. */
int web_ticket(struct ctx *c, struct request *q, struct response *r)
{
	str ticket = request_query(q, "ticket"), next = request_query(q, "next");
	struct ticket_page page = {
		.ticket = str_is_null(ticket) ? STR("") : ticket,
		.next = path_is_ours(next) ? next : STR("/"),
	};
	const struct identity_row *i;
	int64_t identity_id;

	TRY(session_ticket(c, page.ticket, &identity_id));
	TRY(q_identity_by_id(c, identity_id, &i));
	page.handle = identity_handle(c->arena, i);
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = text_in(c, TEXT_TICKET_HEADING);
	page.frame.hidden = true;
	return RESPOND(c, tpl_ticket, &page, r);
}

int web_ticket_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct session_client client = cookie_client(q);
	str next = form_line(c, q, "next"), cookie;

	TRY(session_redeem(c, form_line(c, q, "ticket"), &client, &cookie));
	return web_enter(c, q, cookie, path_is_ours(next) ? next : STR("/"), r);
}
