/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: every beginning and end is in the audit log of the installation. */
#include "model/maintenance.h"

#include "model/audit.h"
#include "sql/gen/maintenance.h"

#define WAIT_LEAST USEC_MINUTE
#define WAIT_USUAL (10 * USEC_MINUTE)
#define WAIT_MOST USEC_DAY

int maintenance_load(struct ctx *c, struct maintenance *ret)
{
	const struct maintenance_row *rows;
	size_t n;

	TRY(q_maintenance_get(c, &rows, &n));
	*ret = (struct maintenance){ 0 };
	if (n)
		*ret = (struct maintenance){
			.on = true,
			.message = rows[0].message,
			.until = rows[0].until,
			.since = rows[0].since,
		};
	return 0;
}

int maintenance_begin(struct ctx *c, str message, usec until)
{
	if (!str_is_utf8(message) || str_chars(message) > MAINTENANCE_MESSAGE)
		return fail(c, E_INVALID, "a message has at most %d characters",
			    MAINTENANCE_MESSAGE);
	if (until && until <= c->now)
		return fail(c, E_INVALID, "that moment has passed");
	TRY(q_maintenance_begin(c, message, until, NULL));
	return audit_add(c, "maintenance.begin", STR("host"), STR(""));
}

int maintenance_end(struct ctx *c)
{
	size_t n;

	TRY(q_maintenance_end(c, &n));
	return n ? audit_add(c, "maintenance.end", STR("host"), STR(""))
		 : fail(c, E_CONFLICT, "there is no maintenance");
}

usec maintenance_wait(const struct maintenance *m, usec now)
{
	usec left = m->until - now;

	if (!m->until)
		return WAIT_USUAL;
	return left < WAIT_LEAST ? WAIT_LEAST : left > WAIT_MOST ? WAIT_MOST : left;
}
