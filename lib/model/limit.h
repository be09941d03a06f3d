/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* limit: which servers a tenant or the host blocks or limits; subdomains are meant as well. */
#ifndef MODEL_LIMIT_H
#define MODEL_LIMIT_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/limit.h"

enum limit_severity { LIMIT_NONE, LIMIT_LIMIT, LIMIT_BLOCK };

/* The effective severity for a host on the ctx's tenant (0: the floor alone). */
int limit_of_host(struct ctx *c, str host, enum limit_severity *ret) must_check;
/* The same for the host of a URI. */
int limit_of_uri(struct ctx *c, str uri, enum limit_severity *ret) must_check;
/* Whether the ctx's tenant, or the host, does not hear complaints from the host of a URI. */
int limit_rejects_reports(struct ctx *c, str uri, bool *ret) must_check;
/* What the ctx's tenant's staff decided about an identity; nothing without a tenant. */
int identity_limits_get(struct ctx *c, int64_t identity_id,
			struct identity_limits_row *ret) must_check;
/* Takes the tenants out of a set that block the host of a URI. */
int limit_drop_blocking(struct ctx *c, str uri, i64s *domains) must_check;

#endif
