/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* letter_limit: how often anybody can have letters sent to an address that may be another's. */
#ifndef MODEL_LETTER_LIMIT_H
#define MODEL_LETTER_LIMIT_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/session.h"

/* Counts a letter to an address; false: none is sent, and nobody is told, for that would tell of others. */
int letter_may_go(struct ctx *c, str address, bool *ret) must_check;
/* Counts a request for one; E_LIMITED. */
int letter_ask(struct ctx *c, const struct session_client *client) must_check;

#endif
