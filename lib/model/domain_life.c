/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a tenant's state moves along declared edges only, and only from the state that was looked at: the write
 * names it, so that two operators cannot both win.
 */
#include "model/domain_life.h"

#include "ap/handle.h"
#include "crypt/hash.h"
#include "db/db.h"
#include "fetch/host.h"
#include "json/write.h"
#include "loop/fiber.h"
#include "model/audit.h"
#include "model/identity.h"
#include "model/settings.h"
#include "model/tenant_archive.h"
#include "sql/gen/operator.h"
#include "sql/gen/tenant_archive.h"

#define TOKEN_BYTES 20
#define TITLE_MAX_CHARS 100
#define REASON_MAX_CHARS 1000
#define DETAIL_LIMIT 16384 /* bytes of JSON */
#define LEAVE_TRIES 600
#define LEAVE_PAUSE (100 * USEC_MSEC)

static const char *const after_pending[] = { "importing", "verified", "deleting", NULL };
static const char *const after_importing[] = { "pending", "deleting", NULL };
static const char *const after_verified[] = { "active", "deleting", NULL };
static const char *const after_active[] = { "suspended", "leaving", "deleting", NULL };
static const char *const after_suspended[] = { "active", "leaving", "deleting", NULL };
static const char *const after_leaving[] = { "active", "suspended", "moved_out", NULL };
static const char *const after_deleting[] = { "deleted", NULL };

static const struct graph_state states[] = {
	{
		.name = "pending",
		.initial = true,
		.next = after_pending,
		.first = 5 * USEC_MINUTE,
		.growth = 1.5,
		.ceiling = 6 * USEC_HOUR,
		.wait = USEC_MINUTE,
	},
	/* An archive is read; nothing of it is in use before the tenant is active. */
	{ .name = "importing", .next = after_importing, .external = true },
	{ .name = "verified", .next = after_verified, .external = true },
	{
		.name = "active",
		.next = after_active,
		.first = USEC_DAY,
		.growth = 1,
		.ceiling = USEC_DAY,
		.wait = USEC_DAY,
	},
	{ .name = "suspended", .next = after_suspended, .external = true },
	{ .name = "leaving", .next = after_leaving, .external = true },
	/* For ever: a deletion would be announced, and take from the tenant what it has elsewhere. */
	{ .name = "moved_out" },
	{
		.name = "deleting",
		.next = after_deleting,
		.first = 10 * USEC_SEC,
		.growth = 2,
		.ceiling = USEC_HOUR,
	},
	{ .name = "deleted" },
};

const struct graph domain_graph = { "domain", states, ARRAY_SIZE(states) };

/* A port shows that a name is for trying out only; a public one has a dot and is no address. */
int domain_name_normalise(struct ctx *c, str name, str *ret)
{
	bool development = c->settings && c->settings->development;
	struct in6_addr address;
	str host, bare;

	if (!handle_host(c->arena, name, &host))
		return fail(c, E_INVALID, "%.*s is no host name", STR_ARG(str_clip(name, 100)));
	bare = str_slice(host, 0, str_find_char(host, ':', 0));
	if (bare.n != host.n && !development)
		return fail(c, E_INVALID,
			    "%.*s: a port is for development only (option development)",
			    STR_ARG(host));
	if (host_read(bare, &address) != HOST_NAME)
		return fail(c, E_INVALID, "%.*s is an address, not a host name", STR_ARG(host));
	if (str_find_char(bare, '.', 0) == SIZE_MAX && !development)
		return fail(c, E_INVALID, "%.*s is no public host name: it has one label",
			    STR_ARG(host));
	*ret = host;
	return 0;
}

int domain_reload(struct ctx *c)
{
	struct domain_table *t;

	TRY(domain_table_load(c, &t));
	domain_table_use(domain_table_ref(t));
	domain_table_unref(c->domains);
	c->domains = t;
	return ctx_bind(c, c->domain_id);
}

struct addition {
	struct q_domain_add_args row;
	int64_t id;
	bool moves_in;
};

static int write_names(struct ctx *c, const struct addition *n, str *ret)
{
	struct json_out w;

	json_out_init(&w, c->arena, DETAIL_LIMIT);
	json_open_object(&w, NULL);
	json_put_str(&w, "service_name", n->row.service_name);
	json_put_str(&w, "sign_up", n->row.sign_up);
	json_close_object(&w);
	return json_out_done(&w, ret);
}

static int add(struct ctx *c, void *arg)
{
	struct addition *n = arg;
	const struct domain_id_row *made;
	str detail;
	int result;

	TRY(q_domain_free_names(c, n->row.name, n->row.service_name, NULL));
	result = q_domain_add(c, &n->row, &made);
	if (result == E_CONFLICT)
		return fail(c, E_CONFLICT, "%.*s, or where it is served, leads to a tenant already",
			    STR_ARG(n->row.name));
	TRY(result);
	n->id = made->id;
	if (!n->moves_in)
		TRY(q_domain_begin(c, n->id, NULL));
	TRY(write_names(c, n, &detail));
	return audit_add_on(c, n->id, "domain.add", n->row.name, detail);
}

/* The console's name is no community's. */
static int check_free(struct ctx *c, str name)
{
	return str_eq_c(name, c->settings->console_host)
		       ? fail(c, E_CONFLICT, "%.*s is the name of the console", STR_ARG(name))
		       : 0;
}

int domain_add(struct ctx *c, const struct domain_draft *d, int64_t *ret_id)
{
	struct addition n = {
		.row = {
			.title = str_is_null(d->title) ? STR("") : str_trim(d->title),
			.sign_up = str_c(name_of_value(domain_sign_ups, (int)d->sign_up)),
			.verify_token = random_token(c->arena, TOKEN_BYTES),
			.wait = states[0].wait,
		},
		.moves_in = d->moves_in,
	};

	TRY(domain_name_normalise(c, d->name, &n.row.name));
	n.row.service_name = n.row.name;
	if (!str_is_empty(d->service_name))
		TRY(domain_name_normalise(c, d->service_name, &n.row.service_name));
	if (!str_is_utf8(n.row.title) || str_chars(n.row.title) > TITLE_MAX_CHARS)
		return fail(c, E_INVALID, "a title has at most %d characters", TITLE_MAX_CHARS);
	TRY(check_free(c, n.row.name));
	TRY(check_free(c, n.row.service_name));
	TRY(db_transaction(c, add, &n));
	*ret_id = n.id;
	return 0;
}

/* A change of a tenant, and how it is called in the audit log. */
struct move {
	const struct domain_row *domain;
	const char *to; /* NULL: it stays where it is */
	const char *action;
	const char *proof; /* NULL: none was found */
	str reason;
	bool deletes;
	bool releases; /* to wherever it moved */
};

static int write_move(struct ctx *c, const struct move *m, str *ret)
{
	struct json_out w;

	json_out_init(&w, c->arena, DETAIL_LIMIT);
	json_open_object(&w, NULL);
	if (m->to)
		json_put_str(&w, "from", m->domain->state);
	if (m->proof)
		json_put_c(&w, "by", m->proof);
	json_put_str_opt(&w, "reason", m->reason);
	json_close_object(&w);
	return json_out_done(&w, ret);
}

static int move_state(struct ctx *c, const struct move *m)
{
	struct q_domain_move_args args = {
		.to = str_c(m->to),
		.reason = str_is_null(m->reason) ? STR("") : m->reason,
		.wait = graph_state_of(&domain_graph, str_c(m->to))->wait,
		.id = m->domain->id,
		.from = m->domain->state,
	};
	size_t n;

	TRY(q_domain_move(c, &args, &n));
	return n ? 0 : fail(c, E_CONFLICT, "%.*s changed meanwhile", STR_ARG(m->domain->name));
}

static int change(struct ctx *c, void *arg)
{
	const struct move *m = arg;
	str detail;

	if (m->proof)
		TRY(q_domain_prove(c, str_c(m->proof), m->domain->id, NULL));
	if (m->to)
		TRY(move_state(c, m));
	if (m->releases)
		TRY(q_domain_release(c, m->domain->id, NULL));
	if (m->deletes) {
		TRY(q_domain_delete_identities(c, m->domain->id, NULL));
		TRY(q_archive_import_end(c, m->domain->id, NULL));
	}
	TRY(write_move(c, m, &detail));
	return audit_add_on(c, m->domain->id, m->action, m->domain->name, detail);
}

static int apply(struct ctx *c, struct move *m)
{
	return db_transaction(c, change, m);
}

static int load(struct ctx *c, int64_t id, const struct domain_row **ret)
{
	int result = q_domain_by_id(c, id, ret);

	return result == E_NOT_FOUND ? fail(c, result, "there is no domain %lld", (long long)id)
				     : result;
}

/* What has to happen before, for people who asked for an edge that there is not. */
static const char *advice(str state)
{
	static const struct {
		const char *state, *advice;
	} table[] = {
		{ "pending", "its ownership is not proved yet" },
		{ "importing", "its archive was not read to the end: import it again" },
		{ "verified", "it was not activated yet" },
		{ "active", "it is served" },
		{ "suspended", "resume it first" },
		{ "leaving", "it is moving to another server" },
		{ "moved_out", "it moved to another server" },
		{ "deleting", "it is being deleted" },
		{ "deleted", "it was deleted" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (str_eq_c(state, table[i].state))
			return table[i].advice;
	return "no edge leads there";
}

static int check_edge(struct ctx *c, const struct domain_row *d, const char *from, const char *to)
{
	if ((from && !str_eq_c(d->state, from)) ||
	    !graph_allows(&domain_graph, d->state, str_c(to)))
		return fail(c, E_CONFLICT, "%.*s is %.*s and cannot become %s: %s",
			    STR_ARG(d->name), STR_ARG(d->state), to, advice(d->state));
	return 0;
}

static bool is_gone(const struct domain_row *d)
{
	return str_eq(d->state, STR("moved_out")) || str_eq(d->state, STR("deleting")) ||
	       str_eq(d->state, STR("deleted"));
}

int domain_verify(struct ctx *c, int64_t id, enum domain_proof by)
{
	struct move m = { .action = "domain.verify" };
	enum domain_proof found;

	TRY(load(c, id, &m.domain));
	if (is_gone(m.domain))
		return check_edge(c, m.domain, "pending", "verified");
	TRY(domain_find_proof(c, m.domain, by, &found));
	m.proof = name_of_value(domain_proofs, (int)found);
	if (str_eq(m.domain->state, STR("pending")))
		m.to = "verified";
	return apply(c, &m);
}

/* The system actor is made for the tenant that the snapshot shows, which may be new to it. */
static int ensure_system(struct ctx *c, int64_t id)
{
	int64_t bound = c->domain_id, made;
	int result;

	TRY(domain_reload(c));
	TRY(ctx_bind(c, id));
	result = identity_create_system(c, &made);
	TRY(ctx_bind(c, bound));
	return result;
}

int domain_activate(struct ctx *c, int64_t id)
{
	struct move m = { .to = "active", .action = "domain.activate" };

	TRY(load(c, id, &m.domain));
	TRY(check_edge(c, m.domain, "verified", m.to));
	TRY(tenant_place(c, id));
	TRY(ensure_system(c, id));
	return apply(c, &m);
}

int domain_suspend(struct ctx *c, int64_t id, str reason)
{
	struct move m = { .to = "suspended",
			  .action = "domain.suspend",
			  .reason = str_trim(reason) };

	if (!str_is_utf8(reason) || str_chars(reason) > REASON_MAX_CHARS)
		return fail(c, E_INVALID, "a reason has at most %d characters", REASON_MAX_CHARS);
	TRY(load(c, id, &m.domain));
	TRY(check_edge(c, m.domain, NULL, m.to));
	return apply(c, &m);
}

int domain_resume(struct ctx *c, int64_t id)
{
	struct move m = { .to = "active", .action = "domain.resume" };

	TRY(load(c, id, &m.domain));
	TRY(check_edge(c, m.domain, "suspended", m.to));
	return apply(c, &m);
}

int domain_delete(struct ctx *c, int64_t id)
{
	struct move m = { .to = "deleting", .action = "domain.delete", .deletes = true };

	TRY(load(c, id, &m.domain));
	TRY(check_edge(c, m.domain, NULL, m.to));
	return apply(c, &m);
}

int domain_begin_import(struct ctx *c, int64_t id)
{
	struct move m = { .to = "importing", .action = "domain.import" };

	TRY(load(c, id, &m.domain));
	if (str_eq_c(m.domain->state, m.to))
		return 0;
	TRY(check_edge(c, m.domain, "pending", m.to));
	return change(c, &m);
}

int domain_end_import(struct ctx *c, int64_t id)
{
	struct move m = { .to = "pending", .action = "domain.imported" };

	TRY(load(c, id, &m.domain));
	TRY(check_edge(c, m.domain, "importing", m.to));
	return change(c, &m);
}

/* What began before the tenant left may still write what the archive then lacks. */
static int wait_for_others(struct ctx *c)
{
	const struct archive_horizon_row *then, *now;

	TRY(q_archive_horizon(c, &then));
	for (int i = 0; i < LEAVE_TRIES; i++) {
		TRY(q_archive_horizon(c, &now));
		if (now->oldest >= then->newest)
			return 0;
		fiber_sleep(LEAVE_PAUSE);
	}
	return fail(c, E_LATER, "something is still under way in the database: try again");
}

int domain_leave(struct ctx *c, int64_t id)
{
	struct move m = { .to = "leaving", .action = "domain.leave" };

	TRY(load(c, id, &m.domain));
	if (!str_eq_c(m.domain->state, m.to)) {
		TRY(check_edge(c, m.domain, NULL, m.to));
		m.reason = m.domain->suspended_reason;
		TRY(apply(c, &m));
	}
	return wait_for_others(c);
}

int domain_archived(struct ctx *c, int64_t id, bool whole)
{
	return q_domain_archived(c, whole ? STR("whole") : STR("part"), id, NULL);
}

/* Whoever was suspended is not served because it wanted to leave. */
int domain_come_back(struct ctx *c, int64_t id)
{
	struct move m = { .to = "active", .action = "domain.come_back" };
	const struct domain_leaving_row *left;

	TRY(load(c, id, &m.domain));
	TRY(q_domain_leaving(c, id, &left));
	if (str_eq(left->left_from, STR("suspended")))
		m.to = "suspended";
	TRY(check_edge(c, m.domain, "leaving", m.to));
	m.reason = m.domain->suspended_reason;
	return apply(c, &m);
}

static int check_archive(struct ctx *c, const struct domain_row *d, bool part)
{
	const struct domain_leaving_row *left;

	TRY(q_domain_leaving(c, d->id, &left));
	if (str_eq(left->left_archive, STR("none")))
		return fail(c, E_CONFLICT,
			    "nobody has the archive of %.*s: write it with rookery domain move-out "
			    "%.*s --output=FILE",
			    STR_ARG(d->name), STR_ARG(d->name));
	if (str_eq(left->left_archive, STR("part")) && !part)
		return fail(
			c, E_CONFLICT,
			"the archive of %.*s lacks files, which end with it here: write a whole "
			"one, or say --incomplete",
			STR_ARG(d->name));
	return 0;
}

int domain_move_out(struct ctx *c, int64_t id, bool part)
{
	struct move m = { .to = "moved_out", .action = "domain.move_out", .releases = true };

	TRY(load(c, id, &m.domain));
	TRY(check_edge(c, m.domain, "leaving", m.to));
	TRY(check_archive(c, m.domain, part));
	return apply(c, &m);
}
