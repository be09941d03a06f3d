/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * vouch: how often the proxy may try for a certificate of one name. An authority locks a name out after a few failures
 * (Let's Encrypt: five in an hour), and visitors of a name whose DNS is wrong would use them up as fast as they come.
 */
#ifndef SERVER_VOUCH_H
#define SERVER_VOUCH_H

#include "base/clock.h"
#include "base/ctx.h"
#include "base/str.h"

/* How long until the proxy may try for this name (lower case); 0: it may now, and that is counted. */
usec vouch_ask(struct ctx *c, str name);
/* The same without counting. */
usec vouch_look(struct ctx *c, str name);
/* A request came by TLS for this name, so it has a certificate: what was counted is forgotten. */
void vouch_forget(struct ctx *c, str name);

#endif
