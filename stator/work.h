/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the parts of the runner share: runner.c decides what to claim, job.c runs it, result.c writes
 * it down, house.c does what is due by the clock. Nothing outside of the runner includes this.
 */
#ifndef STATOR_WORK_H
#define STATOR_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "model/program.h"
#include "stator/runner.h"

#define LEASE (2 * USEC_MINUTE)
#define LEASE_RENEWAL (30 * USEC_SEC)
#define SWEEP (5 * USEC_SEC) /* a lost notification costs no more */
#define CLAIM_PAUSE \
	(5 * USEC_MSEC) /* from claim to claim while there is work: fewer and larger ones */
#define WRITE_PAUSE (3 * USEC_MSEC) /* likewise before results are written */
#define PAUSE (2 * USEC_SEC) /* before a row comes again whose attempt did not count */
#define REST USEC_MINUTE /* before a row comes again whose tenant is not served */
#define ERROR_LIMIT 300 /* bytes of state_error */

/* One claimed row, from claim to result. */
struct task {
	struct task *next, **at; /* in the group's bucket */
	struct task *queue_next; /* in its host's queue */
	struct group *group;
	struct host *host; /* of a delivery; else NULL */
	const struct graph_state *state;
	job_fn fn;
	struct job job;
	usec started; /* monotonic; 0: still queued */
	bool rests; /* its tenant is not served */
};

/* A remote server that deliveries go to: slow start, then a few at once. */
struct host {
	struct host *next; /* in the table's bucket */
	struct host *turn_next; /* in the line of those that may start one */
	int64_t id;
	unsigned running, held; /* held: queued and running */
	bool proven; /* the last exchange worked */
	bool passed_over; /* a claim left rows of its behind, because it held enough */
	bool in_turn;
	struct task *first, *last; /* queue */
};
#define HOST_BUCKETS 1024

enum outcome {
	OUTCOME_DONE, /* an attempt came to an end */
	OUTCOME_PAUSE, /* nothing is known to have been tried: again in a moment */
	OUTCOME_REST, /* likewise, but not soon */
	OUTCOME_BACK, /* nothing was tried: anybody's, at once */
};

/* A result that waits to be written. */
struct result {
	int64_t id;
	usec claimed; /* when the state that was worked on had begun */
	enum outcome outcome;
	str state; /* empty: stays */
	usec next;
	str error;
};

struct tally {
	int64_t handled, failed;
	usec busy;
};
#define STATE_LIMIT 16
#define TASK_BUCKET_BITS 8
#define TASK_BUCKETS (1 << TASK_BUCKET_BITS)

/* One type of object at work. */
struct group {
	const struct machine *machine;
	struct runner *runner;
	struct task *tasks[TASK_BUCKETS]; /* by id */
	size_t held, running;
	int64_t after; /* last lane of the last claim: round-robin */
	bool maybe; /* something may be due */
	bool more; /* the last claim took as much as it might */
	usec claimed; /* monotonic: when that was */
	bool strays; /* rows may be ours without a task */
	size_t unwritten; /* results on their way to the database */
	bool stuck; /* results could not be written: rows of ours may look due and are not */
	struct fiber *writer; /* writes the results; woken when there are some */
	struct arena *arena; /* of results not written yet */
	struct result *results;
	size_t n_results, room;
	struct tally tallies[STATE_LIMIT]; /* by place of the state in the graph */
};

struct runner {
	struct runner_options options;
	struct group *groups;
	size_t n_groups;
	struct host *hosts[HOST_BUCKETS];
	struct host *turn_first, *turn_last; /* hosts that may start a task, in turn */
	struct fiber *fiber; /* of runner_run */
	struct fiber *keeper; /* of house_keeper */
	size_t helpers; /* fibers beside it that have not ended */
	size_t writing; /* results on their way to the database */
	struct runner_numbers numbers;
	int64_t told_fetches[6]; /* exchanges with others, as last told to the database */
	int64_t told; /* handled, as last told to the database */
	int64_t swept; /* handled, when --once last asked all types */
	usec next_sweep; /* monotonic, like the next */
	usec drain_until;
	bool hurry; /* a disk is fuller, or less full, than at the last look */
	bool stopping, ended;
};

/* A ctx in no tenant; ctx_done gives back what it holds. */
static inline void runner_ctx(struct runner *r, struct ctx *c)
{
	ctx_open(c, r->options.program, r->options.doors);
}

/* job.c */
int task_start(struct group *g, const struct job *j) must_check;
void task_end(struct task *t);
/* Ids of all rows that tasks are for. */
i64s tasks_held(const struct group *g, struct arena *a);
struct host *host_of(struct runner *r, int64_t id);
/* Ids of the hosts that hold as much as they may; what is due for them is noted to be passed over. */
i64s hosts_busy(struct runner *r, struct arena *a);
/* Gives back what waits in the queues of hosts. */
void queues_drop(struct runner *r);

/* result.c */
void result_add(struct task *t, int err, const char *next, usec at, str error);
/* Nothing was done with the task's row: it is given back. */
void result_back(struct task *t, enum outcome outcome);
/* Runs beside the runner: writes what is there, in batches. */
void result_writer(void *group);

/* house.c */
/* Time-outs and deletions that are due: at the start, then by the clock. */
void house_expire(struct runner *r);
void house_keeper(void *runner);

#endif
