/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a graph that passes graph_check can be run: exactly one way in, every state reachable,
 * every automatic state has a schedule, every edge leads to a declared state.
 */
#include "model/graph.h"

#include <string.h>

#include "model/activity.h"
#include "model/archive.h"
#include "model/block.h"
#include "model/card.h"
#include "model/consent.h"
#include "model/domain.h"
#include "model/featured_collection.h"
#include "model/follow.h"
#include "model/hashtag.h"
#include "model/identity.h"
#include "model/import.h"
#include "model/inbox.h"
#include "model/interaction.h"
#include "model/mail.h"
#include "model/media.h"
#include "model/move.h"
#include "model/poll.h"
#include "model/post.h"
#include "model/push.h"
#include "model/quote.h"
#include "model/scheduled.h"
#include "model/server.h"
#include "model/thread.h"
#include "model/webhook.h"

#define JITTER 0.1
#define STATE_LIMIT 32 /* bits of the reachability set */

const struct graph *const graphs[] = {
	&domain_graph,	    &server_graph,     &identity_graph,
	&follow_graph,	    &block_graph,      &post_graph,
	&interaction_graph, &hashtag_graph,    &delivery_graph,
	&inbox_graph,	    &attachment_graph, &media_file_graph,
	&push_graph,	    &poll_graph,       &quote_graph,
	&consent_graph,	    &scheduled_graph,  &thread_graph,
	&card_graph,	    &webhook_graph,    &mail_graph,
	&import_graph,	    &import_row_graph, &move_graph,
	&featuring_graph,   &archive_graph,    NULL,
};

const struct graph *graph_of_type(str type)
{
	for (const struct graph *const *g = graphs; *g; g++)
		if (str_eq_c(type, (*g)->type))
			return *g;
	return NULL;
}

const struct graph_state *graph_state_of(const struct graph *g, str name)
{
	for (size_t i = 0; i < g->n_states; i++)
		if (str_eq_c(name, g->states[i].name))
			return &g->states[i];
	return NULL;
}

static bool is_terminal(const struct graph_state *s)
{
	return !s->next && !s->timeout_to;
}

static bool follows(const struct graph_state *s, const char *to)
{
	if (s->timeout_to && strcmp(s->timeout_to, to) == 0)
		return true;
	for (const char *const *next = s->next; next && *next; next++)
		if (strcmp(*next, to) == 0)
			return true;
	return false;
}

bool graph_allows(const struct graph *g, str from, str to)
{
	const struct graph_state *s = graph_state_of(g, from);
	const struct graph_state *t = graph_state_of(g, to);

	return s && t && follows(s, t->name);
}

static const char *state_check(const struct graph *g, const struct graph_state *s)
{
	for (const char *const *next = s->next; next && *next; next++)
		if (!graph_state_of(g, str_c(*next)))
			return "an edge leads to no declared state";
	if (s->timeout_to && (!s->timeout || !graph_state_of(g, str_c(s->timeout_to))))
		return "a time-out leads nowhere";
	if (is_terminal(s) || s->external)
		return s->first ? "a terminal or external state has a schedule" : NULL;
	if (s->first <= 0 || s->growth < 1 || s->ceiling < s->first)
		return "an automatic state has no usable schedule";
	if (s->delete_after)
		return "an automatic state is deleted";
	return NULL;
}

/* Everything that can be reached from the initial state, as a bit set. */
static unsigned reachable(const struct graph *g, size_t start)
{
	unsigned set = 1u << start, before = 0;

	while (set != before) {
		before = set;
		for (size_t i = 0; i < g->n_states; i++)
			for (size_t to = 0; to < g->n_states; to++)
				if ((set & 1u << i) && follows(&g->states[i], g->states[to].name))
					set |= 1u << to;
	}
	return set;
}

const char *graph_check(const struct graph *g)
{
	size_t initial = 0, count = 0;

	if (g->n_states == 0 || g->n_states >= STATE_LIMIT)
		return "a graph has no states or too many";
	for (size_t i = 0; i < g->n_states; i++) {
		const char *wrong = state_check(g, &g->states[i]);

		if (wrong)
			return wrong;
		if (g->states[i].initial) {
			initial = i;
			count++;
		}
	}
	if (count != 1)
		return "a graph needs exactly one initial state";
	if (reachable(g, initial) != (1u << g->n_states) - 1)
		return "a state cannot be reached";
	return NULL;
}

usec graph_delay(const struct graph_state *s, int attempts, double random)
{
	double delay = (double)s->first;

	for (int i = 0; i < attempts && delay < (double)s->ceiling; i++)
		delay *= s->growth;
	if (delay > (double)s->ceiling)
		delay = (double)s->ceiling;
	return (usec)(delay * (1 - JITTER + 2 * JITTER * random));
}

void graph_draw(const struct graph *g, struct out *o)
{
	out_c(o, "stateDiagram-v2\n");
	for (size_t i = 0; i < g->n_states; i++) {
		const struct graph_state *s = &g->states[i];

		if (s->initial)
			out_fmt(o, "    [*] --> %s\n", s->name);
		for (const char *const *next = s->next; next && *next; next++)
			out_fmt(o, "    %s --> %s\n", s->name, *next);
		if (s->timeout_to)
			out_fmt(o, "    %s --> %s : after %lld s\n", s->name, s->timeout_to,
				(long long)(s->timeout / USEC_SEC));
		if (s->delete_after)
			out_fmt(o, "    %s --> [*] : after %lld s\n", s->name,
				(long long)(s->delete_after / USEC_SEC));
	}
}
