/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The work of stators: how it stands, and what an operator can do with it. */
#include "base/id.h"
#include "model/graph.h"
#include "model/queue.h"
#include "server/web/console.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/text.h"
#include "templates.h"

#define STATES_LIMIT 256
#define ROWS_LIMIT 50

static size_t count_types(void)
{
	size_t n = 0;

	while (graphs[n])
		n++;
	return n;
}

static const struct work_type_view *types_of(struct ctx *c, const struct pause_row *pauses,
					     size_t n)
{
	struct work_type_view *types = arena_array(c->arena, count_types() + 1, sizeof(*types));

	for (size_t i = 0; graphs[i]; i++)
		types[i] = (struct work_type_view){ graphs[i]->type,
						    queue_is_paused(pauses, n,
								    &(struct queue_part){
									    str_c(graphs[i]->type),
									    STR(""), STR("") }) };
	return types;
}

static int add_states(struct ctx *c, const char *type, const struct pause_row *pauses,
		      size_t n_pauses, struct work_view *states, size_t *n)
{
	const struct stator_tally_row *rows;
	size_t n_rows;

	TRY(q_stator_count(c, str_c(type), &rows, &n_rows));
	for (size_t i = 0; i < n_rows && *n < STATES_LIMIT; i++)
		states[(*n)++] = (struct work_view){
			type, &rows[i],
			queue_is_paused(pauses, n_pauses,
					&(struct queue_part){ str_c(type), rows[i].state, STR("") })
		};
	return 0;
}

/* A state that is paused is shown, empty or not. */
static void add_empty(struct ctx *c, const struct pause_row *pauses, size_t n_pauses,
		      struct work_view *states, size_t *n)
{
	for (size_t i = 0; i < n_pauses && *n < STATES_LIMIT; i++) {
		struct stator_tally_row *none = arena_new_of(c->arena, struct stator_tally_row);
		bool is_there = !pauses[i].state.n || pauses[i].domain.n;

		for (size_t k = 0; k < *n; k++)
			is_there |= str_eq_c(pauses[i].type, states[k].type) &&
				    str_eq(pauses[i].state, states[k].tally->state);
		*none = (struct stator_tally_row){ .state = pauses[i].state };
		if (!is_there)
			states[(*n)++] =
				(struct work_view){ str_z(c->arena, pauses[i].type), none, true };
	}
}

static int respond_work(struct ctx *c, const struct request *q, struct console_work_page *page,
			struct response *r)
{
	struct work_view *states = arena_array(c->arena, STATES_LIMIT, sizeof(*states));
	const struct pause_row *pauses;
	size_t n;

	TRY(queue_pauses(c, &pauses, &n));
	TRY(q_stator_worker_list(c, &page->workers, &page->n_workers));
	for (const struct graph *const *g = graphs; *g; g++)
		TRY(add_states(c, (*g)->type, pauses, n, states, &page->n_states));
	add_empty(c, pauses, n, states, &page->n_states);
	page->states = states;
	page->types = types_of(c, pauses, n);
	page->n_types = count_types();
	page->pauses = pauses;
	page->n_pauses = n;
	console_frame(c, q, CONSOLE_WORK, &page->console);
	return RESPOND(c, tpl_console_work, page, r);
}

int console_work(struct ctx *c, struct request *q, struct response *r)
{
	struct console_work_page page = { 0 };

	return respond_work(c, q, &page, r);
}

static int act(struct ctx *c, const struct request *q)
{
	str what = form_line(c, q, "do");
	const struct queue_part part = { form_line(c, q, "type"), form_line(c, q, "state"),
					 form_line(c, q, "tenant") };
	int64_t id = form_id(q, "id"), n;

	if (str_eq(what, STR("pause")))
		return queue_pause(c, &part);
	if (str_eq(what, STR("resume")))
		return queue_resume(c, &part);
	if (str_eq(what, STR("retry")))
		return id ? queue_retry_one(c, part.type, id) : queue_retry(c, &part, &n);
	if (str_eq(what, STR("drop")))
		return queue_drop(c, &part, NULL, &n);
	if (str_eq(what, STR("drop_one")))
		return queue_drop_one(c, part.type, part.state, id);
	return fail(c, E_INVALID, "this form does nothing");
}

int console_work_send(struct ctx *c, struct request *q, struct response *r)
{
	struct console_work_page page = { 0 };
	int err = act(c, q);

	if (err == 0)
		return console_done(c, STR("/work/"), r);
	if (!console_is_typed_wrong(err))
		return err;
	page.error = console_problem(c, err, r);
	return respond_work(c, q, &page, r);
}

/* The rows of a type, and where one of them stands. */

static int list_tenants(struct ctx *c, struct console_explain_page *page)
{
	const struct stator_tenant_row *rows;
	struct work_tenant_view *views;
	const struct pause_row *pauses;
	size_t n;

	TRY(queue_pauses(c, &pauses, &n));
	TRY(q_stator_tenants(c, page->type, &rows, &page->n_tenants));
	views = arena_array(c->arena, page->n_tenants + 1, sizeof(*views));
	for (size_t i = 0; i < page->n_tenants; i++) {
		const struct queue_part part = { page->type, rows[i].state, rows[i].domain };

		views[i] = (struct work_tenant_view){
			&rows[i], part.tenant.n && queue_is_paused(pauses, n, &part)
		};
	}
	page->tenants = views;
	return 0;
}

static int list_rows(struct ctx *c, struct console_explain_page *page)
{
	const struct queue_view view = {
		.part = { page->type, page->state, page->tenant },
		.failing = page->failing,
		.limit = ROWS_LIMIT,
	};

	return queue_list(c, &view, &page->rows, &page->n_rows);
}

static int stand(struct ctx *c, struct console_explain_page *page)
{
	const struct graph_state *s;
	const struct graph *g;
	int64_t id;

	TRY(queue_graph(c, page->type, &g));
	TRY(list_tenants(c, page));
	if (!page->id.n)
		return list_rows(c, page);
	if (!id_parse(page->id, &id))
		return fail(c, E_INVALID, "an id is a number");
	TRY(queue_explain(c, page->type, id, &page->standing));
	TRY(queue_next(c, page->type, page->standing, &page->next));
	s = graph_state_of(g, page->standing->state);
	page->edges = s ? s->next : NULL;
	while (page->edges && page->edges[page->n_edges])
		page->n_edges++;
	page->timeout_to = s ? s->timeout_to : NULL;
	return 0;
}

static str asked(const struct request *q, const char *name)
{
	str value = request_query(q, name);

	return str_is_null(value) ? STR("") : str_trim(value);
}

int console_explain(struct ctx *c, struct request *q, struct response *r)
{
	struct console_explain_page page = {
		.type = asked(q, "type"),
		.id = asked(q, "id"),
		.state = asked(q, "state"),
		.tenant = asked(q, "tenant"),
		.failing = asked(q, "failing").n > 0,
	};
	int err = page.type.n ? stand(c, &page) : 0;

	if (err && !console_is_typed_wrong(err))
		return err;
	if (err)
		page.error = console_problem(c, err, r);
	page.types = types_of(c, NULL, 0);
	page.n_types = count_types();
	console_frame(c, q, CONSOLE_WORK, &page.console);
	page.console.frame.title = text_in(c, TEXT_CONSOLE_EXPLAIN);
	return RESPOND(c, tpl_console_explain, &page, r);
}
