/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: no script and no other site gets at the cookie, and over plain http it goes only where
 * the tenant itself is plain http, in development.
 */
#include "server/web/cookie.h"

#include "model/device.h"
#include "model/domain.h"

static str write(struct ctx *c, const char *name, str value, usec age)
{
	bool is_secure = str_starts(c->domain->origin, STR("https:"));

	return str_fmt(c->arena, "%s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s", name,
		       STR_ARG(value), (long long)(age / USEC_SEC), is_secure ? "; Secure" : "");
}

static void set(struct ctx *c, str value, usec age, struct response *r)
{
	r->cookie = write(c, "session", value, age);
}

int cookie_set_device(struct ctx *c, str email, struct response *r)
{
	str device;

	TRY(device_make(c, email, &device));
	r->device = write(c, "device", device, DEVICE_LIFETIME);
	return 0;
}

void cookie_set(struct ctx *c, str value, struct response *r)
{
	set(c, value, SESSION_LIFETIME, r);
}

void cookie_clear(struct ctx *c, struct response *r)
{
	set(c, STR(""), 0, r);
}

struct session_client cookie_client(const struct request *q)
{
	return (struct session_client){ .address = q->address,
					.user_agent = request_header(q, "user-agent"),
					.device = request_cookie(q, "device") };
}
