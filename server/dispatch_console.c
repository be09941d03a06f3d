/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Host -> session of an operator -> form token -> handler, for the console's own name.
 *
 * The console works with connections of the role rookery_host, the one that the commands of rookery use. So each act is
 * one function for both, and row-level security stays closed for the server's own role: nothing that serves a tenant
 * ever holds such a connection. Invariant: no handler runs on it but those of pages that ask who somebody is, before an
 * operator's session that a second factor proved.
 */
#include "ap/handle.h"
#include "crypt/hash.h"
#include "db/db.h"
#include "fetch/host.h"
#include "model/domain.h"
#include "model/operator.h"
#include "model/settings.h"
#include "model/setup.h"
#include "server/http.h"
#include "server/metrics.h"
#include "server/recall.h"
#include "server/web/console.h"

const struct route *const console_tables[] = { console_routes, asset_routes, NULL };

static bool is_console(const struct ctx *c, const struct request *q)
{
	str name = str_c(c->settings->console_host), host = q->authority;

	if (!name.n || !q->host_db)
		return false;
	if (str_ends(host, STR(":443")))
		host = str_slice(host, 0, host.n - 4);
	return str_eq_fold(host, name);
}

static bool is_address(str authority)
{
	size_t end = str_starts(authority, STR("[")) ? str_find_char(authority, ']', 0) : 0;
	enum host_form form;
	struct in6_addr address;

	form = host_read(str_slice(authority, 0, str_find_char(authority, ':', end)), &address);
	return end != SIZE_MAX && (form == HOST_IPV4 || form == HOST_IPV6);
}

/*
 * While somebody may set up, the console is at the machine's bare addresses too: before that there may be no name that
 * leads here. Whoever then is there knows a code, or is asked for one.
 */
int dispatch_is_set_up(struct ctx *c, const struct request *q, str host, bool *ret)
{
	struct db *own = c->db;
	int result;

	*ret = false;
	if (!*c->settings->console_host || !q->host_db || !is_address(host))
		return 0;
	c->db = q->host_db;
	result = setup_is_open(c, ret);
	c->db = own;
	return result;
}

/* What pages know of where they are; it is no tenant, and no rows belong to it. */
static const struct domain *console_site(struct ctx *c, const struct request *q)
{
	struct domain *d = arena_new_of(c->arena, struct domain);
	str name = str_c(c->settings->console_host);

	if (is_address(q->authority))
		name = q->authority;
	*d = (struct domain){
		.name = name,
		.service_name = name,
		.origin = handle_origin(c->arena, name, c->settings->development),
		.title = STR("Rookery"),
		.description = STR(""),
		.accent = STR(DOMAIN_ACCENT),
		.icon = STR(""),
		.icon_small = STR(""),
		.banner = STR(""),
		.style = STR(""),
		.footer = STR(""),
		.theme = STR("auto"),
		.language = STR(""),
		.state = DOMAIN_ACTIVE,
		.sign_up = SIGN_UP_CLOSED,
	};
	return d;
}

static int find_operator(struct ctx *c, struct request *q)
{
	str cookie = request_cookie(q, console_cookie(c));
	int result;

	if (str_is_empty(cookie))
		return 0;
	result = operator_session(c, cookie, &q->operator);
	if (result == E_NOT_FOUND)
		return 0;
	TRY(result);
	c->user_id = q->operator->user_id;
	return 0;
}

static int check_form(struct ctx *c, const struct request *q)
{
	str origin = request_header(q, "origin");

	if (origin.n && !str_eq(origin, c->domain->origin))
		return fail(c, E_FORBIDDEN, "this form came from another site");
	if (q->operator&& !secret_eq(request_form(q, "form_token"), q->operator->csrf_token))
		return fail(c, E_FORBIDDEN,
			    "this form is too old: go back, reload the page, try again");
	return 0;
}

static int to_log_in(struct ctx *c, const struct request *q, struct response *r)
{
	if (q->method != METHOD_GET)
		return fail(c, E_UNAUTHORIZED, "log in first");
	r->status = 303;
	r->location = q->operator? STR("/second/") : STR("/login/");
	return 0;
}

static int serve(struct ctx *c, const struct route *route, struct request *q, struct response *r)
{
	TRY(find_operator(c, q));
	if (route->access == ACCESS_LOGIN && !(q->operator&& q->operator->strong))
		return to_log_in(c, q, r);
	if (route->form)
		TRY(check_form(c, q));
	return route->handler(c, q, r);
}

/* Whoever comes to set up is led there from the bare name or address. */
static int welcome(struct ctx *c, struct request *q, struct response *r)
{
	bool open = false;

	TRY(find_operator(c, q));
	if (!q->operator)
		TRY(setup_is_open(c, &open));
	r->status = 303;
	r->location = open ? STR(SETUP_PATH) : STR("/tenants/");
	return 0;
}

static int go(struct ctx *c, struct request *q, struct response *r, enum surface *ret_surface)
{
	const struct route *route;
	int err;

	if (q->method == METHOD_GET && str_eq(q->raw_path, STR("/")))
		return welcome(c, q, r);
	err = route_find(console_tables, c->arena, q->method, q->raw_path, q->args, &route);
	if (err) {
		TRY(find_operator(c, q));
		return err;
	}
	q->pattern = route->pattern;
	*ret_surface = route->surface;
	err = serve(c, route, q, r);
	if (q->method != METHOD_GET)
		recall_forget(0);
	return err;
}

bool dispatch_console(struct ctx *c, struct request *q, struct response *r)
{
	enum surface surface = SURFACE_PAGE;
	bool is_ours = is_console(c, q);
	int err;

	if (!is_ours && (dispatch_is_set_up(c, q, q->authority, &is_ours) || !is_ours))
		return false;
	q->class = CLASS_CONSOLE;
	c->db = q->host_db;
	c->domain = console_site(c, q);
	err = go(c, q, r, &surface);
	if (err) {
		db_rollback(c);
		if (c->domain_id && ctx_bind(c, 0))
			surface = SURFACE_TEXT;
		c->domain = console_site(c, q);
		respond_error(c, q, surface, err, r);
	}
	metrics_count_statements(c->statements);
	return true;
}
