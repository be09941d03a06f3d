/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The runner claims rows that are due, runs their handlers in fibers, and writes down what happened.
 * If it dies, nothing is lost: the rows are the truth and their leases end.
 */
#ifndef STATOR_RUNNER_H
#define STATOR_RUNNER_H

#include <stdbool.h>

#include "base/attr.h"
#include "stator/handler.h"

struct program;
struct doors;
struct runner;

struct runner_options {
	const struct program *program;
	const struct doors *doors;
	const struct machine *const *machines; /* NULL-ended */
	const char *worker; /* unique among running stators */
	bool once; /* end when nothing is due */
};

int runner_new(const struct runner_options *o, struct runner **ret) must_check;
void runner_free(struct runner *r);

/* In a fiber: works until runner_stop, or with once until nothing is due; returns when all that was begun is
 * written down. The result is that of the last claim. */
int runner_run(struct runner *r) must_check;

/* From the loop: claims no more and gives back what was not begun; runner_run returns after the present jobs, at
 * most RUNNER_DRAIN later. Jobs that run even then (runner_numbers) use the doors and are nobody's any more:
 * the process has to end without closing them. */
/* From the watch of disks: what makes room is looked at again. */
void runner_disk_changed(struct runner *r);
void runner_stop(struct runner *r);
#define RUNNER_DRAIN (20 * USEC_SEC)

/* From the loop: rows of this type fell due ("": perhaps of any). */
void runner_wake(struct runner *r, str type);

/* Numbers for the metrics endpoint and the status line. */
struct runner_numbers {
	size_t running, queued;
	int64_t handled, failed;
};
struct runner_numbers runner_numbers(const struct runner *r);

#endif
