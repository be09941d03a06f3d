/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The private socket: health, metrics, and whether a certificate may be asked for. Nothing here is
 * of a tenant, and nobody but the proxy and the operator can reach it.
 */
#include "db/db.h"
#include "model/backup.h"
#include "model/domain.h"
#include "model/settings.h"
#include "server/http.h"
#include "server/metrics.h"
#include "server/vouch.h"

#define PING_TIMEOUT (2 * USEC_SEC)
#define HOUSE_TIMEOUT (8 * USEC_SEC) /* scrapers wait for ten */
#define METRICS_LIMIT (1024 * 1024)

static int text(struct response *r, str body)
{
	r->type = STR("text/plain; charset=utf-8");
	r->body = body;
	return 0;
}

/* The process runs its loop. */
static int health(unused struct ctx *c, unused struct request *q, struct response *r)
{
	return text(r, STR("ok\n"));
}

/* Requests can be answered: the database is there. */
static int ready(struct ctx *c, unused struct request *q, struct response *r)
{
	TRY(db_ping(c, PING_TIMEOUT));
	return text(r, STR("ready\n"));
}

/*
 * A database that is away refuses; one that hangs says nothing, and who waited for it would hold one of the few
 * connections.
 */
static int write_house(struct ctx *c, struct out *o)
{
	c->deadline = clock_mono() + HOUSE_TIMEOUT;
	TRY(db_ping(c, PING_TIMEOUT));
	TRY(metrics_write_house(c, o));
	return backup_metrics(c, o);
}

/*
 * The process tells of itself even when the database is away: then rookery_up says so, and what the database knows is
 * missing.
 */
static int respond(struct ctx *c, bool whole, struct response *r)
{
	struct out o, house;
	int result = 0;

	out_init(&o, c->arena, METRICS_LIMIT);
	out_init(&house, c->arena, METRICS_LIMIT);
	metrics_write(&o);
	metrics_write_machine(&o);
	if (whole)
		result = write_house(c, &house);
	if (whole) {
		metrics_head(&o, "rookery_up", "gauge", "1 when the database answers.");
		out_fmt(&o, "rookery_up %d\n", result == 0);
	}
	if (whole && !result)
		out_str(&o, out_view(&house));
	TRY(out_done(&o, &r->body));
	r->type = STR("text/plain; version=0.0.4; charset=utf-8");
	return 0;
}

/* Who reads by TLS came through to a name as a visitor does, though at a port of its own, and may be the only one. */
static void note_name(struct ctx *c, const struct request *q)
{
	size_t colon = str_find_char_last(q->authority, ':');

	if (str_eq(q->scheme, STR("https")))
		vouch_forget(c,
			     colon == SIZE_MAX ? q->authority : str_slice(q->authority, 0, colon));
}

static int metrics(struct ctx *c, struct request *q, struct response *r)
{
	note_name(c, q);
	return respond(c, true, r);
}

/* Without the installation, but with its machine: for all servers of several but one. */
static int process_metrics(struct ctx *c, struct request *q, struct response *r)
{
	note_name(c, q);
	return respond(c, false, r);
}

/* Names that answer by TLS, if only that they are suspended: from memory, so that no stranger's name makes us work. */
static bool is_name_of_ours(const struct ctx *c, str name)
{
	const struct domain *d = c->domains && name.n ? domain_by_host(c->domains, name) : NULL;

	if (d)
		return d->state == DOMAIN_ACTIVE || d->state == DOMAIN_SUSPENDED;
	return *c->settings->console_host && str_eq_fold(name, str_c(c->settings->console_host));
}

/* While somebody may set up, an address: the proxy makes its certificate by itself, and asks no authority. */
static int is_address_of_setup(struct ctx *c, const struct request *q, str name, bool *ret)
{
	if (str_find_char(name, ':', 0) != SIZE_MAX)
		name = str_fmt(c->arena, "[%.*s]", STR_ARG(str_clip(name, 64)));
	return dispatch_is_set_up(c, q, name, ret);
}

/* Who only looks ("look" in the query), as the doctor does, uses up no try. */
static int certificate(struct ctx *c, struct request *q, struct response *r)
{
	str name = str_lower(c->arena, request_query(q, "domain"));
	bool is_open;

	if (is_name_of_ours(c, name)) {
		r->retry_after = str_is_null(request_query(q, "look")) ? vouch_ask(c, name)
								       : vouch_look(c, name);
		if (!r->retry_after)
			return text(r, STR("ok\n"));
		return fail(c, E_LIMITED,
			    "the last tries for a certificate of this name led to no visit");
	}
	TRY(is_address_of_setup(c, q, name, &is_open));
	return is_open ? text(r, STR("ok\n"))
		       : fail(c, E_NOT_FOUND, "no active domain has that name");
}

const struct route admin_routes[] = {
	{ METHOD_GET, "/healthz", health, .access = ACCESS_PEER, .surface = SURFACE_TEXT },
	{ METHOD_GET, "/readyz", ready, .access = ACCESS_PEER, .surface = SURFACE_TEXT },
	{ METHOD_GET, "/metrics", metrics, .access = ACCESS_PEER, .surface = SURFACE_TEXT },
	{ METHOD_GET, "/metrics/process", process_metrics, .access = ACCESS_PEER,
	  .surface = SURFACE_TEXT },
	{ METHOD_GET, "/certificate", certificate, .access = ACCESS_PEER, .surface = SURFACE_TEXT },
	{ 0, NULL, NULL },
};
