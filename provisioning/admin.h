/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* admin: asks the private socket of a running server, which lib/fetch rightly cannot reach. */
#ifndef PROVISIONING_ADMIN_H
#define PROVISIONING_ADMIN_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

/* GETs a path at "host:port", "[v6]:port", ":port", "/path" or "@abstract". E_LATER when nothing answers. */
int admin_get(struct ctx *c, const char *address, const char *path, int *ret_status) must_check;
/* Whether somebody takes a connection there. E_LATER. */
int admin_reach(struct ctx *c, const char *address) must_check;

#endif
