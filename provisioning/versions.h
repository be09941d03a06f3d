/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * versions: which versions of the appliance there are on this machine, as its script wrote it down
 * (image/extra/usr/lib/rookery/update); none elsewhere.
 */
#ifndef PROVISIONING_VERSIONS_H
#define PROVISIONING_VERSIONS_H

#include "base/ctx.h"
#include "base/out.h"
#include "base/str.h"
#include "json/json.h"
#include "json/write.h"

/* Null: there is no such version. */
struct versions {
	str running;
	str next; /* runs from the next start on */
	str left; /* the operator went back from it */
	str failed; /* the machine did */
	str offered; /* may be installed */
};

/* All null where there is no appliance. */
void versions_read(struct ctx *c, struct versions *ret);

/* The object "versions" of an answer, where there is an appliance; and its lines for people. */
void versions_put(const struct versions *v, struct json_out *w);
void versions_print(const struct json *versions, struct out *o);

/* How one finds out what was wrong with a version that failed. */
#define VERSIONS_WHY "journalctl --unit=rookery-healthy --unit=rookery-fall-back"

#endif
