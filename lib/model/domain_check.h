/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* domain_check: what another server would find of a tenant, and what to do when it is not well. */
#ifndef MODEL_DOMAIN_CHECK_H
#define MODEL_DOMAIN_CHECK_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct finding {
	const char *check; /* what was looked at */
	str subject; /* a domain, a URL; may be empty */
	bool well;
	str says;
	const char *advice; /* NULL when well */
	bool minor; /* something that one can live with: told, but nothing fails by it */
};

typedef void (*finding_fn)(void *arg, const struct finding *f);

/*
 * Looks at the ctx's tenant as another server would: names, WebFinger, host-meta, NodeInfo, actor, inbox. username: the
 * identity that is asked for; null: the oldest, else the system actor. What fails is a finding and no error.
 */
int domain_check(struct ctx *c, str username, finding_fn put, void *arg) must_check;

#endif
