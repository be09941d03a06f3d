/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* throttle: counted attempts in a window, shared by all servers of the installation. */
#ifndef MODEL_THROTTLE_H
#define MODEL_THROTTLE_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

/* Counts one hit of what (hashed) for the purpose; E_LIMITED with a message when there were more than
 * limit in the window. */
int throttle_hit(struct ctx *c, const char *purpose, str what, int limit, usec window) must_check;
/* Counts one hit and says how many there were in the window, and when it ends. */
int throttle_count(struct ctx *c, const char *purpose, str what, usec window, int64_t *ret_hits,
		   usec *ret_resets) must_check;
void throttle_forget(struct ctx *c, const char *purpose, str what);

/* What stands for a network address where attempts are counted: the address, or its network of IPv6. */
str throttle_network(struct ctx *c, str address);

#endif
