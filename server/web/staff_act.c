/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The form that decides about somebody: from the case of a report, or from their page. */
#include "model/instance.h"
#include "model/moderation.h"
#include "model/strike.h"
#include "server/web/form.h"
#include "server/web/people_page.h"
#include "server/web/staff.h"

static bool is_among(i64s ids, int64_t id)
{
	for (size_t i = 0; i < ids.n; i++)
		if (ids.p[i] == id)
			return true;
	return false;
}

static int fill_rules(struct ctx *c, i64s chosen, struct staff_act_view *act)
{
	const struct rule_row *rules;
	struct option_view *options;

	TRY(rules_list(c, &rules, &act->n_rules));
	options = arena_array(c->arena, act->n_rules + 1, sizeof(*options));
	for (size_t i = 0; i < act->n_rules; i++)
		options[i] = (struct option_view){
			.id = rules[i].id,
			.text = rules[i].text,
			.chosen = is_among(chosen, rules[i].id),
		};
	act->rules = options;
	return 0;
}

static int fill_templates(struct ctx *c, struct staff_act_view *act)
{
	const struct warning_template_row *rows;
	struct option_view *options;

	TRY(warning_templates_list(c, &rows, &act->n_templates));
	options = arena_array(c->arena, act->n_templates + 1, sizeof(*options));
	for (size_t i = 0; i < act->n_templates; i++)
		options[i] = (struct option_view){
			.id = rows[i].id,
			.text = rows[i].title,
			.chosen = rows[i].id == act->template_id,
		};
	act->templates = options;
	return 0;
}

int staff_act_fill(struct ctx *c, const struct request *q, struct staff_act_view *act)
{
	bool sent = q->method == METHOD_POST;

	act->action = sent ? form_line(c, q, "action") : STR("none");
	act->text = sent ? form_text(c, q, "text") : STR("");
	act->template_id = sent ? form_id(q, "template") : 0;
	TRY(fill_rules(c, sent ? staff_form_ids(c, q, "rule") : (i64s){ NULL, 0 }, act));
	return fill_templates(c, act);
}

/* What they are told: the template's text, then what was typed. */
static int text_of(struct ctx *c, const struct request *q, str *ret)
{
	str typed = str_trim(form_text(c, q, "text"));
	int64_t id = form_id(q, "template");
	const struct warning_template_row *rows;
	size_t n;

	*ret = typed;
	if (!id)
		return 0;
	TRY(warning_templates_list(c, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == id) {
			*ret = typed.n ? str_fmt(c->arena, "%.*s\n\n%.*s", STR_ARG(rows[i].text),
						 STR_ARG(typed))
				       : rows[i].text;
			return 0;
		}
	return fail_at(c, "template", fail(c, E_UNPROCESSABLE, "this template is gone"));
}

int staff_act_do(struct ctx *c, const struct request *q, int64_t identity_id, int64_t report_id,
		 i64s posts)
{
	struct moderation_act act = {
		.identity_id = identity_id,
		.action = form_line(c, q, "action"),
		.report_id = report_id,
		.rule_ids = staff_form_ids(c, q, "rule"),
		.post_ids = posts,
	};

	TRY(text_of(c, q, &act.text));
	return moderation_act(c, &act);
}
