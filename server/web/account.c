/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What one logs in with, and what one is told of by mail. */
#include "model/mail.h"
#include "model/recovery.h"
#include "model/user.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/settings_page.h"
#include "server/web/text.h"
#include "templates.h"

#define WISHES_LIMIT 16

static bool contains(strs list, const char *one)
{
	for (size_t i = 0; i < list.n; i++)
		if (str_eq_c(list.p[i], one))
			return true;
	return false;
}

static int load_wishes(struct ctx *c, struct account_page *page)
{
	struct wish_view *views = arena_array(c->arena, WISHES_LIMIT, sizeof(*views));
	const struct mail_wish_row *row;

	TRY(mail_wish_get(c, &row));
	for (const char *const *kind = mail_wish_kinds; *kind; kind++)
		views[page->n_wishes++] =
			(struct wish_view){ str_c(*kind), contains(row->kinds, *kind) };
	page->wishes = views;
	page->log_ins = row->log_ins;
	return 0;
}

static int respond_account(struct ctx *c, const struct request *q, struct account_page *page,
			   struct response *r)
{
	const struct user_row *user;

	TRY(q_user_by_id(c, c->user_id, &user));
	TRY(load_wishes(c, page));
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_SETTINGS_ACCOUNT);
	page->email = user->email;
	page->confirmed = user->confirmed != 0;
	page->has_mail = mail_is_on(c);
	return RESPOND(c, tpl_account, page, r);
}

int web_account(struct ctx *c, struct request *q, struct response *r)
{
	str done = request_query(q, "done");
	struct account_page page = {
		.password_done = str_eq_c(done, "password"),
		.wishes_done = str_eq_c(done, "mail"),
		.asked = str_eq_c(done, "address") ? STR("1") : STR(""),
	};

	return respond_account(c, q, &page, r);
}

static str secret_of(const struct request *q, const char *name)
{
	str s = request_form(q, name);

	return str_is_null(s) ? STR("") : s;
}

int web_account_address(struct ctx *c, struct request *q, struct response *r)
{
	const struct session_client client = cookie_client(q);
	struct account_page page = { .new_email = form_line(c, q, "email") };
	int err = recovery_change_address(c, secret_of(q, "password"), page.new_email, &client);

	if (err < 0)
		return err;
	if (err == 0)
		return go_to(STR("/settings/account/?done=address"), r);
	page.address_error = wrong_in(STR("address-"), form_error(c, err));
	r->status = form_status(err);
	return respond_account(c, q, &page, r);
}

int web_account_password(struct ctx *c, struct request *q, struct response *r)
{
	struct account_page page = { 0 };
	int err = recovery_change_password(c, secret_of(q, "old_password"),
					   secret_of(q, "password"), q->session->id);

	if (err < 0)
		return err;
	if (err == 0)
		return go_to(STR("/settings/account/?done=password"), r);
	page.password_error = form_error(c, err);
	r->status = form_status(err);
	return respond_account(c, q, &page, r);
}

int web_account_mail(struct ctx *c, struct request *q, struct response *r)
{
	str kinds[WISHES_LIMIT];
	size_t n = 0;

	for (const char *const *kind = mail_wish_kinds; *kind; kind++)
		if (form_ticked(q, *kind))
			kinds[n++] = str_c(*kind);
	TRY(mail_wish_change(c, (strs){ kinds, n }, form_ticked(q, "log_ins")));
	return go_to(STR("/settings/account/?done=mail"), r);
}
