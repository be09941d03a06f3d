/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Host -> tenant -> ctx -> route -> session -> form token -> handler: the one order in which every
 * request is judged. Invariant: a handler runs bound to the tenant of the Host that was asked, and
 * with a person only when a live session of that tenant said so.
 */
#include "base/log.h"
#include "crypt/hash.h"
#include "db/db.h"
#include "fetch/url.h"
#include "model/disk.h"
#include "model/domain.h"
#include "model/identity.h"
#include "model/scope.h"
#include "model/session.h"
#include "model/settings.h"
#include "model/staff.h"
#include "model/token.h"
#include "server/http.h"
#include "server/metrics.h"
#include "server/once.h"
#include "server/rate.h"
#include "server/recall.h"
#include "server/vouch.h"

#define MOVING_RETRY (10 * USEC_MINUTE)
#define READ_ONLY_RETRY (5 * USEC_MINUTE)
#define PROOF_PATH "/.well-known/rookery-domain"

const struct route *const public_tables[] = {
	api_routes, staff_routes, fedi_routes, staff_page_routes, web_routes, asset_routes, NULL
};
const struct route *const private_tables[] = { admin_routes, NULL };

/* Programs end addresses of the API with '/' or do not. */
static str plain_path(str path)
{
	bool is_program = str_starts(path, STR("/api/")) || str_starts(path, STR("/oauth/"));

	return is_program && str_ends(path, STR("/")) ? str_slice(path, 0, path.n - 1) : path;
}

size_t dispatch_body_limit(enum method method, str path)
{
	struct arena *a = arena_new();
	const struct route *route;
	str args[4];
	size_t limit = BODY_LIMIT;

	if (route_find(public_tables, a, method, plain_path(path), args, &route) == 0 &&
	    route->body_limit)
		limit = route->body_limit;
	arena_free(a);
	return limit;
}

/* The Host as sent; a default port says nothing. */
static str host_of(const struct request *q)
{
	static const char *const defaults[] = { ":443", ":80" };
	str host = q->authority;

	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		if (str_ends(host, str_c(defaults[i])))
			host = str_slice(host, 0, host.n - str_c(defaults[i]).n);
	return host;
}

static const struct domain *domain_of(const struct ctx *c, const struct request *q)
{
	return c->domains ? domain_by_host(c->domains, host_of(q)) : NULL;
}

/* What a tenant answers in each state of its life (0: it serves). */
static int standing(struct ctx *c, const struct domain *d, struct response *r)
{
	switch (d->state) {
	case DOMAIN_ACTIVE:
		return 0;
	case DOMAIN_SUSPENDED:
		return fail(c, E_FORBIDDEN, "this community is suspended");
	case DOMAIN_LEAVING:
		r->retry_after = MOVING_RETRY;
		return fail(c, E_LATER, "this community is moving to another server");
	case DOMAIN_DELETING:
	case DOMAIN_DELETED:
		return fail(c, E_GONE, "this community was deleted");
	case DOMAIN_IMPORTING:
	case DOMAIN_PENDING:
	case DOMAIN_VERIFIED:
	case DOMAIN_MOVED_OUT:
		break;
	}
	return fail(c, E_MISDIRECTED, "no community is served under this name");
}

/* Shows that the name leads here, before anything is served under it. */
static bool show_proof(const struct domain *d, const struct request *q, struct response *r)
{
	if (d->state != DOMAIN_PENDING || !str_eq(q->path, STR(PROOF_PATH)))
		return false;
	r->type = STR("text/plain; charset=utf-8");
	r->body = d->verify_token;
	return true;
}

static int find_person(struct ctx *c, struct request *q)
{
	str cookie = request_cookie(q, "session");
	int result;

	if (str_is_empty(cookie))
		return 0;
	result = session_get(c, cookie, &q->session);
	if (result == E_NOT_FOUND)
		return 0;
	TRY(result);
	TRY(q_identity_by_id(c, q->session->identity_id, &q->identity));
	c->user_id = q->session->user_id;
	c->identity_id = q->session->identity_id;
	return 0;
}

/* A browser says which site's page it does something for (Fetch, Origin; Fetch Metadata, Sec-Fetch-Site). */
static bool is_from_elsewhere(const struct ctx *c, const struct request *q)
{
	str origin = request_header(q, "origin"), site = request_header(q, "sec-fetch-site");

	return (origin.n && !str_eq(origin, c->domain->origin)) ||
	       str_eq(site, STR("cross-site")) || str_eq(site, STR("same-site"));
}

/* What only scripts of our own pages ask for: a cookie comes along with the requests of a neighbour's as well. */
static int check_script(struct ctx *c, const struct request *q)
{
	return is_from_elsewhere(c, q) ? fail(c, E_FORBIDDEN, "this is for pages of this site") : 0;
}

/* A form must have been ours; a logged-in person's carries the token of their session. */
static int check_form(struct ctx *c, const struct request *q)
{
	if (is_from_elsewhere(c, q))
		return fail(c, E_FORBIDDEN, "this form came from another site");
	if (q->session) {
		str token = request_form(q, "form_token");

		if (!secret_eq(token, q->session->csrf_token))
			return fail(c, E_FORBIDDEN,
				    "this form is too old: go back, reload the page, try again");
	}
	return 0;
}

/* The token that a program sent; the null str when there is none. */
static str bearer_of(const struct request *q)
{
	str header = request_header(q, "authorization"), token;
	str protocols = request_header(q, "sec-websocket-protocol");

	if (str_starts_fold(header, STR("bearer ")))
		return str_trim(str_from(header, 7));
	token = request_query(q, "access_token");
	/* Scripts cannot set another header of a WebSocket. */
	if (str_is_empty(token) && str_cut(&protocols, ',', &token))
		token = str_trim(token);
	return str_is_empty(token) ? STR_NULL : token;
}

static int find_token(struct ctx *c, struct request *q)
{
	str bearer = bearer_of(q);
	int result;

	if (str_is_null(bearer))
		return 0;
	result = token_get(c, bearer, &q->token);
	if (result == E_NOT_FOUND)
		return fail(c, E_UNAUTHORIZED, "The access token is invalid");
	TRY(result);
	q->bearer = bearer;
	c->user_id = q->token->user_id;
	c->identity_id = q->token->identity_id;
	return 0;
}

/* One of several scopes with a space between. */
static bool covers_one(strs scopes, str alternatives)
{
	str scope;

	while (str_cut(&alternatives, ' ', &scope))
		if (scopes_cover(scopes, scope))
			return true;
	return false;
}

static int check_scope(struct ctx *c, const struct route *route, const struct request *q)
{
	if (!q->token)
		return route->access == ACCESS_TOKEN_ANY
			       ? 0
			       : fail(c, E_UNAUTHORIZED, "The access token is invalid");
	if (q->token->awaits && !route->unconfirmed)
		return fail(c, E_FORBIDDEN, "Your login is missing a confirmed e-mail address");
	if (route->scope && !covers_one(q->token->scopes, str_c(route->scope)))
		return fail(c, E_FORBIDDEN, "This action is outside the authorized scopes");
	if (route->access == ACCESS_TOKEN && !c->identity_id)
		return fail(c, E_UNPROCESSABLE, "This method requires an authenticated user");
	return route->capability ? staff_may(c, route->capability) : 0;
}

static int check_token(struct ctx *c, const struct route *route, struct request *q,
		       struct response *r)
{
	/* With a large body it was found before that was read. */
	if (!q->token)
		TRY(find_token(c, q));
	if (q->token)
		TRY(rate_count_token(c, route, q, r));
	return check_scope(c, route, q);
}

static int to_log_in(struct ctx *c, const struct route *route, const struct request *q,
		     struct response *r)
{
	str next = q->raw_path;

	if (q->method != METHOD_GET || route->surface != SURFACE_PAGE)
		return fail(c, E_UNAUTHORIZED, "log in first");
	if (!str_is_null(q->query))
		next = str_fmt(c->arena, "%.*s?%.*s", STR_ARG(next), STR_ARG(q->query));
	r->status = 303;
	r->location =
		str_fmt(c->arena, "/auth/login/?next=%.*s", STR_ARG(url_encode(c->arena, next)));
	return 0;
}

/* What is open to staff of a tenant that asks for a second factor, and who has none yet. */
static bool leads_to_factor(str path)
{
	return str_starts(path, STR("/settings/security/")) || str_starts(path, STR("/auth/"));
}

/* Who helps out has business with the pages of the staff alone. */
static bool leads_astray(const struct request *q)
{
	return q->session && q->session->helps && !str_starts(q->path, STR("/staff/")) &&
	       !str_starts(q->path, STR("/auth/"));
}

static bool lacks_factor(const struct route *route, const struct request *q)
{
	return q->session && q->session->lacks_factor && route->surface == SURFACE_PAGE &&
	       !leads_to_factor(q->path);
}

static int to_factor(struct ctx *c, const struct request *q, struct response *r)
{
	if (q->method != METHOD_GET)
		return fail(c, E_FORBIDDEN,
			    "this community asks its staff for a second factor: set one up");
	r->status = 303;
	r->location = STR("/settings/security/");
	return 0;
}

static int serve(struct ctx *c, const struct route *route, struct request *q, struct response *r)
{
	int err;

	if (route->surface == SURFACE_API || route->surface == SURFACE_OAUTH)
		TRY(rate_count_address(c, route, q, r));
	if (route->access >= ACCESS_TOKEN)
		TRY(check_token(c, route, q, r));
	else if (route->access != ACCESS_PEER)
		TRY(find_person(c, q));
	if (route->access == ACCESS_LOGIN && !q->session)
		return to_log_in(c, route, q, r);
	if (leads_astray(q))
		return fail(c, E_FORBIDDEN, "who helps out sees the pages of the staff alone");
	if (lacks_factor(route, q))
		return to_factor(c, q, r);
	if (route->access == ACCESS_LOGIN && route->capability)
		TRY(staff_may(c, route->capability));
	if (route->own_script)
		TRY(check_script(c, q));
	if (!route->form)
		return route->handler(c, q, r);
	err = check_form(c, q);
	if (err > 0 && once_led(c, q, r))
		return 0;
	TRY(err);
	return once_serve(c, route, q, r);
}

/* How an error looks where no route says it. */
static enum surface guess_surface(const struct request *q)
{
	if (str_starts(q->path, STR("/api/")))
		return SURFACE_API;
	if (request_wants_activity(q))
		return SURFACE_JSON;
	return str_find(request_header(q, "accept"), STR("text/html"), 0) == SIZE_MAX
		       ? SURFACE_TEXT
		       : SURFACE_PAGE;
}

/* The same with a route, if there is one. */
static enum surface surface_of(const struct request *q, const struct route *route)
{
	if (!route)
		return guess_surface(q);
	return route->surface == SURFACE_PAGE && request_wants_activity(q) ? SURFACE_JSON
									   : route->surface;
}

static enum request_class class_of(const struct request *q, const struct route *route)
{
	switch (route->surface) {
	case SURFACE_API:
		return CLASS_API;
	case SURFACE_OAUTH:
		return CLASS_OAUTH;
	case SURFACE_JSON:
		return q->method == METHOD_POST ? CLASS_INBOX : CLASS_FEDERATION;
	case SURFACE_TEXT:
		return CLASS_FILE;
	case SURFACE_PAGE:
		break;
	}
	return request_wants_activity(q) ? CLASS_FEDERATION : CLASS_PAGE;
}

/* A page's address ends with '/'; who leaves it out is led there. */
static bool add_slash(struct ctx *c, const struct route *const *tables, const struct request *q,
		      struct response *r)
{
	str path = str_cat(c->arena, q->raw_path, STR("/")), args[4];
	const struct route *route;

	if (q->method != METHOD_GET || str_ends(q->raw_path, STR("/")) ||
	    route_find(tables, c->arena, METHOD_GET, path, args, &route))
		return false;
	r->status = 301;
	r->location = str_is_null(q->query)
			      ? path
			      : str_fmt(c->arena, "%.*s?%.*s", STR_ARG(path), STR_ARG(q->query));
	return true;
}

static const char *const open_paths[] = { "/api/", "/oauth/", "/nodeinfo/", "/.well-known/" };

/* Whether scripts of other sites may read what is there: nothing of it depends on a cookie. */
static bool is_open(str path)
{
	for (size_t i = 0; i < ARRAY_SIZE(open_paths); i++)
		if (str_starts(path, str_c(open_paths[i])))
			return true;
	return false;
}

/*
 * What the installation takes at this moment: in maintenance nothing but what a page needs that says so; while a disk is
 * nearly full nothing that would have to be kept.
 */
static int admission(struct ctx *c, const struct request *q, const struct route *route,
		     struct response *r)
{
	const struct maintenance *m = domain_maintenance(c->domains);

	if (m->on && !(route && route->always)) {
		r->retry_after = maintenance_wait(m, clock_real());
		return fail(c, E_LATER, "%.*s",
			    STR_ARG(m->message.n ? m->message
						 : STR("this place is being worked on")));
	}
	if (q->method != METHOD_GET && disk_level() == DISK_READ_ONLY) {
		r->retry_after = READ_ONLY_RETRY;
		return fail(c, E_LATER,
			    "nothing new is taken at the moment: this place can only be read");
	}
	return 0;
}

/* Serves a route, or gives what was made for another stranger a moment ago. */
static int serve_or_recall(struct ctx *c, const struct route *route, struct request *q,
			   struct response *r)
{
	struct recall_key key;
	int result;

	if (recall(c, route, q, &key, r))
		return 0;
	result = serve(c, route, q, r);
	if (!result)
		recall_keep(c, &key, r);
	/* What others send in changes nothing before a stator looked at it. */
	if (q->method != METHOD_GET && q->class != CLASS_INBOX)
		recall_forget(c->domain_id);
	return result;
}

static void dispatch(struct ctx *c, const struct route *const *tables, struct request *q,
		     struct response *r)
{
	const struct route *route = NULL;
	int err = route_find(tables, c->arena, q->method, plain_path(q->raw_path), q->args, &route);
	int refusal;

	/* A browser asks first for another site's script (CORS). */
	if (q->method == METHOD_OPTIONS && err && is_open(q->raw_path)) {
		r->status = 204;
		r->cors = true;
		return;
	}
	if (!err)
		q->pattern = route->pattern;
	if (!err)
		q->class = tables == public_tables ? class_of(q, route) : CLASS_ADMIN;
	refusal = tables == public_tables ? admission(c, q, err ? NULL : route, r) : 0;
	if (refusal) {
		respond_error(c, q, surface_of(q, err ? NULL : route), refusal, r);
		return;
	}
	if (err == E_NOT_FOUND && add_slash(c, tables, q, r))
		return;
	if (err) {
		/* Who is logged in stays so on a page that is not there. */
		if (guess_surface(q) == SURFACE_PAGE && tables == public_tables &&
		    find_person(c, q) < 0)
			log_debug(c, "event=session failed");
		respond_error(c, q, guess_surface(q), err, r);
		return;
	}
	err = serve_or_recall(c, route, q, r);
	if (err) {
		db_rollback(c);
		respond_error(c, q, surface_of(q, route), err, r);
	}
	r->cors |= is_open(q->raw_path) && route->surface != SURFACE_PAGE;
}

void dispatch_public(struct ctx *c, struct request *q, struct response *r)
{
	const struct domain *d = domain_of(c, q);
	int err;

	if (str_eq(q->scheme, STR("https")))
		vouch_forget(c, host_of(q));
	if (dispatch_console(c, q, r))
		return;
	if (!d) {
		fail(c, E_MISDIRECTED, "no community is served under this name");
		respond_error(c, q, SURFACE_TEXT, E_MISDIRECTED, r);
		return;
	}
	if (show_proof(d, q, r))
		return;
	err = standing(c, d, r);
	if (!err)
		err = ctx_bind(c, d->id);
	if (err)
		respond_error(c, q, SURFACE_TEXT, err, r);
	else
		dispatch(c, public_tables, q, r);
	metrics_count_statements(c->statements);
}

/* A page's form has its session's token in the body, so there the session itself has to do. */
static int check_sender(struct ctx *c, struct request *q, struct response *r,
			enum surface *ret_surface)
{
	const struct domain *d = domain_of(c, q);
	const struct route *route;

	if (!d)
		return fail(c, E_MISDIRECTED, "no community is served under this name");
	TRY(standing(c, d, r));
	TRY(ctx_bind(c, d->id));
	TRY(route_find(public_tables, c->arena, q->method, plain_path(q->raw_path), q->args,
		       &route));
	*ret_surface = route->surface;
	TRY(admission(c, q, route, r));
	if (route->access >= ACCESS_TOKEN) {
		TRY(find_token(c, q));
		return check_scope(c, route, q);
	}
	if (route->access == ACCESS_LOGIN)
		TRY(find_person(c, q));
	if (route->access == ACCESS_LOGIN && !q->session)
		return fail(c, E_UNAUTHORIZED, "log in first");
	return route->access == ACCESS_LOGIN && route->capability ? staff_may(c, route->capability)
								  : 0;
}

bool dispatch_admit(struct ctx *c, struct request *q, struct response *r)
{
	enum surface surface = SURFACE_TEXT;
	int err = check_sender(c, q, r, &surface);

	if (err)
		respond_error(c, q, surface, err, r);
	return !err;
}

/* What is asked about the installation itself does not count: whoever measures changes nothing. */
void dispatch_admin(struct ctx *c, struct request *q, struct response *r)
{
	dispatch(c, private_tables, q, r);
}
