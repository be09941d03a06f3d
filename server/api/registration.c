/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Signing somebody up by a program: https://docs.joinmastodon.org/methods/accounts/#create. What is
 * wrong is told field by field, in Mastodon's words for programs; whether an address is known here
 * is told nobody.
 */
#include "crypt/password.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/sign_up.h"
#include "model/token.h"
#include "model/user.h"
#include "server/api/api.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/token.h"

#define PROBLEMS_LIMIT 8

struct problem {
	const char *field, *label, *code, *words;
};

struct registration {
	struct sign_up form;
	bool agreement;
	struct problem problems[PROBLEMS_LIMIT];
	size_t n_problems;
};

static void add(struct registration *g, const char *field, const char *label, const char *code,
		const char *words)
{
	if (g->n_problems < PROBLEMS_LIMIT)
		g->problems[g->n_problems++] = (struct problem){ field, label, code, words };
}

static void read_form(struct ctx *c, const struct params *p, struct registration *g)
{
	str password = param(p, "password"), invite = str_trim(param(p, "invite_code"));

	g->form = (struct sign_up){
		.username = str_lower(c->arena, str_trim(param(p, "username"))),
		.email = str_trim(param(p, "email")),
		.password = str_is_null(password) ? STR("") : password,
		.invite = str_is_null(invite) ? STR("") : invite,
		.reason = str_trim(param(p, "reason")),
		.date_of_birth = param(p, "date_of_birth"),
	};
	g->agreement = param_bool(p, "agreement", false);
}

static int check_username(struct ctx *c, struct registration *g)
{
	const struct identity_row *there;
	int result;

	if (str_is_empty(g->form.username)) {
		add(g, "username", "Username", "ERR_BLANK", "can't be blank");
		return 0;
	}
	result = identity_check_username(c, g->form.username);
	if (result == E_INVALID) {
		add(g, "username", "Username", "ERR_INVALID",
		    "must contain only letters, numbers and underscores, and may be reserved");
		return 0;
	}
	TRY(result);
	result = identity_find(c, g->form.username, &there);
	if (result == 0)
		add(g, "username", "Username", "ERR_TAKEN", "has already been taken");
	return result == E_NOT_FOUND ? 0 : result;
}

static int check_email(struct ctx *c, struct registration *g)
{
	str clean;
	int result;

	if (str_is_empty(g->form.email)) {
		add(g, "email", "Email", "ERR_BLANK", "can't be blank");
		return 0;
	}
	result = email_normalise(c, g->form.email, &clean);
	if (result == E_INVALID)
		add(g, "email", "Email", "ERR_INVALID", "is not a valid e-mail address");
	return result == E_INVALID ? 0 : result;
}

static void check_password(struct registration *g)
{
	str password = g->form.password;

	if (password.n == 0)
		add(g, "password", "Password", "ERR_BLANK", "can't be blank");
	else if (str_chars(password) < PASSWORD_MIN)
		add(g, "password", "Password", "ERR_TOO_SHORT", "is too short");
	else if (password.n > PASSWORD_MAX)
		add(g, "password", "Password", "ERR_TOO_LONG", "is too long");
}

/* The day is looked at and forgotten. */
static int check_age(struct ctx *c, struct registration *g)
{
	static const struct problem problems[] = {
		[AGE_MISSING] = { NULL, NULL, "ERR_BLANK", "can't be blank" },
		[AGE_NO_DAY] = { NULL, NULL, "ERR_INVALID", "is not a day" },
		[AGE_TOO_YOUNG] = { NULL, NULL, "ERR_BELOW_LIMIT", "is below the age limit" },
	};
	enum sign_up_age age;

	TRY(sign_up_age(c, g->form.date_of_birth, &age));
	if (age != AGE_FINE)
		add(g, "date_of_birth", "Date of birth", problems[age].code, problems[age].words);
	return 0;
}

static int check_reason(struct ctx *c, struct registration *g)
{
	struct instance instance;

	TRY(instance_load(c, &instance));
	if (str_is_empty(g->form.reason) && sign_up_reason(c, &instance) == REASON_REQUIRED)
		add(g, "reason", "Reason", "ERR_BLANK", "can't be blank");
	return 0;
}

static int check(struct ctx *c, struct registration *g)
{
	TRY(check_username(c, g));
	TRY(check_email(c, g));
	check_password(g);
	if (!g->agreement)
		add(g, "agreement", "Service agreement", "ERR_ACCEPTED", "must be accepted");
	TRY(check_reason(c, g));
	return check_age(c, g);
}

static str message_of(struct ctx *c, const struct registration *g)
{
	str text = STR("Validation failed: ");

	for (size_t i = 0; i < g->n_problems; i++)
		text = str_fmt(c->arena, "%.*s%s%s %s", STR_ARG(text), i ? ", " : "",
			       g->problems[i].label, g->problems[i].words);
	return text;
}

/* A field has one problem at most. */
static int respond_problems(struct ctx *c, const struct registration *g, struct response *r)
{
	struct json_out w;

	api_open(c, &w);
	json_open_object(&w, NULL);
	json_put_str(&w, "error", message_of(c, g));
	json_open_object(&w, "details");
	for (size_t i = 0; i < g->n_problems; i++) {
		json_open_array(&w, g->problems[i].field);
		json_open_object(&w, NULL);
		json_put_c(&w, "error", g->problems[i].code);
		json_put_c(&w, "description", g->problems[i].words);
		json_close_object(&w);
		json_close_array(&w);
	}
	json_close_object(&w);
	json_close_object(&w);
	r->status = 422;
	return api_send(&w, r);
}

static int not_allowed(struct ctx *c)
{
	return fail(c, E_FORBIDDEN, "This action is not allowed");
}

/* Whether anybody may join by a program now: it has to bring an invitation where one is needed. */
static int check_mode(struct ctx *c, const struct request *q, const struct registration *g)
{
	bool needs_invite = c->domain->sign_up == SIGN_UP_INVITE;

	if (q->token->user_id || c->domain->sign_up == SIGN_UP_CLOSED ||
	    (needs_invite && g->form.invite.n == 0))
		return not_allowed(c);
	return 0;
}

static int respond_account(struct ctx *c, const struct request *q, const struct registration *g,
			   struct response *r)
{
	const struct session_client client = { q->address, request_header(q, "user-agent") };
	struct oauth_grant grant = {
		.application_id = q->token->application_id,
		.scopes = q->token->scopes,
		.user_agent = client.user_agent,
	};
	struct oauth_token token;

	TRY(sign_up_account(c, &g->form, &client, &grant.user_id, &grant.identity_id));
	TRY(oauth_grant_token(c, &grant, &token));
	return respond_token(c, &token, r);
}

int api_account_create(struct ctx *c, struct request *q, struct response *r)
{
	struct registration g = { 0 };
	struct params *p;
	int result;

	TRY(params_read(c, q, &p));
	read_form(c, p, &g);
	TRY(check_mode(c, q, &g));
	TRY(check(c, &g));
	if (g.n_problems)
		return respond_problems(c, &g, r);
	result = respond_account(c, q, &g, r);
	if (result == E_NOT_FOUND)
		return not_allowed(c);
	if (result != E_CONFLICT)
		return result;
	/* Somebody else took the name in this very moment. */
	add(&g, "username", "Username", "ERR_TAKEN", "has already been taken");
	return respond_problems(c, &g, r);
}

/* Without letters nobody has to confirm an address before an account can be used. */
int api_email_is_confirmed(unused struct ctx *c, struct request *q, struct response *r)
{
	r->type = STR("application/json; charset=utf-8");
	r->body = q->token->awaits ? STR("false") : STR("true");
	return 0;
}

/* Another letter, to another address if there is one: https://docs.joinmastodon.org/methods/emails/#confirmation */
int api_email_confirmation(struct ctx *c, struct request *q, struct response *r)
{
	struct params *p;

	if (!q->token->awaits)
		return fail(
			c, E_FORBIDDEN,
			"This method is only available while the e-mail is awaiting confirmation");
	TRY(params_read(c, q, &p));
	TRY(sign_up_resend_own(c, str_trim(param(p, "email"))));
	r->type = STR("application/json; charset=utf-8");
	r->body = STR("{}");
	return 0;
}
