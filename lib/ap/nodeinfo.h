/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* NodeInfo, asking: what software a server runs (NodeInfo protocol 2.1). Display only. */
#ifndef AP_NODEINFO_H
#define AP_NODEINFO_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

#define NODEINFO_LIMIT (64 * 1024) /* bytes of an answer */

struct nodeinfo {
	str software; /* name, lower case */
	str version;
	str name; /* metadata.nodeName; may be absent */
	str json; /* the document, compact */
};

/*
 * Asks a host (with :port when it is not the default) over https, or http when plain says so and
 * it has an explicit port. The document must be on the host that was asked. E_NOT_FOUND when it
 * has none that we can read; E_LATER, E_REFUSED as fetch().
 */
int nodeinfo_find(struct ctx *c, str host, bool plain, struct nodeinfo *ret) must_check;

#endif
