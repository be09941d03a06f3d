/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * help: a tenant's administrator lets the host's operators act on the tenant for a while. Without that they have no way
 * in. A helper acts as the tenant's system actor, on the pages of its staff alone.
 */
#ifndef MODEL_HELP_H
#define MODEL_HELP_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/help.h"

#define HELP_MOST 168 /* hours */

/* On the ctx's tenant: the live consent (E_NOT_FOUND: there is none), giving one ("moderator" or "admin"), taking it
 * back, which ends what helpers do at once. */
int help_get(struct ctx *c, const struct help_consent_row **ret) must_check;
int help_allow(struct ctx *c, str role, int64_t hours) must_check;
int help_revoke(struct ctx *c) must_check;
/* Who came to help, the latest first. */
int help_visits(struct ctx *c, const struct help_visit_row **ret, size_t *ret_n) must_check;

struct domain;
/* The ctx's user, an operator of that name, comes to help, as the host role: *ret_url leads in, once. E_FORBIDDEN
 * without a consent. */
int help_enter(struct ctx *c, const struct domain *d, str name, str *ret_url) must_check;

#endif
