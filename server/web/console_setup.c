/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The set-up: code, operator's log-in, second factor, first community. Invariant: without a code that is good or a
 * set-up under way there is nothing here, and what comes after the log-in wants the operator's session like every other
 * page of the console.
 */
#include "ap/handle.h"
#include "model/domain_life.h"
#include "model/domain_look.h"
#include "model/host.h"
#include "model/identity.h"
#include "model/mail.h"
#include "model/settings.h"
#include "model/setup.h"
#include "model/user.h"
#include "server/web/console.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/text.h"
#include "templates.h"

#define ACCOUNT_PATH SETUP_PATH "operator/"
#define DOMAIN_PATH SETUP_PATH "domain/"
#define MAIL_PATH SETUP_PATH "mail/"

static int nothing_here(struct ctx *c)
{
	return fail(c, E_NOT_FOUND,
		    "there is nothing here: \"rookery operator code\" opens the set-up");
}

static bool is_secure(const struct ctx *c)
{
	return str_starts(c->domain->origin, STR("https:"));
}

static const char *cookie_name(const struct ctx *c)
{
	return is_secure(c) ? "__Host-setup" : "setup";
}

static void keep(struct ctx *c, str cookie, struct response *r)
{
	r->device = str_fmt(c->arena, "%s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s",
			    cookie_name(c), STR_ARG(cookie),
			    (long long)(cookie.n ? SETUP_VISIT_LIFETIME / USEC_SEC : 0),
			    is_secure(c) ? "; Secure" : "");
}

/* The title is looked up in the language that the frame finds out. */
void console_setup_frame(struct ctx *c, const struct request *q, enum text_key title,
			 struct console_frame *ret)
{
	console_frame(c, q, CONSOLE_SECTIONS, ret);
	ret->frame.title = text_in(c, title);
	ret->entries = NULL;
	ret->n_entries = 0;
}

/* The code */

static int respond_code(struct ctx *c, const struct request *q, struct console_setup_page *page,
			struct response *r)
{
	console_setup_frame(c, q, TEXT_SETUP_HEADING, &page->console);
	return RESPOND(c, tpl_console_setup, page, r);
}

/* E_NOT_FOUND unless somebody may set up. */
static int check_open(struct ctx *c)
{
	bool open;

	TRY(setup_is_open(c, &open));
	return open ? 0 : nothing_here(c);
}

/* The set-up of the browser's cookie. */
static int visit_of_cookie(struct ctx *c, const struct request *q,
			   const struct setup_visit_row **ret)
{
	str cookie = request_cookie(q, cookie_name(c));

	return str_is_empty(cookie) ? E_NOT_FOUND : setup_visit(c, cookie, ret);
}

int console_setup(struct ctx *c, struct request *q, struct response *r)
{
	struct console_setup_page page = { 0 };
	const struct setup_visit_row *v;
	int result;

	TRY(check_open(c));
	if (q->operator&& q->operator->strong && !setup_visit_of(c, c->user_id, &v))
		return go_to(STR(DOMAIN_PATH), r);
	result = visit_of_cookie(c, q, &v);
	if (result && result != E_NOT_FOUND)
		return result;
	if (!result)
		return go_to(STR(ACCOUNT_PATH), r);
	return respond_code(c, q, &page, r);
}

int console_setup_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_setup_page page = { 0 };
	str cookie;
	int err;

	TRY(check_open(c));
	err = setup_begin(c, form_line(c, q, "code"), q->address, &cookie);
	if (err) {
		if (!console_is_typed_wrong(err))
			return err;
		page.error = console_problem(c, err, r);
		return respond_code(c, q, &page, r);
	}
	keep(c, cookie, r);
	return go_to(STR(ACCOUNT_PATH), r);
}

/* The operator's log-in */

static int respond_account(struct ctx *c, const struct request *q,
			   struct console_setup_operator_page *page, struct response *r)
{
	console_setup_frame(c, q, TEXT_SETUP_OPERATOR, &page->console);
	return RESPOND(c, tpl_console_setup_operator, page, r);
}

/* Without a set-up of one's own the code comes first; where there is none, nothing is here. */
static int to_code(struct ctx *c, int result, struct response *r)
{
	if (result != E_NOT_FOUND)
		return result;
	TRY(check_open(c));
	return go_to(STR(SETUP_PATH), r);
}

int console_setup_operator(struct ctx *c, struct request *q, struct response *r)
{
	struct console_setup_operator_page page = { .email = STR("") };
	const struct setup_visit_row *v;
	int result = visit_of_cookie(c, q, &v);

	return result ? to_code(c, result, r) : respond_account(c, q, &page, r);
}

int console_setup_operator_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_setup_operator_page page = { .email = form_line(c, q, "email") };
	const struct session_client client = cookie_client(q);
	str password = request_form(q, "password"), cookie;
	const struct setup_visit_row *v;
	int err = visit_of_cookie(c, q, &v);

	if (err)
		return to_code(c, err, r);
	err = setup_operator(c, v, page.email, str_is_null(password) ? STR("") : password, &client,
			     &cookie);
	if (err) {
		if (!console_is_typed_wrong(err))
			return err;
		page.error = console_problem(c, err, r);
		return respond_account(c, q, &page, r);
	}
	console_keep(c, cookie, r);
	keep(c, STR(""), r);
	return go_to(STR("/second/"), r);
}

/* The first community */

static int load_domain(struct ctx *c, const struct setup_visit_row *v,
		       struct console_setup_domain_page *page)
{
	if (!v->domain_id)
		return 0;
	TRY(q_domain_by_id(c, v->domain_id, &page->domain));
	page->name = page->domain->name;
	page->txt_name = str_cat(c->arena, STR(DOMAIN_TXT_LABEL), page->domain->name);
	page->proof_url = str_cat(
		c->arena, handle_origin(c->arena, page->domain->name, c->settings->development),
		STR(DOMAIN_PROOF_PATH));
	return domain_look_names(c, page->domain, &page->names, &page->n_names);
}

static int respond_domain(struct ctx *c, const struct request *q, const struct setup_visit_row *v,
			  struct console_setup_domain_page *page, struct response *r)
{
	TRY(load_domain(c, v, page));
	page->addresses = domain_look_own(c, &page->n_addresses);
	console_setup_frame(c, q, TEXT_SETUP_DOMAIN, &page->console);
	return RESPOND(c, tpl_console_setup_domain, page, r);
}

static int own_visit(struct ctx *c, const struct setup_visit_row **ret)
{
	int result = setup_visit_of(c, c->user_id, ret);

	return result == E_NOT_FOUND ? nothing_here(c) : result;
}

int console_setup_under_way(struct ctx *c)
{
	const struct setup_visit_row *v;

	return own_visit(c, &v);
}

int console_setup_domain(struct ctx *c, struct request *q, struct response *r)
{
	struct console_setup_domain_page page = { .name = STR(""),
						  .title = STR(""),
						  .username = STR("") };
	const struct setup_visit_row *v;

	TRY(own_visit(c, &v));
	return respond_domain(c, q, v, &page, r);
}

static int add_domain(struct ctx *c, const struct setup_visit_row *v,
		      const struct console_setup_domain_page *page)
{
	struct domain_draft draft = {
		.name = page->name,
		.service_name = STR(""),
		.title = page->title,
	};
	int64_t id;

	if (v->domain_id)
		return fail(c, E_CONFLICT, "there is a community already");
	TRY(host_sign_up(c, &draft.sign_up));
	TRY(domain_add(c, &draft, &id));
	return setup_keep_domain(c, v, id);
}

/* Proved, it is served at once. */
static int prove(struct ctx *c, const struct setup_visit_row *v, enum domain_proof by)
{
	TRY(domain_verify(c, v->domain_id, by));
	return domain_activate(c, v->domain_id);
}

static int be_owner(struct ctx *c, int64_t domain_id, str username)
{
	int64_t id;

	TRY(domain_reload(c));
	TRY(ctx_bind(c, domain_id));
	TRY(identity_create(c, username, c->user_id, &id));
	TRY(staff_grant(c, c->user_id, domain_id, STAFF_OWNER, 0));
	return ctx_bind(c, 0);
}

static int join(struct ctx *c, const struct setup_visit_row *v, str username)
{
	const struct domain *console = c->domain;
	int result = be_owner(c, v->domain_id, username);

	if (result && ctx_bind(c, 0))
		return result;
	c->domain = console;
	return result;
}

static int act(struct ctx *c, const struct request *q, const struct setup_visit_row *v,
	       const struct console_setup_domain_page *page)
{
	str what = form_line(c, q, "do");

	if (str_eq(what, STR("add")))
		return add_domain(c, v, page);
	if (!v->domain_id)
		return fail(c, E_INVALID, "this form does nothing");
	if (str_eq(what, STR("verify")))
		return prove(c, v, DOMAIN_PROOF_ANY);
	if (str_eq(what, STR("vouch")))
		return prove(c, v, DOMAIN_PROOF_OPERATOR);
	if (str_eq(what, STR("join")))
		return join(c, v, page->username);
	return fail(c, E_INVALID, "this form does nothing");
}

int console_setup_domain_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_setup_domain_page page = { .name = form_line(c, q, "name"),
						  .title = form_line(c, q, "title"),
						  .username = form_line(c, q, "username") };
	const struct domain *console = c->domain;
	const struct setup_visit_row *v;
	int err;

	TRY(own_visit(c, &v));
	err = act(c, q, v, &page);
	c->domain = console;
	if (err == 0)
		return go_to(str_eq(form_line(c, q, "do"), STR("join")) ? STR(MAIL_PATH)
									: STR(DOMAIN_PATH),
			     r);
	if (!console_is_typed_wrong(err))
		return err;
	page.error = console_problem(c, err, r);
	return respond_domain(c, q, v, &page, r);
}

/* What comes next */

int console_setup_done(struct ctx *c, struct request *q, struct response *r)
{
	struct console_setup_done_page page = { .mail = mail_is_on(c) };
	const struct setup_visit_row *v;

	TRY(own_visit(c, &v));
	if (v->domain_id)
		TRY(q_domain_by_id(c, v->domain_id, &page.domain));
	if (page.domain)
		page.origin = handle_origin(c->arena, page.domain->service_name,
					    c->settings->development);
	r->form_action =
		handle_origin(c->arena, str_c(c->settings->console_host), c->settings->development);
	console_setup_frame(c, q, TEXT_SETUP_DONE, &page.console);
	return RESPOND(c, tpl_console_setup_done, &page, r);
}

/* The console itself is at its own name, wherever the set-up was reached. */
int console_setup_done_send(struct ctx *c, unused struct request *q, struct response *r)
{
	str name = str_c(c->settings->console_host);
	const struct setup_visit_row *v;

	TRY(own_visit(c, &v));
	TRY(setup_end(c, v));
	if (str_eq(name, c->domain->name))
		return go_to(STR("/tenants/"), r);
	r->status = 303;
	r->location = str_cat(c->arena, handle_origin(c->arena, name, c->settings->development),
			      STR("/tenants/"));
	return 0;
}
