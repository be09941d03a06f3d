/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Complaints about somebody, perhaps with one of their posts, to the staff of the community. */
#include "model/report.h"

#include "base/id.h"
#include "model/identity.h"
#include "model/instance.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/handlers.h"
#include "server/web/people_page.h"
#include "server/web/text.h"
#include "server/web/views.h"
#include "templates.h"

#define RULES 50 /* that one complaint names */

static bool is_chosen(i64s ids, int64_t id)
{
	for (size_t i = 0; i < ids.n; i++)
		if (ids.p[i] == id)
			return true;
	return false;
}

static int fill_rules(struct ctx *c, i64s chosen, struct report_page *page)
{
	const struct rule_row *rules;
	struct option_view *options;
	size_t n;

	TRY(rules_list(c, &rules, &n));
	options = arena_array(c->arena, n + 1, sizeof(*options));
	for (size_t i = 0; i < n; i++)
		options[i] = (struct option_view){
			.id = rules[i].id,
			.text = rules[i].text,
			.chosen = is_chosen(chosen, rules[i].id),
		};
	page->rules = options;
	page->n_rules = n;
	return 0;
}

/* A post that is gone, or not theirs, is left out. */
static int fill_post(struct ctx *c, int64_t id, struct report_page *page)
{
	struct post_view *view = arena_new_of(c->arena, struct post_view);
	int result = id ? view_post(c, id, view) : E_NOT_FOUND;

	if (result < 0)
		return result;
	if (result == 0 && view->author.id == page->person.id)
		page->post = view;
	return 0;
}

static int respond(struct ctx *c, const struct request *q, const struct identity_row *i,
		   int64_t post_id, i64s rules, struct report_page *page, struct response *r)
{
	page->person = view_person(c, i);
	TRY(fill_post(c, post_id, page));
	TRY(fill_rules(c, rules, page));
	TRY(frame_load(c, q, MENU_NONE, r, &page->frame));
	page->frame.title = text_with(c, TEXT_REPORT_HEADING, page->person.name);
	return RESPOND(c, tpl_report, page, r);
}

static int subject_of(struct ctx *c, const struct request *q, const struct identity_row **ret)
{
	TRY(person_of_path(c, q->args[0], ret));
	return (*ret)->id == c->identity_id ? fail(c, E_FORBIDDEN, "this is yourself") : 0;
}

int web_report(struct ctx *c, struct request *q, struct response *r)
{
	struct report_page page = {
		.category = STR("other"),
		.with_post = true,
		.done = !str_is_null(request_query(q, "done")),
	};
	const struct identity_row *i;
	int64_t post_id;

	TRY(subject_of(c, q, &i));
	if (!id_parse(request_query(q, "post"), &post_id))
		post_id = 0;
	return respond(c, q, i, post_id, (i64s){ NULL, 0 }, &page, r);
}

static i64s read_rules(struct ctx *c, const struct request *q)
{
	int64_t *ids = arena_array(c->arena, RULES, sizeof(*ids));
	str name, value;
	size_t n = 0;

	for (size_t i = 0; n < RULES && request_form_at(q, i, &name, &value); i++)
		if (str_eq(name, STR("rule")) && id_parse(value, &ids[n]))
			n++;
	return (i64s){ ids, n };
}

int web_report_send(struct ctx *c, struct request *q, struct response *r)
{
	int64_t post_id = form_id(q, "post");
	struct report_page page = {
		.category = form_line(c, q, "category"),
		.with_post = form_ticked(q, "with_post"),
		.comment = form_text(c, q, "comment"),
		.forward = form_ticked(q, "forward"),
	};
	struct report_draft draft = {
		.rule_ids = read_rules(c, q),
		.comment = page.comment,
		.category = page.category,
		.forward = page.forward,
	};
	const struct identity_row *i;
	const struct report_row *made;
	int err;

	TRY(subject_of(c, q, &i));
	draft.subject_id = i->id;
	if (page.with_post && post_id)
		draft.post_ids = (i64s){ &post_id, 1 };
	err = report_create(c, &draft, &made);
	if (err == E_UNPROCESSABLE || err == E_INVALID || err == E_LIMITED) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond(c, q, i, post_id, draft.rule_ids, &page, r);
	}
	TRY(err);
	return go_to(str_cat(c->arena, view_person(c, i).path, STR("report/?done=1")), r);
}
