/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * graph: the states of a type of object and which may follow which, as const data beside the
 * concept. Handlers belong to the stator, which joins them to the graph by the state's name.
 */
#ifndef MODEL_GRAPH_H
#define MODEL_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/out.h"
#include "base/str.h"

struct graph_state {
	const char *name;
	const char *const *next; /* states that may follow, NULL-ended; NULL: terminal */
	bool initial;
	bool external; /* progressed by other code; no handler, no schedule */
	usec first; /* delay before the second attempt; 0 only when external or terminal */
	double growth; /* factor from attempt to attempt, at least 1 */
	usec ceiling; /* longest delay */
	usec wait; /* delay before the first attempt after entering */
	usec timeout; /* after this long in the state without progress ... */
	const char *timeout_to; /* ... this state follows; counts as an edge */
	usec delete_after; /* terminal and external states: the row is deleted then; 0: never */
};

struct graph {
	const char *type; /* as in stator_types */
	const struct graph_state *states;
	size_t n_states;
};

/* NULL when the graph has no such state. */
const struct graph_state *graph_state_of(const struct graph *g, str name);
/* The edge is declared (a time-out counts). */
bool graph_allows(const struct graph *g, str from, str to);
/* What is wrong with the declaration, or NULL: no or two initial states, a terminal one with a schedule, an
 * automatic one without, an unreachable one, an edge to nowhere. */
const char *graph_check(const struct graph *g);
/* Delay before the next attempt after attempts that failed, with jitter of +-10 % from random 0..1. */
usec graph_delay(const struct graph_state *s, int attempts, double random);
/* A drawing in Mermaid's stateDiagram-v2 language, for the docs. */
void graph_draw(const struct graph *g, struct out *o);

extern const struct graph *const graphs[]; /* all of them, NULL-ended */
const struct graph *graph_of_type(str type);

#endif
