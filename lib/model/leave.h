/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* leave: somebody deletes their own account. */
#ifndef MODEL_LEAVE_H
#define MODEL_LEAVE_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

/*
 * The acting identity goes for good, with all that it wrote; nobody can act as it from now on, and the stator tells
 * others (Delete). name is its user name, typed to show that it is meant: else E_INVALID. E_UNAUTHORIZED for a wrong
 * password, E_LIMITED after many.
 */
int leave(struct ctx *c, str name, str password) must_check;

#endif
