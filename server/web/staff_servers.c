/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Other servers: what the community has to do with each, and what its staff decided about it. */
#include "model/domain.h"
#include "model/instance.h"
#include "model/limit.h"
#include "model/limit_list.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "server/web/view.h"
#include "sql/gen/server.h"
#include "templates.h"

#define PAGE_SIZE 40
#define ALLOWED 500 /* servers that are listed */

static str path_of(struct ctx *c, str host)
{
	return str_fmt(c->arena, "/staff/servers/at/%.*s/", STR_ARG(url_part(c->arena, host)));
}

static struct server_view view(struct ctx *c, const struct server_known_row *row)
{
	return (struct server_view){
		.host = row->host,
		.path = path_of(c, row->host),
		.software = row->software.n ? str_fmt(c->arena, "%.*s %.*s", STR_ARG(row->software),
						      STR_ARG(row->version))
					    : STR(""),
		.identities = row->identities,
		.followers = row->followers,
		.following = row->following,
		.waiting = row->waiting,
		.rests = row->retry_after > c->now,
		.retry_after = row->retry_after,
		.last_success = row->last_success,
		.last_failure = row->last_failure,
		.failures = row->failures,
		.severity = row->severity,
		.rule_host = row->rule_host,
		.floor = row->floor,
		.floor_host = row->floor_host,
	};
}

static int is_limited(struct ctx *c, bool *ret)
{
	struct instance i;

	TRY(instance_load(c, &i));
	*ret = str_eq(i.settings[INSTANCE_LIMITED_FEDERATION].value, STR("true"));
	return 0;
}

static int fill_known(struct ctx *c, const struct request *q, struct staff_servers_page *page)
{
	const struct q_server_known_args args = {
		.domain_id = c->domain_id,
		.after = staff_query(q, "after"),
		.part = str_lower(c->arena, page->query),
		.exact = STR(""),
		.ruled = page->ruled,
		.limit = PAGE_SIZE,
	};
	const struct server_known_row *rows;
	struct server_view *servers;

	TRY(q_server_known(c, &args, &rows, &page->n_servers));
	servers = arena_array(c->arena, page->n_servers + 1, sizeof(*servers));
	for (size_t i = 0; i < page->n_servers; i++)
		servers[i] = view(c, &rows[i]);
	page->servers = servers;
	page->next = page->n_servers == PAGE_SIZE
			     ? str_fmt(c->arena, "/staff/servers/?q=%.*s&ruled=%s&after=%.*s",
				       STR_ARG(url_part(c->arena, page->query)),
				       page->ruled ? "1" : "",
				       STR_ARG(url_part(c->arena, servers[PAGE_SIZE - 1].host)))
			     : STR("");
	return 0;
}

int staff_servers(struct ctx *c, struct request *q, struct response *r)
{
	const struct page newest = { .limit = PAGE_SIZE }, all = { .limit = ALLOWED };
	struct staff_servers_page page = {
		.query = staff_query(q, "q"),
		.ruled = staff_query(q, "ruled").n,
	};
	str host = staff_query(q, "host"), clean;

	/* One that is typed whole has its page, known or not. */
	if (host.n && domain_name_normalise(c, host, &clean) == 0)
		return go_to(path_of(c, clean), r);
	if (!str_is_utf8(page.query))
		page.query = STR("");
	TRY(fill_known(c, q, &page));
	TRY(limit_rules_list(c, &newest, &page.rules, &page.n_rules));
	TRY(is_limited(c, &page.limited));
	TRY(allowed_servers_list(c, &all, &page.allowed, &page.n_allowed));
	TRY(staff_frame(c, q, SECTION_SERVERS, r, &page.staff));
	return RESPOND(c, tpl_staff_servers, &page, r);
}

static int fill_server(struct ctx *c, str host, struct staff_server_page *page)
{
	const struct q_server_known_args args = {
		.domain_id = c->domain_id,
		.after = STR(""),
		.part = STR(""),
		.exact = host,
		.limit = 1,
	};
	const struct server_known_row *rows;
	size_t n;

	page->server = (struct server_view){ .host = host, .path = path_of(c, host) };
	TRY(q_server_known(c, &args, &rows, &n));
	page->is_known = n;
	if (n)
		page->server = view(c, &rows[0]);
	return 0;
}

static int rank(str severity)
{
	return str_eq(severity, STR("block")) ? 2 : str_eq(severity, STR("limit")) ? 1 : 0;
}

/* The hardest word holds; at the same hardness that of the host, which nobody here can take back. */
static void judge(struct staff_server_page *page, const struct server_limit_row *own, str floor,
		  bool is_shut_out)
{
	page->origin = floor.n ? RULE_FLOOR : RULE_NOBODY;
	page->effective = floor.n ? floor : STR("none");
	if (own && (!floor.n || rank(own->severity) > rank(floor))) {
		page->origin = str_eq(own->host, page->server.host) ? RULE_OWN : RULE_OWN_ABOVE;
		page->effective = own->severity;
		page->server.rule_host = own->host;
	}
	if (is_shut_out && rank(page->effective) < 2) {
		page->origin = RULE_NOT_ALLOWED;
		page->effective = STR("block");
	}
}

static int fill_rule(struct ctx *c, struct staff_server_page *page)
{
	strs names = limit_suffixes(c, page->server.host);
	const struct server_limit_row *own = NULL;
	const struct server_floor_row *floor;
	enum limit_severity real;
	size_t n;
	int err = limit_rule_of_host(c, page->server.host, &own);

	if (err && err != E_NOT_FOUND)
		return err;
	TRY(q_server_floor_of(c, names, &floor, &n));
	page->server.floor_host = n ? floor[0].host : STR("");
	TRY(limit_of_host(c, page->server.host, &real));
	judge(page, err ? NULL : own, n ? floor[0].severity : STR(""),
	      real == LIMIT_BLOCK && !(n && rank(floor[0].severity) == 2) &&
		      (err || rank(own->severity) < 2));
	if (!err && str_eq(own->host, page->server.host))
		page->rule_id = own->id;
	if (page->rule_id && str_is_null(page->draft.severity))
		page->draft = (struct limit_draft){
			.severity = own->severity,
			.reason = own->reason,
			.public_comment = own->public_comment,
			.reject_media = own->reject_media,
			.reject_reports = own->reject_reports,
			.obfuscate = own->obfuscate,
		};
	return 0;
}

/* The tenant's own entry for exactly this host. */
static int find_allowed(struct ctx *c, str host, int64_t *ret_id)
{
	const struct allowed_server_row *row;
	int err = q_allowed_server_of_host(c, c->domain_id, host, &row);

	*ret_id = err ? 0 : row->id;
	return err == E_NOT_FOUND ? 0 : err;
}

static int respond_server(struct ctx *c, const struct request *q, str host,
			  struct staff_server_page *page, struct response *r)
{
	TRY(fill_server(c, host, page));
	TRY(fill_rule(c, page));
	TRY(is_limited(c, &page->limited));
	TRY(find_allowed(c, host, &page->allowed_id));
	if (str_is_null(page->draft.severity))
		page->draft = (struct limit_draft){ .severity = STR("none"),
						    .reason = STR(""),
						    .public_comment = STR("") };
	if (page->origin != RULE_OWN || rank(page->effective) < 2)
		TRY(q_server_would_sever(c, (strs){ &host, 1 }, c->domain_id, &page->severs,
					 &page->n_severs));
	TRY(staff_frame(c, q, SECTION_SERVERS, r, &page->staff));
	page->staff.frame.title = host;
	return RESPOND(c, tpl_staff_server, page, r);
}

static int host_of_path(struct ctx *c, const struct request *q, str *ret)
{
	if (domain_name_normalise(c, q->args[0], ret) || domain_by_host(c->domains, *ret))
		return fail(c, E_NOT_FOUND, "there is no other server of this name");
	return 0;
}

int staff_server(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_server_page page = { 0 };
	str host;

	TRY(host_of_path(c, q, &host));
	return respond_server(c, q, host, &page, r);
}

static int remove_rule(struct ctx *c, str host, struct response *r)
{
	const struct server_limit_row *own;

	TRY(limit_rule_of_host(c, host, &own));
	if (!str_eq(own->host, host))
		return fail(c, E_NOT_FOUND, "there is no rule for it");
	TRY(limit_rule_remove(c, own->id));
	return staff_done(c, path_of(c, host), "removed", r);
}

static int allow(struct ctx *c, str host, bool on, struct response *r)
{
	const struct allowed_server_row *row;
	int64_t id;

	if (on) {
		TRY(allowed_server_add(c, host, &row));
		return staff_done(c, path_of(c, host), "saved", r);
	}
	TRY(find_allowed(c, host, &id));
	TRY(allowed_server_remove(c, id));
	return staff_done(c, path_of(c, host), "removed", r);
}

static int write_rule(struct ctx *c, const struct limit_draft *d)
{
	const struct server_limit_row *own;
	int err = limit_rule_of_host(c, d->host, &own);

	if (err && err != E_NOT_FOUND)
		return err;
	if (!err && str_eq(own->host, d->host))
		return limit_rule_change(c, own->id, d, &own);
	return limit_rule_add(c, d, &own);
}

int staff_server_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_server_page page = { 0 };
	str host;
	int err;

	TRY(host_of_path(c, q, &host));
	if (form_ticked(q, "remove"))
		return remove_rule(c, host, r);
	if (form_ticked(q, "allow") || form_ticked(q, "disallow"))
		return allow(c, host, form_ticked(q, "allow"), r);
	page.draft = (struct limit_draft){
		.host = host,
		.severity = form_line(c, q, "severity"),
		.reason = form_text(c, q, "reason"),
		.public_comment = form_text(c, q, "public_comment"),
		.reject_media = form_ticked(q, "reject_media"),
		.reject_reports = form_ticked(q, "reject_reports"),
		.obfuscate = form_ticked(q, "obfuscate"),
	};
	err = write_rule(c, &page.draft);
	if (err == E_UNPROCESSABLE) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond_server(c, q, host, &page, r);
	}
	TRY(err);
	return staff_done(c, path_of(c, host), "saved", r);
}
