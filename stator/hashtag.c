/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hashtag: counts the posts of a tag again after some appeared or went. */
#include "model/hashtag.h"

#include "sql/gen/hashtag.h"
#include "stator/handler.h"

static int outdated(struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	TRY(q_hashtag_count(c, j->id, NULL));
	*ret_next = "updated";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "outdated", outdated },
	{ NULL, NULL },
};

const struct machine hashtag_machine = { &hashtag_graph, handlers, 4 };
