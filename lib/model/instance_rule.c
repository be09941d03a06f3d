/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: rules and terms are the ctx's tenant's own, and every change of them is written down. */
#include "model/audit.h"
#include "model/domain.h"
#include "model/instance.h"
#include "model/preference.h"

#define TERMS_LIMIT 50000 /* characters */

static int write_down(struct ctx *c, const char *action, int64_t id)
{
	return audit_add_on(c, c->domain_id, action, str_fmt(c->arena, "%lld", (long long)id),
			    STR(""));
}

static int check_rule(struct ctx *c, str text, str hint)
{
	if (!str_is_utf8(text) || !str_is_utf8(hint) || text.n == 0 ||
	    str_chars(text) > RULE_LIMIT || str_chars(hint) > RULE_HINT_LIMIT)
		return fail_at(c, "text",
			       fail(c, E_INVALID,
				    "a rule has 1 to %d characters, what is meant by it at most %d",
				    RULE_LIMIT, RULE_HINT_LIMIT));
	return 0;
}

int rules_list(struct ctx *c, const struct rule_row **ret, size_t *ret_n)
{
	return q_rule_list(c, c->domain_id, ret, ret_n);
}

int rule_add(struct ctx *c, str text, str hint, const struct rule_row **ret)
{
	const struct rule_row *rules;
	size_t n;

	text = str_trim(text);
	TRY(check_rule(c, text, hint));
	TRY(rules_list(c, &rules, &n));
	if (n >= RULES_LIMIT)
		return fail_at(c, "text",
			       fail(c, E_INVALID, "there are %d rules already", RULES_LIMIT));
	TRY(q_rule_add(c, c->domain_id, text, hint, ret));
	return write_down(c, "rule.add", (*ret)->id);
}

static int no_rule(struct ctx *c, int64_t id)
{
	return fail(c, E_NOT_FOUND, "there is no rule %lld here", (long long)id);
}

int rule_change(struct ctx *c, int64_t id, str text, str hint)
{
	size_t n;

	text = str_trim(text);
	TRY(check_rule(c, text, hint));
	TRY(q_rule_change(c, text, hint, id, c->domain_id, &n));
	return n ? write_down(c, "rule.change", id) : no_rule(c, id);
}

int rule_move(struct ctx *c, int64_t id, bool up)
{
	const struct rule_row *rules;
	int64_t *ids;
	size_t n, at, to;

	TRY(rules_list(c, &rules, &n));
	ids = arena_array(c->arena, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rules[i].id;
	for (at = 0; at < n && ids[at] != id; at++)
		;
	if (at == n)
		return no_rule(c, id);
	to = up ? at - 1 : at + 1;
	if (to >= n)
		return 0;
	ids[at] = ids[to];
	ids[to] = id;
	TRY(q_rule_order(c, (i64s){ ids, n }, c->domain_id, NULL));
	return write_down(c, "rule.move", id);
}

int rule_translations(struct ctx *c, const struct rule_translation_row **ret, size_t *ret_n)
{
	return q_rule_translations(c, c->domain_id, ret, ret_n);
}

int rule_translate(struct ctx *c, int64_t id, str language, str text, str hint)
{
	struct q_rule_translate_args args = {
		.language = language,
		.text = str_trim(text),
		.hint = hint,
		.rule_id = id,
		.domain_id = c->domain_id,
	};
	size_t n;

	if (!language_is_valid(language))
		return fail_at(c, "language", fail(c, E_INVALID, "that is no language"));
	if (args.text.n == 0)
		TRY(q_rule_untranslate(c, id, c->domain_id, language, &n));
	else {
		TRY(check_rule(c, args.text, hint));
		TRY(q_rule_translate(c, &args, &n));
	}
	return n ? write_down(c, "rule.translate", id) : no_rule(c, id);
}

int rule_remove(struct ctx *c, int64_t id)
{
	size_t n;

	TRY(q_rule_remove(c, id, c->domain_id, &n));
	return n ? write_down(c, "rule.remove", id) : no_rule(c, id);
}

/* A day as the database can read it; whether the month has it is the database's to say. */
static bool is_day(str day)
{
	static const char form[] = "dddd-dd-dd";

	if (day.n != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < day.n; i++)
		if (form[i] == 'd' ? !char_is_digit(day.p[i]) : day.p[i] != form[i])
			return false;
	return true;
}

int terms_get(struct ctx *c, str day, const struct terms_row **ret)
{
	int result;

	if (!is_day(day))
		return fail_at(c, "day", fail(c, E_INVALID, "a day looks like 2026-11-23"));
	result = q_terms_by_date(c, c->domain_id, day, ret);
	return result == E_NOT_FOUND ? fail(c, result, "there are no terms of that day") : result;
}

int terms_current(struct ctx *c, const struct terms_row **ret)
{
	int result = q_terms_current(c, c->domain_id, ret);

	return result == E_NOT_FOUND ? fail(c, result, "there are no terms") : result;
}

int terms_list(struct ctx *c, const struct terms_row **ret, size_t *ret_n)
{
	return q_terms_list(c, c->domain_id, ret, ret_n);
}

int terms_set(struct ctx *c, str day, str text)
{
	size_t n = 1;

	if (!is_day(day))
		return fail_at(c, "day", fail(c, E_INVALID, "a day looks like 2026-11-23"));
	if (!str_is_utf8(text))
		return fail_at(c, "text", fail(c, E_INVALID, "the text is not UTF-8"));
	if (str_chars(text) > TERMS_LIMIT)
		return fail_at(c, "text",
			       fail(c, E_INVALID, "it has at most %d characters", TERMS_LIMIT));
	if (str_is_empty(str_trim(text)))
		TRY(q_terms_remove(c, c->domain_id, day, &n));
	else
		TRY(q_terms_set(c, c->domain_id, day, text, &n));
	if (!n)
		return fail(c, E_NOT_FOUND, "there are no terms of that day");
	return audit_add_on(c, c->domain_id, "terms.set", day, STR(""));
}
