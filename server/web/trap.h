/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* trap: what programs that fill in every form fall into, and people do not meet. */
#ifndef SERVER_WEB_TRAP_H
#define SERVER_WEB_TRAP_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/str.h"
#include "server/http.h"

#define TRAP_FIELD "website" /* hidden from people */

/* The moment, signed: what a form carries that was just shown. */
str trap_stamp(struct ctx *c);
/* The stamp that a form brought, when it is ours; else a new one. */
str trap_keep(struct ctx *c, const struct request *q);
/* A form that was filled in faster than people can, or that was never shown. */
bool trap_is_quick(struct ctx *c, const struct request *q);
/* Somebody filled in what nobody sees. */
bool trap_is_sprung(const struct request *q);

#endif
