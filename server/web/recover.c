/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What links in letters lead to, but for those of new accounts (join.c): a new password, another address, no more letters. */
#include "model/mail.h"
#include "model/mail_link.h"
#include "model/recovery.h"
#include "server/web/auth_page.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/text.h"
#include "templates.h"

static int respond(struct ctx *c, const struct request *q, enum text_key title,
		   struct link_page *page, struct response *r)
{
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = text_in(c, title);
	page->frame.hidden = true;
	page->has_mail = mail_is_on(c);
	return 0;
}

static int respond_reset(struct ctx *c, const struct request *q, struct link_page *page,
			 struct response *r)
{
	TRY(respond(c, q, TEXT_RESET_HEADING, page, r));
	return RESPOND(c, tpl_reset, page, r);
}

static int respond_change(struct ctx *c, const struct request *q, struct link_page *page,
			  struct response *r)
{
	TRY(respond(c, q, TEXT_CHANGE_HEADING, page, r));
	return RESPOND(c, tpl_change, page, r);
}

/* A link that does not work is said to be so; what it leads to is shown all the same. */
static int judge(struct ctx *c, int err, struct link_page *page, struct response *r)
{
	if (err <= 0)
		return err;
	page->token = STR("");
	page->error = form_error(c, err);
	r->status = form_status(err);
	return 0;
}

int web_reset(struct ctx *c, struct request *q, struct response *r)
{
	struct link_page page = { .token = request_query(q, "token") };

	if (!str_is_empty(page.token))
		TRY(judge(c, recovery_check(c, page.token), &page, r));
	return respond_reset(c, q, &page, r);
}

static int ask(struct ctx *c, struct request *q, struct response *r)
{
	const struct session_client client = cookie_client(q);
	struct link_page page = { .email = form_line(c, q, "email") };
	int err = recovery_ask(c, page.email, &client);

	if (err == 0)
		return go_to(STR("/auth/asked/"), r);
	TRY(judge(c, err, &page, r));
	return respond_reset(c, q, &page, r);
}

int web_reset_send(struct ctx *c, struct request *q, struct response *r)
{
	struct link_page page = { .token = form_line(c, q, "token") };
	str password = request_form(q, "password");
	int err;

	if (page.token.n == 0)
		return ask(c, q, r);
	err = recovery_reset(c, page.token, str_is_null(password) ? STR("") : password);
	if (err == 0) {
		cookie_clear(c, r);
		return go_to(STR("/auth/done/"), r);
	}
	/* The link stays good while the password is not. */
	if (err == E_INVALID) {
		page.error = form_error(c, err);
		r->status = form_status(err);
	} else {
		TRY(judge(c, err, &page, r));
	}
	return respond_reset(c, q, &page, r);
}

int web_change(struct ctx *c, struct request *q, struct response *r)
{
	struct link_page page = { .token = request_query(q, "token") };
	str token = str_is_null(page.token) ? STR("") : page.token;

	TRY(judge(c, recovery_check_address(c, token), &page, r));
	return respond_change(c, q, &page, r);
}

int web_change_send(struct ctx *c, struct request *q, struct response *r)
{
	struct link_page page = { .token = form_line(c, q, "token") };
	int err = recovery_confirm_address(c, page.token);

	if (err == 0)
		return go_to(STR("/auth/moved/"), r);
	TRY(judge(c, err, &page, r));
	return respond_change(c, q, &page, r);
}

int web_unsubscribe(struct ctx *c, struct request *q, struct response *r)
{
	struct unsubscribe_page page = { .code = request_query(q, "code") };

	if (!str_to_i64(request_query(q, "user"), &page.user) || str_is_empty(page.code))
		return fail(c, E_NOT_FOUND, "this link is not whole");
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = text_in(c, TEXT_SAY_TITLE_LETTERS);
	page.frame.hidden = true;
	return RESPOND(c, tpl_unsubscribe, &page, r);
}

int web_unsubscribe_send(struct ctx *c, struct request *q, struct response *r)
{
	str code = request_query(q, "code");
	int64_t user;

	if (!str_to_i64(request_query(q, "user"), &user) || str_is_empty(code))
		return fail(c, E_NOT_FOUND, "this link is not whole");
	TRY(mail_unsubscribe(c, user, code));
	return go_to(STR("/auth/unsubscribed/"), r);
}

static const struct {
	const char *path;
	enum text_key title;
} words[] = {
	[WORD_CONFIRMED] = { "/auth/confirmed/", TEXT_WORD_CONFIRMED },
	[WORD_PENDING] = { "/auth/pending/", TEXT_WORD_PENDING },
	[WORD_ASKED] = { "/auth/asked/", TEXT_WORD_ASKED },
	[WORD_RESET] = { "/auth/done/", TEXT_SAY_TITLE_NEW_PASSWORD },
	[WORD_MOVED] = { "/auth/moved/", TEXT_CHANGE_HEADING },
	[WORD_UNSUBSCRIBED] = { "/auth/unsubscribed/", TEXT_SAY_TITLE_LETTERS },
	[WORD_LEFT] = { "/auth/left/", TEXT_WORD_LEFT },
};

int web_word(struct ctx *c, struct request *q, struct response *r)
{
	struct word_page page = { 0 };
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(words) && !str_eq_c(q->path, words[i].path))
		i++;
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.word = (enum word)i;
	page.frame.title = text_in(c, words[i].title);
	page.frame.hidden = true;
	return RESPOND(c, tpl_word, &page, r);
}
