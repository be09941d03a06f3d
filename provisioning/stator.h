/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* stator: what other commands show of stators and their work. */
#ifndef PROVISIONING_STATOR_H
#define PROVISIONING_STATOR_H

#include "base/attr.h"
#include "provisioning/command.h"
#include "sql/gen/stator.h"

/* It gave a sign of life lately. */
bool stator_is_alive(const struct ctx *c, const struct stator_worker_row *worker);
/* How many do. */
int stators_alive(struct ctx *c, size_t *ret) must_check;

/* The member "paused" of an answer: what rests. */
int stator_put_pauses(struct call *call) must_check;

#endif
