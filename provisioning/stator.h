/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* stator: what other commands show of the work of stators. */
#ifndef PROVISIONING_STATOR_H
#define PROVISIONING_STATOR_H

#include "base/attr.h"
#include "provisioning/command.h"

/* The member "paused" of an answer: what rests. */
int stator_put_pauses(struct call *call) must_check;

#endif
