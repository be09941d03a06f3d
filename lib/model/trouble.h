/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trouble: a letter to the operators about something of the installation that failed. It is queued as all letters are, and
 * sent at once by who queues it, because what failed may be what sends them; a stator sends what is left.
 */
#ifndef MODEL_TROUBLE_H
#define MODEL_TROUBLE_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct trouble {
	str name; /* "unit: how", the same when the same fails again */
	str text; /* what it said; nothing private */
};

/* How many letters there are about it, of which so many went; an operator gets one a day of each name. */
struct trouble_told {
	int queued, sent;
	str error; /* of the last that did not go; null: none */
};

/* In the name of the ctx's tenant, by the host role. */
int trouble_tell(struct ctx *c, const struct trouble *t, struct trouble_told *ret) must_check;

#endif
