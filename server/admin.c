/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The private socket: health, metrics, and whether a certificate may be asked for. Nothing here is
 * of a tenant, and nobody but the proxy and the operator can reach it.
 */
#include "db/db.h"
#include "model/domain.h"
#include "server/http.h"
#include "server/metrics.h"

#define PING_TIMEOUT (2 * USEC_SEC)
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

static int metrics(struct ctx *c, unused struct request *q, struct response *r)
{
	struct out o;

	out_init(&o, c->arena, METRICS_LIMIT);
	metrics_write(&o);
	TRY(out_done(&o, &r->body));
	r->type = STR("text/plain; version=0.0.4; charset=utf-8");
	return 0;
}

/* From memory and for live tenants only: no name can make us work, or ask for certificates in vain. */
static int certificate(struct ctx *c, struct request *q, struct response *r)
{
	str name = request_query(q, "domain");
	const struct domain *d = NULL;

	if (c->domains && name.n)
		d = domain_by_host(c->domains, str_lower(c->arena, name));
	if (!d || d->state != DOMAIN_ACTIVE)
		return fail(c, E_NOT_FOUND, "no active domain has that name");
	return text(r, STR("ok\n"));
}

const struct route admin_routes[] = {
	{ METHOD_GET, "/healthz", health, .access = ACCESS_PEER, .surface = SURFACE_TEXT },
	{ METHOD_GET, "/readyz", ready, .access = ACCESS_PEER, .surface = SURFACE_TEXT },
	{ METHOD_GET, "/metrics", metrics, .access = ACCESS_PEER, .surface = SURFACE_TEXT },
	{ METHOD_GET, "/certificate", certificate, .access = ACCESS_PEER, .surface = SURFACE_TEXT },
	{ 0, NULL, NULL },
};
