/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Passkeys of operators: for coming in, and their list. Invariant: they are bound to the console's name, so none is
 * offered under a bare address of the set-up.
 */
#include "fetch/host.h"
#include "model/domain.h"
#include "model/operator.h"
#include "server/web/auth_page.h"
#include "server/web/console.h"
#include "server/web/cookie.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/proof.h"
#include "server/web/text.h"
#include "templates.h"

static bool is_name(const struct ctx *c)
{
	struct in6_addr address;
	str host = c->domain->name;
	size_t end = str_starts(host, STR("[")) ? str_find_char(host, ']', 0) : 0;

	return host_read(str_slice(host, 0, str_find_char(host, ':', end)), &address) == HOST_NAME;
}

int console_passkey(struct ctx *c, const struct request *q, enum passkey_purpose purpose,
		    const char *action, struct console_frame *frame, bool *ret_is_there,
		    struct passkey_view *ret)
{
	const struct operator_session_row *s = q->operator;

	*ret_is_there = is_name(c);
	if (!*ret_is_there)
		return 0;
	frame->frame.script = SCRIPT_PASSKEY;
	TRY(proof_form(c, purpose, s ? s->id : 0, s ? s->user_id : 0, action, ret));
	ret->user = s ? s->email : STR("");
	ret->next = STR("");
	return 0;
}

int console_login_passkey_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct passkey_answer answer = proof_answer(q);
	const struct session_client client = cookie_client(q);
	str cookie;
	int err = operator_log_in_passkey(c, &answer, &client, &cookie);

	if (err) {
		if (!console_is_typed_wrong(err))
			return err;
		return console_respond_login(c, q, STR(""), console_problem(c, err, r), r);
	}
	return console_go_in(c, c->user_id, cookie, r);
}

int console_second_passkey_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct passkey_answer answer = proof_answer(q);
	str cookie;
	int err;

	if (!q->operator)
		return go_to(STR("/login/"), r);
	err = operator_prove_passkey(c, q->operator, & answer, form_line(c, q, "name"), &cookie);
	if (err) {
		if (!console_is_typed_wrong(err))
			return err;
		return console_respond_second(c, q, console_problem(c, err, r), r);
	}
	return console_go_in(c, q->operator->user_id, cookie, r);
}

static int respond_keys(struct ctx *c, const struct request *q, struct wrong error,
			struct response *r)
{
	struct console_keys_page page = { .error = error };

	TRY(passkey_list(c, &page.keys, &page.n_keys));
	console_frame(c, q, CONSOLE_SECTIONS, &page.console);
	page.console.frame.title = text_in(c, TEXT_CONSOLE_KEYS);
	TRY(console_passkey(c, q, PASSKEY_ADD, "/keys/", &page.console, &page.has_passkeys,
			    &page.add));
	return RESPOND(c, tpl_console_keys, &page, r);
}

int console_keys(struct ctx *c, struct request *q, struct response *r)
{
	return respond_keys(c, q, (struct wrong){ .text = STR("") }, r);
}

int console_keys_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct passkey_answer answer = proof_answer(q);
	int err = str_eq(form_line(c, q, "do"), STR("remove"))
			  ? operator_remove_passkey(c, q->operator, form_id(q, "passkey"))
			  : operator_add_passkey(c, q->operator, & answer, form_line(c, q, "name"));

	if (err == 0)
		return console_done(c, STR("/keys/"), r);
	if (!console_is_typed_wrong(err))
		return err;
	return respond_keys(c, q, console_problem(c, err, r), r);
}
