/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Hands that are taken and given back: when all are free, nobody works. */
#include "provisioning/crew.h"

#include "loop/loop.h"

struct piece {
	struct crew *crew;
	void *arg;
};

void crew_init(struct crew *w, struct ctx *c, crew_work work, unsigned hands)
{
	*w = (struct crew){ .c = c, .work = work, .n = hands };
	slots_init(&w->hands, hands);
}

static void note(struct crew *w, int result, struct ctx *c)
{
	if (result && !w->result)
		w->result = fail(w->c, result, "%.*s", STR_ARG(ctx_error(c, result)));
}

static void run(void *arg)
{
	struct piece *p = arg;
	struct crew *w = p->crew;
	cleanup(arena_freep) struct arena *a = arena_new();
	struct ctx c;

	ctx_init(&c, a);
	c.settings = w->c->settings;
	c.fetch = w->c->fetch;
	c.media = w->c->media;
	note(w, w->work(&c, p->arg), &c);
	slots_give(&w->hands);
}

int crew_do(struct crew *w, void *arg)
{
	struct piece *p = arena_new_of(w->c->arena, struct piece);
	int result;

	TRY(slots_take(&w->hands, 0));
	result = w->result;
	*p = (struct piece){ w, arg };
	if (!result)
		result = fiber_spawn(loop_current(), run, p);
	if (result)
		slots_give(&w->hands);
	return result;
}

int crew_wait(struct crew *w)
{
	for (unsigned i = 0; i < w->n; i++)
		TRY(slots_take(&w->hands, 0));
	for (unsigned i = 0; i < w->n; i++)
		slots_give(&w->hands);
	return w->result;
}
