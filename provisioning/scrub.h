/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * scrub: takes out of texts what tells of people. Two means, and the stricter one wherever it does: lines of logs keep
 * the members that a list allows; other texts lose what looks like an address, a name or a secret, and all names of
 * tenants.
 */
#ifndef PROVISIONING_SCRUB_H
#define PROVISIONING_SCRUB_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "json/json.h"
#include "json/write.h"

/* A text of ours that may quote others. */
str scrub_text(struct ctx *c, str text);
/* A line of our logs; the null str for one that is none. */
str scrub_line(struct ctx *c, str line);
/* A whole document, each of its strings; key as of json_put_str. */
void scrub_document(struct ctx *c, struct json_out *w, const char *key, const struct json *j);

#endif
