/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Second factors and passkeys of the log-in. Invariant: every page and every form here asks first whether
 * its person proved who they are not long ago.
 */
#include "model/factor.h"
#include "model/session.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/proof.h"
#include "server/web/qr.h"
#include "server/web/security_page.h"
#include "server/web/text.h"
#include "sql/gen/user.h"
#include "templates.h"

#define SECURITY_PATH "/settings/security/"

static bool is_asked(struct ctx *c, const struct request *q, struct response *r)
{
	return proof_is_asked(c, q, STR(SECURITY_PATH), r);
}

static int load_passkeys(struct ctx *c, struct security_page *page)
{
	const struct passkey_row *rows;
	struct passkey_row_view *views;
	size_t n;

	TRY(passkey_list(c, &rows, &n));
	views = arena_array(c->arena, n + 1, sizeof(*views));
	for (size_t i = 0; i < n; i++)
		views[i] = (struct passkey_row_view){ rows[i].id, rows[i].name, rows[i].created,
						      rows[i].last_used };
	page->passkeys = views;
	page->n_passkeys = n;
	return 0;
}

static int respond_security(struct ctx *c, const struct request *q, struct security_page *page,
			    struct response *r)
{
	const struct factor_standing_row *standing;
	const struct user_row *user;

	TRY(factor_standing(c, &standing));
	TRY(load_passkeys(c, page));
	TRY(q_user_by_id(c, c->user_id, &user));
	TRY(proof_form(c, PASSKEY_ADD, q->session->id, c->user_id,
		       "/settings/security/passkeys/add/", &page->add));
	page->add.user = user->email;
	page->lacking = q->session->lacks_factor;
	page->totp = standing->totp;
	page->codes = standing->codes;
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_SETTINGS_SECURITY);
	page->frame.script = SCRIPT_PASSKEY;
	return RESPOND(c, tpl_security, page, r);
}

int web_security(struct ctx *c, struct request *q, struct response *r)
{
	struct security_page page = { 0 };

	if (is_asked(c, q, r))
		return 0;
	return respond_security(c, q, &page, r);
}

static int again(struct ctx *c, const struct request *q, int err, struct response *r)
{
	struct security_page page = { 0 };

	if (err < 0)
		return err;
	page.error = wrong_in(STR("passkey-"), form_error(c, err));
	r->status = form_status(err);
	return respond_security(c, q, &page, r);
}

/* Codes of a program */

static int respond_totp(struct ctx *c, const struct request *q, struct totp_page *page,
			struct response *r)
{
	str secret, uri;

	TRY(totp_offer(c, &secret, &uri));
	page->secret = secret;
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_TOTP_HEADING);
	return RESPOND(c, tpl_totp, page, r);
}

int web_totp(struct ctx *c, struct request *q, struct response *r)
{
	struct totp_page page = { 0 };

	if (is_asked(c, q, r))
		return 0;
	return respond_totp(c, q, &page, r);
}

int web_totp_picture(struct ctx *c, struct request *q, struct response *r)
{
	str secret, uri;

	if (!session_is_proved(c, q->session))
		return fail(c, E_FORBIDDEN, "prove first who you are");
	TRY(totp_offer(c, &secret, &uri));
	r->type = STR("image/svg+xml");
	return qr_svg(c, uri, &r->body);
}

static int respond_codes(struct ctx *c, const struct request *q, struct response *r)
{
	struct recovery_page page = { 0 };
	strs codes;

	TRY(recovery_renew(c, &codes));
	page.codes = codes.p;
	page.n_codes = codes.n;
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page.frame));
	page.frame.title = text_in(c, TEXT_RECOVERY_HEADING);
	return RESPOND(c, tpl_recovery, &page, r);
}

/* The first factor comes with codes on paper, before it can be lost. */
static int added(struct ctx *c, const struct request *q, struct response *r)
{
	const struct factor_standing_row *standing;

	TRY(session_strengthen(c, q->session->id));
	TRY(factor_standing(c, &standing));
	return standing->codes ? go_to(STR(SECURITY_PATH), r) : respond_codes(c, q, r);
}

int web_totp_send(struct ctx *c, struct request *q, struct response *r)
{
	struct totp_page page = { 0 };
	int err;

	if (is_asked(c, q, r))
		return 0;
	err = totp_confirm(c, form_line(c, q, "code"), q->address);
	if (err == 0)
		return added(c, q, r);
	if (err < 0 || err == E_CONFLICT)
		return err;
	page.error = form_error(c, err);
	r->status = form_status(err);
	return respond_totp(c, q, &page, r);
}

int web_totp_remove_send(struct ctx *c, struct request *q, struct response *r)
{
	if (is_asked(c, q, r))
		return 0;
	TRY(totp_remove(c));
	return go_to(STR(SECURITY_PATH), r);
}

int web_recovery_send(struct ctx *c, struct request *q, struct response *r)
{
	return is_asked(c, q, r) ? 0 : respond_codes(c, q, r);
}

/* Passkeys */

int web_passkey_add_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct passkey_answer answer = proof_answer(q);
	int err;

	if (is_asked(c, q, r))
		return 0;
	err = passkey_add(c, q->session->id, &answer, form_line(c, q, "name"));
	return err ? again(c, q, err, r) : added(c, q, r);
}

int web_passkey_remove_send(struct ctx *c, struct request *q, struct response *r)
{
	if (is_asked(c, q, r))
		return 0;
	TRY(passkey_remove(c, form_id(q, "passkey")));
	return go_to(STR(SECURITY_PATH), r);
}
