/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the runner and the handlers of the state machines agree on. A handler is straight-line code
 * in a fiber; it may be killed at any instruction and is then run again by another worker, so it is
 * idempotent. Its ctx is bound to the row's tenant.
 */
#ifndef STATOR_HANDLER_H
#define STATOR_HANDLER_H

#include <stdint.h>

#include "base/ctx.h"
#include "model/graph.h"

struct job {
	int64_t id;
	int64_t domain_id; /* 0: none */
	int64_t lane;
	str state;
	usec state_changed;
	int64_t trace; /* of what made the row; 0: unknown */
	int64_t attempts; /* without progress, before this one */
};

/*
 * 0 with *ret_next set: that state follows. 0 with *ret_next NULL: not yet, try again by the schedule, or at
 * *ret_at (Unix time) when that is set. -EAGAIN: nothing is known to have been tried, so it does not count as
 * an attempt and comes again within seconds. Anything else: an error, kept in state_error, tried again by the
 * schedule when it is transient; a condition that is not is tried again all the same, at the ceiling.
 */
typedef int (*job_fn)(struct ctx *c, const struct job *j, const char **ret_next, usec *ret_at);

struct state_handler {
	const char *state;
	job_fn fn;
};

struct machine {
	const struct graph *graph;
	const struct state_handler *handlers; /* ended by a NULL state */
	unsigned share; /* of the worker's slots when all types have work */
	bool frees; /* its work makes room on the disk: it goes on when that is nearly full */
};

extern const struct machine domain_machine, server_machine, identity_machine, follow_machine,
	block_machine, post_machine, interaction_machine, hashtag_machine, delivery_machine,
	inbox_machine, attachment_machine, media_file_machine, push_machine, poll_machine,
	quote_machine, consent_machine, scheduled_machine, thread_machine, card_machine,
	webhook_machine, mail_machine, import_machine, import_row_machine, move_machine,
	featuring_machine, archive_machine;

#endif
