/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* card: pages are asked how they describe themselves. */
#include "model/card.h"

#include "stator/handler.h"

/* What cannot be had is no card; a server that is away is asked again. */
static int new (struct ctx *c, const struct job *j, const char **ret_next, unused usec *ret_at)
{
	int result = card_fetch(c, j->id);

	if (result < 0 || result == E_LATER)
		return result;
	*ret_next = result ? "bare" : "shown";
	return 0;
}

static const struct state_handler handlers[] = {
	{ "new", new },
	{ NULL, NULL },
};

const struct machine card_machine = { &card_graph, handlers, 16 };
