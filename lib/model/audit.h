/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* audit: who did what to whom, append-only. Written in the transaction that does it. */
#ifndef MODEL_AUDIT_H
#define MODEL_AUDIT_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/audit.h"

/*
 * action is noun.verb, subject a handle, a domain or an id, detail a JSON object (empty: nothing more). By the ctx's
 * user (0: the operator) on the ctx's tenant (0: the installation).
 */
int audit_add(struct ctx *c, const char *action, str subject, str detail) must_check;
/* The same on another tenant than the ctx's, as the host role. */
int audit_add_on(struct ctx *c, int64_t domain_id, const char *action, str subject,
		 str detail) must_check;

#endif
