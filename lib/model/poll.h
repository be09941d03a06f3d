/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * poll: questions with answers to choose from. Its id is that of its post. Votes are interactions;
 * the counts of a local poll are made from these, those of a remote one are what its server says.
 */
#ifndef MODEL_POLL_H
#define MODEL_POLL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "json/write.h"
#include "model/graph.h"
#include "sql/gen/poll.h"

struct ap_poll;
struct identity_row;
struct post_row;

extern const struct graph poll_graph;

#define POLL_OPTION_LIMIT 4
#define POLL_OPTION_CHARACTERS 50
#define POLL_SHORTEST (5 * USEC_MINUTE)
#define POLL_LONGEST (2629746 * USEC_SEC) /* a month */

struct poll_draft {
	strs options; /* two at least, no two alike */
	usec duration; /* from when it is published */
	bool multiple;
	bool hide_totals; /* while it is open */
};
/* E_UNPROCESSABLE with what is wrong. */
int poll_check(struct ctx *c, const struct poll_draft *d) must_check;
/* As member "poll", in the words of the client API's parameters. */
void poll_draft_put(struct json_out *w, const struct poll_draft *d);
/* In the transaction that writes or edits the post. Options that change void all votes. */
int poll_write(struct ctx *c, int64_t post_id, const struct poll_draft *d) must_check;
int poll_rewrite(struct ctx *c, int64_t post_id, const struct poll_draft *d) must_check;
/* What a remote server says of its poll, in the transaction that stores the post. */
int poll_store(struct ctx *c, int64_t post_id, const struct ap_poll *poll) must_check;

bool poll_is_over(const struct ctx *c, const struct poll_row *p);

/*
 * The acting identity votes, once, for these options (places from 0). E_UNPROCESSABLE when it is
 * over, the identity's own, voted already, or a choice is none.
 */
int poll_vote(struct ctx *c, const struct post_row *post, i64s choices) must_check;
/* A remote identity votes for one option. What does not count is dropped: E_UNPROCESSABLE. */
int poll_vote_received(struct ctx *c, const struct identity_row *actor, const struct post_row *post,
		       str option, str uri) must_check;

#endif
