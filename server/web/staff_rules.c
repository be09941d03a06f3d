/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The community's rules: worded, put into their order, and said in other languages. */
#include "model/instance.h"
#include "server/web/form.h"
#include "server/web/frame.h"
#include "server/web/staff.h"
#include "server/web/staff_admin_page.h"
#include "templates.h"

static int respond(struct ctx *c, const struct request *q, struct staff_rules_page *page,
		   struct response *r)
{
	TRY(rules_list(c, &page->rules, &page->n_rules));
	TRY(staff_frame(c, q, SECTION_RULES, r, &page->staff));
	return RESPOND(c, tpl_staff_rules, page, r);
}

int staff_rules(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_rules_page page = { 0 };

	return respond(c, q, &page, r);
}

int staff_rules_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_rules_page page = {
		.text = form_line(c, q, "text"),
		.hint = form_text(c, q, "hint"),
	};
	int64_t up = form_id(q, "up"), down = form_id(q, "down");
	const struct rule_row *made;
	int err;

	if (up || down) {
		TRY(rule_move(c, up ? up : down, up));
		return staff_done(c, STR("/staff/rules/"), "saved", r);
	}
	err = rule_add(c, page.text, page.hint, &made);
	if (err == E_INVALID) {
		page.error = form_error(c, err);
		r->status = form_status(err);
		return respond(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, STR("/staff/rules/"), "added", r);
}

static int find(struct ctx *c, int64_t id, const struct rule_row **ret)
{
	const struct rule_row *rules;
	size_t n;

	TRY(rules_list(c, &rules, &n));
	for (size_t i = 0; i < n; i++)
		if (rules[i].id == id) {
			*ret = &rules[i];
			return 0;
		}
	return fail(c, E_NOT_FOUND, "there is no such rule");
}

static int fill_translations(struct ctx *c, struct staff_rule_page *page)
{
	const struct rule_translation_row *all;
	struct rule_translation_row *own;
	size_t n;

	TRY(rule_translations(c, &all, &n));
	own = arena_array(c->arena, n + 1, sizeof(*own));
	for (size_t i = 0; i < n; i++)
		if (all[i].rule_id == page->id)
			own[page->n_translations++] = all[i];
	page->translations = own;
	return 0;
}

static int respond_one(struct ctx *c, const struct request *q, struct staff_rule_page *page,
		       struct response *r)
{
	TRY(fill_translations(c, page));
	TRY(staff_frame(c, q, SECTION_RULES, r, &page->staff));
	return RESPOND(c, tpl_staff_rule, page, r);
}

int staff_rule(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_rule_page page = { 0 };
	const struct rule_row *rule;

	TRY(staff_path_id(c, q, 0, &page.id));
	TRY(find(c, page.id, &rule));
	page.text = rule->text;
	page.hint = rule->hint;
	return respond_one(c, q, &page, r);
}

/* One form words the rule, another says it in a language; an empty text takes that away. */
static int save(struct ctx *c, const struct request *q, struct staff_rule_page *page)
{
	int err;

	if (form_ticked(q, "translate")) {
		page->language = form_line(c, q, "language");
		page->language_text = form_line(c, q, "text");
		page->language_hint = form_text(c, q, "hint");
		err = rule_translate(c, page->id, page->language, page->language_text,
				     page->language_hint);
		if (err == E_INVALID)
			page->language_error = wrong_in(STR("new-"), form_error(c, err));
		return err;
	}
	page->text = form_line(c, q, "text");
	page->hint = form_text(c, q, "hint");
	err = rule_change(c, page->id, page->text, page->hint);
	if (err == E_INVALID)
		page->error = form_error(c, err);
	return err;
}

int staff_rule_send(struct ctx *c, struct request *q, struct response *r)
{
	struct staff_rule_page page = { 0 };
	const struct rule_row *rule;
	int err;

	TRY(staff_path_id(c, q, 0, &page.id));
	TRY(find(c, page.id, &rule));
	page.text = rule->text;
	page.hint = rule->hint;
	if (form_ticked(q, "delete")) {
		TRY(rule_remove(c, page.id));
		return staff_done(c, STR("/staff/rules/"), "removed", r);
	}
	err = save(c, q, &page);
	if (err == E_INVALID) {
		r->status = form_status(err);
		return respond_one(c, q, &page, r);
	}
	TRY(err);
	return staff_done(c, str_fmt(c->arena, "/staff/rules/%lld/", (long long)page.id), "saved",
			  r);
}
