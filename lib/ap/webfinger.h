/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * WebFinger, asking (RFC 7033; host-meta RFC 6415). What comes back is confirmed by the host of the
 * handle; whether the actor agrees is for the caller to ask of the actor's own document.
 */
#ifndef AP_WEBFINGER_H
#define AP_WEBFINGER_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

#define WEBFINGER_LIMIT (64 * 1024) /* bytes of an answer */

struct webfinger {
	str name, host; /* of the subject: the canonical handle */
	str self; /* URI of the actor */
	str page; /* for people; may be absent */
	str subscribe; /* template with {uri} for following from elsewhere; may be absent */
};

/*
 * Asks host for acct:name@host over https, or over http when plain says so (a development setting,
 * and only for a host with an explicit port). Falls back to the template in host-meta when there
 * is nothing at the usual place. E_NOT_FOUND when the host knows no such actor or answers with
 * something else than a JRD; E_REMOTE for a subject that is no handle or is on another host that
 * does not say the same; E_INVALID for a name or host that is none; E_LATER, E_REFUSED as fetch().
 */
int webfinger_find(struct ctx *c, str name, str host, bool plain, struct webfinger *ret) must_check;

#endif
