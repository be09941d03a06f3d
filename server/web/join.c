/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Joining: the form, the letter, the button that confirms an address. */
#include "model/domain.h"
#include "model/instance.h"
#include "model/invite.h"
#include "model/mail.h"
#include "model/sign_up.h"
#include "server/web/auth_page.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/text.h"
#include "server/web/trap.h"
#include "server/web/views.h"
#include "templates.h"

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
	if (err > 0 && !page->error.text.n)
		page->error = form_error(c, err);
	return err < 0 ? err : 0;
}

/* What one has to know and agree to before. */
static int load_words(struct ctx *c, struct signup_page *page)
{
	struct instance instance;

	TRY(instance_load(c, &instance));
	TRY(view_rules(c, &page->rules, &page->n_rules));
	page->has_terms = instance.terms_day.n > 0;
	page->has_privacy = instance.settings[INSTANCE_PRIVACY].value.n > 0;
	page->closed = instance.settings[INSTANCE_CLOSED_MESSAGE].value;
	if (!str_to_i64(instance.settings[INSTANCE_MIN_AGE].value, &page->min_age))
		page->min_age = 0;
	page->has_mail = mail_is_on(c);
	page->asks_why = sign_up_reason(c, &instance) != REASON_NONE;
	page->needs_why = sign_up_reason(c, &instance) == REASON_REQUIRED;
	return 0;
}

static int respond_signup(struct ctx *c, const struct request *q, str token,
			  struct signup_page *page, struct response *r)
{
	TRY(check_invite(c, token, page));
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = text_in(c, TEXT_SIGNUP);
	page->frame.hidden = true;
	return RESPOND(c, tpl_signup, page, r);
}

int web_signup(struct ctx *c, struct request *q, struct response *r)
{
	struct signup_page page = { .stamp = trap_stamp(c) };

	if (q->session)
		return go_to(STR("/"), r);
	TRY(load_words(c, &page));
	return respond_signup(c, q, request_query(q, "invite"), &page, r);
}

/* In the order in which people meet it. */
static int check(struct ctx *c, const struct request *q, const struct signup_page *page)
{
	if (c->domain->sign_up == SIGN_UP_CLOSED)
		return 0; /* which is said by sign_up() */
	if (trap_is_quick(c, q))
		return fail(
			c, E_INVALID,
			"that was very quick: look over what you wrote and press the button once more");
	if ((page->n_rules || page->has_terms || page->has_privacy) && !page->agreed)
		return fail_at(c, "agreement", fail(c, E_INVALID, "agree to the rules to join"));
	return 0;
}

static int try_sign_up(struct ctx *c, const struct request *q, const struct signup_page *page,
		       enum sign_up_state *ret, str *ret_cookie)
{
	const struct session_client client = cookie_client(q);
	str password = request_form(q, "password");
	const struct sign_up form = {
		.invite = form_line(c, q, "invite"),
		.email = page->email,
		.password = str_is_null(password) ? STR("") : password,
		.username = page->username,
		.reason = page->reason,
		.date_of_birth = page->born,
	};

	TRY(check(c, q, page));
	return sign_up(c, &form, &client, ret, ret_cookie);
}

static int lead_on(struct ctx *c, const struct request *q, enum sign_up_state state, str cookie,
		   struct response *r)
{
	switch (state) {
	case SIGN_UP_DONE:
		r->made = STR("/auth/login/"); /* the log-in is in the first answer alone */
		return web_enter(c, q, cookie, STR("/"), r);
	case SIGN_UP_PENDING:
		return go_to(STR("/auth/pending/"), r);
	case SIGN_UP_UNCONFIRMED:
		break;
	}
	return go_to(STR("/auth/confirm/"), r);
}

int web_signup_send(struct ctx *c, struct request *q, struct response *r)
{
	struct signup_page page = {
		.email = form_line(c, q, "email"),
		.username = form_line(c, q, "username"),
		.reason = form_text(c, q, "reason"),
		.born = form_line(c, q, "date_of_birth"),
		.agreed = form_ticked(q, "agreement"),
		.stamp = trap_keep(c, q),
	};
	enum sign_up_state state;
	str cookie = STR_NULL;
	int err;

	/* Whoever is caught believes that it worked. */
	if (trap_is_sprung(q))
		return go_to(STR("/auth/confirm/"), r);
	TRY(load_words(c, &page));
	err = try_sign_up(c, q, &page, &state, &cookie);
	if (err == 0)
		return lead_on(c, q, state, cookie, r);
	if (err < 0)
		return err;
	page.error = form_error(c, err);
	r->status = form_status(err);
	return respond_signup(c, q, form_line(c, q, "invite"), &page, r);
}

static int respond_confirm(struct ctx *c, const struct request *q, struct link_page *page,
			   struct response *r)
{
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = text_in(c, TEXT_JOIN_CONFIRM);
	page->frame.hidden = true;
	page->has_mail = mail_is_on(c);
	return RESPOND(c, tpl_confirm, page, r);
}

/* Programs that look at links before people do change nothing: the button does. */
int web_confirm(struct ctx *c, struct request *q, struct response *r)
{
	struct link_page page = { .token = request_query(q, "token") };
	int err;

	if (str_is_empty(page.token))
		return respond_confirm(c, q, &page, r);
	err = sign_up_check_link(c, page.token);
	if (err < 0)
		return err;
	if (err) {
		page.token = STR("");
		page.error = form_error(c, err);
		r->status = form_status(err);
	}
	return respond_confirm(c, q, &page, r);
}

int web_confirm_send(struct ctx *c, struct request *q, struct response *r)
{
	struct link_page page = { 0 };
	enum sign_up_state state;
	int err = sign_up_confirm(c, form_line(c, q, "token"), &state);

	if (err < 0)
		return err;
	if (err == 0)
		return go_to(state == SIGN_UP_PENDING ? STR("/auth/pending/")
						      : STR("/auth/confirmed/"),
			     r);
	page.error = form_error(c, err);
	r->status = form_status(err);
	return respond_confirm(c, q, &page, r);
}

int web_confirm_again(struct ctx *c, struct request *q, struct response *r)
{
	const struct session_client client = cookie_client(q);
	struct link_page page = { .email = form_line(c, q, "email") };
	int err = sign_up_resend(c, page.email, &client);

	if (err < 0)
		return err;
	if (err == 0)
		return go_to(STR("/auth/confirm/?again=1"), r);
	page.error = form_error(c, err);
	r->status = form_status(err);
	return respond_confirm(c, q, &page, r);
}
