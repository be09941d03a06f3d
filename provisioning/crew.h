/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crew: the same thing for many, several at a time. Invariant: whoever has called crew_wait works alone again.
 */
#ifndef PROVISIONING_CREW_H
#define PROVISIONING_CREW_H

#include "base/attr.h"
#include "base/ctx.h"
#include "loop/fiber.h"

/* One piece of work, in a fiber and with a ctx of its own, which has the doors of the crew's. */
typedef int (*crew_work)(struct ctx *c, void *arg);

struct crew {
	struct ctx *c; /* the first failure is said here */
	crew_work work;
	struct slots hands;
	unsigned n;
	int result; /* of the first that failed */
};

void crew_init(struct crew *w, struct ctx *c, crew_work work, unsigned hands);
/* Begins it when a hand is free. Not after a failure: its result is given back. */
int crew_do(struct crew *w, void *arg) must_check;
/* All are done: the result of the first that failed, with its words. */
int crew_wait(struct crew *w) must_check;

#endif
