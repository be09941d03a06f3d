/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check: findings about an installation, each with what to do when it is not well. */
#ifndef PROVISIONING_CHECK_H
#define PROVISIONING_CHECK_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/out.h"
#include "base/str.h"
#include "json/json.h"
#include "json/write.h"

struct finding {
	const char *check; /* what was looked at */
	str subject; /* a domain, a URL; may be empty */
	bool well;
	str says;
	const char *advice; /* NULL when well */
};

/* Writes it into the open array and clears *well when it is not. */
void finding_put(struct json_out *w, const struct finding *f, bool *well);

/*
 * Looks at the ctx's tenant as another server would: names, WebFinger, host-meta, NodeInfo, actor, inbox. username: the
 * identity that is asked for; null: the oldest, else the system actor. What fails is a finding and no error.
 */
int check_domain(struct ctx *c, str username, struct json_out *w, bool *well) must_check;

/* Findings for people: one line each, with the advice below. */
void check_print(const struct json *answer, struct out *o);

#endif
