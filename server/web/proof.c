/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The second step of a log-in, log-in by a passkey, and the question whether it is still the same person. Invariant: a
 * session that was let in has a cookie that was never sent before.
 */
#include "server/web/proof.h"

#include "fetch/url.h"
#include "model/factor.h"
#include "model/session.h"
#include "server/web/auth_page.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/security_page.h"
#include "server/web/text.h"
#include "sql/gen/user.h"
#include "templates.h"

int proof_form(struct ctx *c, enum passkey_purpose purpose, int64_t session_id, int64_t user_id,
	       const char *action, struct passkey_view *ret)
{
	struct passkey_offer offer;

	TRY(passkey_offer(c, purpose, session_id, user_id, &offer));
	*ret = (struct passkey_view){
		.action = str_c(action),
		.creates = purpose == PASSKEY_ADD,
		.challenge = offer.challenge,
		.rp_id = offer.rp_id,
		.user_handle = offer.user_handle,
		.known = offer.known,
	};
	return 0;
}

static str part(const struct request *q, const char *name)
{
	str value = request_form(q, name);

	return str_is_null(value) ? STR("") : value;
}

struct passkey_answer proof_answer(const struct request *q)
{
	return (struct passkey_answer){
		.id = part(q, "id"),
		.client_data = part(q, "client_data"),
		.authenticator_data = part(q, "authenticator_data"),
		.signature = part(q, "signature"),
		.user_handle = part(q, "user_handle"),
	};
}

static void lead(struct ctx *c, const char *to, str next, struct response *r)
{
	r->status = 303;
	r->location = path_is_ours(next) ? str_fmt(c->arena, "%s?next=%.*s", to,
						   STR_ARG(url_encode(c->arena, next)))
					 : str_c(to);
}

/* What the browser keeps for the next time. */
static int remember(struct ctx *c, str cookie, struct response *r)
{
	const struct session_row *session;
	const struct user_row *user;

	TRY(session_get(c, cookie, &session));
	TRY(q_user_by_id(c, session->user_id, &user));
	return cookie_set_device(c, user->email, r);
}

int web_enter(struct ctx *c, const struct request *q, str cookie, str next, struct response *r)
{
	const struct session_waiting_row *w;
	int result = session_waiting(c, cookie, &w);

	if (result && result != E_NOT_FOUND)
		return result;
	if (q->session)
		TRY(session_log_out(c, q->session->id));
	cookie_set(c, cookie, r);
	if (result == E_NOT_FOUND) {
		result = remember(c, cookie, r);
		return result == E_NOT_FOUND ? go_to(STR("/appeal/"), r)
		       : result		     ? result
					     : go_to(next, r);
	}
	lead(c, "/auth/second/", next, r);
	return 0;
}

/* The second step */

static int waiting(struct ctx *c, const struct request *q, const struct session_waiting_row **ret)
{
	str cookie = request_cookie(q, "session");

	return str_is_empty(cookie) ? E_NOT_FOUND : session_waiting(c, cookie, ret);
}

static int respond_second(struct ctx *c, const struct request *q,
			  const struct session_waiting_row *w, struct second_page *page,
			  struct response *r)
{
	const struct factor_standing_row *standing;

	TRY(q_factor_standing(c, w->user_id, c->domain_id, &standing));
	TRY(proof_form(c, PASSKEY_SECOND, w->id, w->user_id, "/auth/second/passkey/",
		       &page->passkey));
	page->has_passkeys = standing->passkeys > 0;
	page->passkey.next = page->next;
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = text_in(c, TEXT_SECOND_HEADING);
	page->frame.hidden = true;
	page->frame.script = SCRIPT_PASSKEY;
	return RESPOND(c, tpl_second, page, r);
}

int web_second(struct ctx *c, struct request *q, struct response *r)
{
	struct second_page page = { .next = request_query(q, "next") };
	const struct session_waiting_row *w;
	int result = waiting(c, q, &w);

	if (!path_is_ours(page.next))
		page.next = STR("");
	if (result == E_NOT_FOUND) {
		lead(c, "/auth/login/", page.next, r);
		return 0;
	}
	TRY(result);
	return respond_second(c, q, w, &page, r);
}

static int pass(struct ctx *c, const struct request *q, int err,
		const struct session_waiting_row *w, str cookie, struct response *r)
{
	struct second_page page = { .next = form_line(c, q, "next") };

	if (err < 0)
		return err;
	if (err) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond_second(c, q, w, &page, r);
	}
	return web_enter(c, q, cookie, page.next, r);
}

/* Without a session that waits there is nothing to prove: back to the first step. */
static int none_waits(struct ctx *c, const struct request *q, int result, struct response *r)
{
	if (result != E_NOT_FOUND)
		return result;
	lead(c, "/auth/login/", form_line(c, q, "next"), r);
	return 0;
}

int web_second_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct session_client client = cookie_client(q);
	const struct session_waiting_row *w;
	int result = waiting(c, q, &w);
	str cookie = STR_NULL;

	if (result)
		return none_waits(c, q, result, r);
	result = session_pass_code(c, w, form_line(c, q, "code"), &client, &cookie);
	return pass(c, q, result, w, cookie, r);
}

int web_second_passkey_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct passkey_answer answer = proof_answer(q);
	const struct session_waiting_row *w;
	int result = waiting(c, q, &w);
	str cookie = STR_NULL;

	if (result)
		return none_waits(c, q, result, r);
	result = session_pass_passkey(c, w, &answer, &cookie);
	return pass(c, q, result, w, cookie, r);
}

/* Is it still them? */

bool proof_is_asked(struct ctx *c, const struct request *q, str next, struct response *r)
{
	if (session_is_proved(c, q->session))
		return false;
	lead(c, "/auth/prove/", str_is_null(next) ? q->raw_path : next, r);
	return true;
}

static int respond_prove(struct ctx *c, const struct request *q, struct prove_page *page,
			 struct response *r)
{
	const struct factor_standing_row *standing;

	TRY(factor_standing(c, &standing));
	TRY(proof_form(c, PASSKEY_CONFIRM, q->session->id, c->user_id, "/auth/prove/passkey/",
		       &page->passkey));
	page->has_passkeys = standing->passkeys > 0;
	page->passkey.next = page->next;
	TRY(frame_load(c, q, MENU_SETTINGS, r, &page->frame));
	page->frame.title = text_in(c, TEXT_PROVE_HEADING);
	page->frame.hidden = true;
	page->frame.script = SCRIPT_PASSKEY;
	return RESPOND(c, tpl_prove, page, r);
}

int web_prove(struct ctx *c, struct request *q, struct response *r)
{
	struct prove_page page = { .next = request_query(q, "next") };

	if (!path_is_ours(page.next))
		page.next = STR("/");
	return respond_prove(c, q, &page, r);
}

static int confirmed(struct ctx *c, const struct request *q, int err, struct response *r)
{
	struct prove_page page = { .next = form_line(c, q, "next") };

	if (err < 0)
		return err;
	if (err == 0)
		return go_to(page.next, r);
	page.error = form_error(c, err);
	r->status = form_status(err);
	return respond_prove(c, q, &page, r);
}

int web_prove_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct session_client client = cookie_client(q);

	return confirmed(
		c, q, session_prove_password(c, q->session->id, part(q, "password"), &client), r);
}

int web_prove_passkey_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct passkey_answer answer = proof_answer(q);

	return confirmed(c, q, session_prove_passkey(c, q->session->id, &answer), r);
}
