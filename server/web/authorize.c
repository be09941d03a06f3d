/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The page on which a person lets a program in. Invariant: nothing is sent to an address that is not
 * one of the program's own, byte for byte; before that is known, errors are for the person's eyes.
 * What is asked for stands in the page's address, also when its form is sent, and is judged anew.
 */
#include "model/oauth.h"
#include "model/scope.h"
#include "model/session.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

#include "fetch/url.h"
#include "server/web/auth_page.h"

#define AUTHORIZE_PATH "/oauth/authorize"

static struct oauth_request read_request(const struct request *q)
{
	return (struct oauth_request){
		.client_id = request_query(q, "client_id"),
		.redirect_uri = request_query(q, "redirect_uri"),
		.response_type = request_query(q, "response_type"),
		.scope = request_query(q, "scope"),
		.state = request_query(q, "state"),
		.code_challenge = request_query(q, "code_challenge"),
		.code_challenge_method = request_query(q, "code_challenge_method"),
	};
}

static bool stays_here(const struct oauth_ask *ask)
{
	return str_eq(ask->redirect_uri, STR(APPLICATION_OOB));
}

static int lead_back(struct ctx *c, const struct oauth_ask *ask, const struct oauth_answer *answer,
		     struct response *r)
{
	r->status = 303;
	r->location = oauth_redirect(c, ask->redirect_uri, answer);
	return 0;
}

/* "word: what is wrong" to the program; who has no address to send it to reads it. */
static int refuse(struct ctx *c, const struct oauth_ask *ask, str state, int err,
		  struct response *r)
{
	str message = ctx_error(c, err);
	size_t colon = str_find(message, STR(": "), 0);
	struct oauth_answer answer = { .state = state };

	if (err != E_INVALID || colon == SIZE_MAX)
		return err;
	if (stays_here(ask))
		return fail(c, err, "%.*s", STR_ARG(str_from(message, colon + 2)));
	answer.error = str_slice(message, 0, colon);
	answer.error_description = str_from(message, colon + 2);
	return lead_back(c, ask, &answer, r);
}

/* The query without what asks for another log-in: that was done. */
static str query_after_login(struct ctx *c, str query)
{
	str rest = query, pair, kept = STR("");

	while (str_cut(&rest, '&', &pair))
		if (!str_starts(pair, STR("force_login=")))
			kept = kept.n ? str_fmt(c->arena, "%.*s&%.*s", STR_ARG(kept), STR_ARG(pair))
				      : pair;
	return kept;
}

static int to_login(struct ctx *c, const struct request *q, bool again, struct response *r)
{
	str next =
		str_fmt(c->arena, AUTHORIZE_PATH "?%.*s", STR_ARG(query_after_login(c, q->query)));

	if (!path_is_ours(next))
		return fail(c, E_TOO_LARGE, "what the application asks for is too long");
	r->status = 303;
	r->location = str_fmt(c->arena, "/auth/login/?%snext=%.*s", again ? "again=1&" : "",
			      STR_ARG(url_encode(c->arena, next)));
	return 0;
}

static bool wants_login(const struct request *q)
{
	str value = request_query(q, "force_login");

	return str_eq(value, STR("true")) || str_eq(value, STR("1"));
}

static const str *words_of(struct ctx *c, strs scopes)
{
	str *words = arena_array(c->arena, scopes.n + 1, sizeof(*words));

	for (size_t i = 0; i < scopes.n; i++) {
		const struct scope *s = scope_find(scopes.p[i]);

		words[i] = s ? str_c(s->words) : scopes.p[i];
	}
	return words;
}

/* Whom the person can be here: others of the log-in are at home on other tenants. */
static void fill_choices(struct ctx *c, struct authorize_page *page)
{
	const struct viewer_view *viewer = page->frame.viewer;
	struct choice_view *choices =
		arena_array(c->arena, viewer->n_choices + 1, sizeof(*choices));

	for (size_t i = 0; i < viewer->n_choices; i++)
		if (viewer->choices[i].here)
			choices[page->n_choices++] = viewer->choices[i];
	page->choices = choices;
}

/* Where the answer goes, as people can judge it: a host, or the scheme of a program's own. */
static str place_of(struct ctx *c, const struct oauth_ask *ask)
{
	struct url url;

	if (stays_here(ask))
		return STR("");
	return url_parse(c->arena, ask->redirect_uri, &url)
		       ? url.authority
		       : str_slice(ask->redirect_uri, 0, str_find_char(ask->redirect_uri, ':', 0));
}

static int respond_page(struct ctx *c, const struct request *q, const struct oauth_ask *ask,
			struct response *r)
{
	str source = application_redirect_source(c, ask->redirect_uri);
	struct authorize_page page = {
		.application = ask->application->name,
		.website = view_url(c, ask->application->website, STR("")),
		.place = place_of(c, ask),
		.wants = words_of(c, ask->scopes),
		.n_wants = ask->scopes.n,
		.query = q->query,
	};

	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	fill_choices(c, &page);
	page.frame.title = text_in(c, TEXT_SAY_TITLE_AUTHORIZE);
	page.frame.hidden = true;
	if (source.n)
		r->form_action =
			str_fmt(c->arena, "%.*s %.*s", STR_ARG(r->form_action), STR_ARG(source));
	return RESPOND(c, tpl_authorize, &page, r);
}

int web_authorize(struct ctx *c, struct request *q, struct response *r)
{
	const struct oauth_request asked = read_request(q);
	struct oauth_ask ask = { 0 };
	int err;

	TRY(oauth_check_client(c, &asked, &ask));
	err = oauth_check_ask(c, &asked, &ask);
	if (err)
		return refuse(c, &ask, asked.state, err, r);
	if (!q->session || wants_login(q))
		return to_login(c, q, q->session != NULL, r);
	return respond_page(c, q, &ask, r);
}

static int allow(struct ctx *c, const struct request *q, const struct oauth_ask *ask, str state,
		 struct response *r)
{
	int64_t identity_id = form_id(q, "identity");
	struct oauth_answer answer = { .state = state };

	TRY(oauth_allow(c, ask, identity_id ? identity_id : c->identity_id, &answer.code));
	if (!stays_here(ask))
		return lead_back(c, ask, &answer, r);
	return go_to(str_cat(c->arena, STR(OAUTH_NATIVE_PATH), answer.code), r);
}

int web_authorize_send(struct ctx *c, struct request *q, struct response *r)
{
	const struct oauth_request asked = read_request(q);
	struct oauth_ask ask = { 0 };
	int err;

	if (!q->session)
		return to_login(c, q, false, r);
	TRY(oauth_check_client(c, &asked, &ask));
	err = oauth_check_ask(c, &asked, &ask);
	if (err)
		return refuse(c, &ask, asked.state, err, r);
	if (str_eq(request_form(q, "decision"), STR("allow")))
		return allow(c, q, &ask, asked.state, r);
	fail(c, E_INVALID,
	     "access_denied: The resource owner or authorization server denied the request.");
	return refuse(c, &ask, asked.state, E_INVALID, r);
}

int web_authorize_native(struct ctx *c, struct request *q, struct response *r)
{
	struct code_page page = { .code = request_query(q, "code") };

	if (!oauth_code_is_sound(page.code))
		return fail(c, E_INVALID, "this is no code of ours");
	TRY(frame_load(c, q, MENU_NONE, r, &page.frame));
	page.frame.title = text_in(c, TEXT_SAY_TITLE_CODE);
	page.frame.hidden = true;
	return RESPOND(c, tpl_code, &page, r);
}
