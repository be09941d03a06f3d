/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * maintenance: the installation rests. Tenants answer 503 with a page that says so, nothing is sent or processed, and the
 * console and the commands work. It is a row of the database, so it survives every restart; all processes have it in
 * their snapshot of tenants (domain.h) and are told at once. It ends when the operator says so: until is what people
 * are told, and nothing begins by itself while somebody is still at work.
 */
#ifndef MODEL_MAINTENANCE_H
#define MODEL_MAINTENANCE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct maintenance {
	bool on;
	str message; /* the operator's; empty: none */
	usec until; /* when it is expected to end; 0: nobody knows */
	usec since;
};

#define MAINTENANCE_MESSAGE 500 /* characters */

/* As the database has it. */
int maintenance_load(struct ctx *c, struct maintenance *ret) must_check;
/* With the host role. E_INVALID for a message that is too long, or a moment that has passed. */
int maintenance_begin(struct ctx *c, str message, usec until) must_check;
/* E_CONFLICT when there is none. */
int maintenance_end(struct ctx *c) must_check;

/* How long whoever asks may wait before they ask again. */
usec maintenance_wait(const struct maintenance *m, usec now);

#endif
