/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a password in a connection string reaches other programs in a file, never by their arguments. */
#include "db/service.h"

#include <errno.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/out.h"

#define SERVICE_LIMIT 16384

static bool put(const PQconninfoOption *p, struct out *o)
{
	if (strpbrk(p->val, "\r\n"))
		return false;
	out_fmt(o, "%s=%s\n", p->keyword, p->val);
	return true;
}

int db_service(struct arena *a, const char *name, const char *conninfo, str *ret)
{
	PQconninfoOption *parsed = PQconninfoParse(conninfo, NULL);
	bool well = parsed != NULL;
	struct out o;

	out_init(&o, a, SERVICE_LIMIT);
	out_fmt(&o, "[%s]\n", name);
	for (PQconninfoOption *p = parsed; well && p->keyword; p++)
		if (p->val && *p->val)
			well = put(p, &o);
	PQconninfoFree(parsed);
	return well ? out_done(&o, ret) : -EINVAL;
}

bool db_has_password(const char *conninfo)
{
	PQconninfoOption *parsed = PQconninfoParse(conninfo, NULL);
	bool has = false;

	for (PQconninfoOption *p = parsed; p && p->keyword; p++)
		has = has || (strcmp(p->keyword, "password") == 0 && p->val && *p->val);
	PQconninfoFree(parsed);
	return has;
}
