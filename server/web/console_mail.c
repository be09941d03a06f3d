/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The server that letters go to: a step of the set-up, and a page of the console. Invariant: a stored password is on no page, and a
 * server that the configuration names is only looked at.
 */
#include "model/domain.h"
#include "model/domain_life.h"
#include "model/mail.h"
#include "model/mail_relay.h"
#include "model/setup.h"
#include "server/web/console.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/text.h"
#include "templates.h"

#define PATH "/mail/"
#define STEP_PATH SETUP_PATH "mail/"

static int respond(struct ctx *c, const struct request *q, struct console_mail_page *page,
		   struct response *r)
{
	page->relay = mail_relay(c);
	page->is_on = mail_is_on(c);
	page->path = page->is_step ? STR(STEP_PATH) : STR(PATH);
	if (str_is_null(page->typed.host))
		mail_relay_parts(c, &page->relay, &page->typed);
	if (page->is_step)
		console_setup_frame(c, q, TEXT_SETUP_MAIL, &page->console);
	else
		console_frame(c, q, CONSOLE_MAIL, &page->console);
	if (str_is_empty(page->address))
		page->address = page->console.email;
	return RESPOND(c, tpl_console_mail, page, r);
}

static int try_bound(struct ctx *c, str address, struct mail_trial *ret)
{
	for (size_t i = 0; i < domain_count(c->domains); i++) {
		const struct domain *d = domain_at(c->domains, i);

		if (d->state != DOMAIN_ACTIVE)
			continue;
		TRY(ctx_bind(c, d->id));
		return mail_relay_try(c, address, ret);
	}
	return fail(c, E_CONFLICT, "a letter needs a community that is served and writes it");
}

/* In the name of the first community that is served; the console is of none again afterwards. */
static int try_letter(struct ctx *c, str address, struct mail_trial *ret)
{
	const struct domain *console = c->domain;
	int result = try_bound(c, address, ret);

	if (ctx_bind(c, 0))
		return E_LATER;
	c->domain = console;
	return result;
}

static int send_trial(struct ctx *c, struct console_mail_page *page)
{
	struct mail_trial t;

	TRY(try_letter(c, page->address, &t));
	page->tried = true;
	page->taken = t.status < 400;
	page->answer = t.answer;
	return 0;
}

/* This process sends by it at once; the others hear of it. */
static int reload(struct ctx *c)
{
	const struct domain *console = c->domain;
	int result = domain_reload(c);

	c->domain = console;
	return result;
}

static int act(struct ctx *c, const struct request *q, struct console_mail_page *page)
{
	str what = form_line(c, q, "do"), password = request_form(q, "password");

	if (str_eq(what, STR("try"))) {
		page->address = form_line(c, q, "address");
		return send_trial(c, page);
	}
	if (mail_relay(c).configured)
		return fail(c, E_CONFLICT, "the configuration names the mail server");
	if (str_eq(what, STR("remove"))) {
		TRY(mail_relay_unset(c));
		return reload(c);
	}
	page->typed = (struct mail_relay_draft){
		.host = form_line(c, q, "host"),
		.port = form_line(c, q, "port"),
		.way = form_line(c, q, "way"),
		.user = form_line(c, q, "user"),
		.sender = form_line(c, q, "sender"),
		.password = str_is_null(password) ? STR("") : password,
	};
	TRY(mail_relay_set(c, &page->typed));
	return reload(c);
}

static int respond_send(struct ctx *c, const struct request *q, struct console_mail_page *page,
			struct response *r)
{
	int err = act(c, q, page);

	if (err == 0 && !page->tried)
		return console_done(c, page->is_step ? STR(STEP_PATH) : STR(PATH), r);
	if (err == 0)
		return respond(c, q, page, r);
	if (!console_is_typed_wrong(err) && err != E_UNSUPPORTED)
		return err;
	page->error = console_problem(c, err, r);
	return respond(c, q, page, r);
}

int console_mail(struct ctx *c, struct request *q, struct response *r)
{
	struct console_mail_page page = { .answer = STR("") };

	return respond(c, q, &page, r);
}

int console_mail_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_mail_page page = { .answer = STR("") };

	return respond_send(c, q, &page, r);
}

int console_setup_mail(struct ctx *c, struct request *q, struct response *r)
{
	struct console_mail_page page = { .is_step = true, .answer = STR("") };

	TRY(console_setup_under_way(c));
	return respond(c, q, &page, r);
}

int console_setup_mail_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_mail_page page = { .is_step = true, .answer = STR("") };

	TRY(console_setup_under_way(c));
	return respond_send(c, q, &page, r);
}
