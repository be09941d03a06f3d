/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery domain set, rule and terms: what a community says of itself. */
#include "provisioning/instance.h"

#include <unistd.h>

#include "base/out.h"
#include "model/domain_life.h"
#include "model/instance.h"
#include "provisioning/lookup.h"

#define TEXT_LIMIT (1024 * 1024) /* bytes of standard input */

int cli_read_text(struct ctx *c, str *ret)
{
	char part[4096];
	struct out o;
	ssize_t got;

	out_init(&o, c->arena, TEXT_LIMIT);
	while ((got = read(STDIN_FILENO, part, sizeof(part))) > 0)
		out_str(&o, (str){ part, (size_t)got });
	TRY(out_done(&o, ret));
	*ret = str_trim(*ret);
	return 0;
}

int cli_domain_set(struct call *call)
{
	const struct domain_row *d;
	str value = call->args[2];

	if (str_eq(value, STR("-")))
		TRY(cli_read_text(call->c, &value));
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(instance_set(call->c, call->args[1], value));
	json_put_str(call->answer, "name", d->name);
	json_put_str(call->answer, "setting", call->args[1]);
	json_put_str(call->answer, "value", value);
	return domain_reload(call->c);
}

int cli_domain_settings(struct call *call)
{
	const struct domain_row *d;
	struct json_out *w = call->answer;
	struct instance i;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(instance_load(call->c, &i));
	json_put_str(w, "name", d->name);
	json_open_object(w, "settings");
	json_put_str(w, "title", d->title);
	json_put_str(w, "description", d->description);
	json_put_str(w, "accent", d->accent);
	json_put_str(w, "sign_up", d->sign_up);
	for (size_t k = 0; k < INSTANCE_KEYS; k++)
		json_put_str(w, instance_table[k].name, i.settings[k].value);
	json_close_object(w);
	return 0;
}

static void put_rule(struct json_out *w, const struct rule_row *rule)
{
	json_put_i64(w, "id", rule->id);
	json_put_str(w, "text", rule->text);
	json_put_str(w, "hint", rule->hint);
}

static int add_rule(struct call *call)
{
	const struct domain_row *d;
	const struct rule_row *rule;
	str hint = cli_option(call, "hint");

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(rule_add(call->c, call->args[1], str_is_null(hint) ? STR("") : hint, &rule));
	put_rule(call->answer, rule);
	return 0;
}

static int list_rules(struct call *call)
{
	const struct domain_row *d;
	const struct rule_row *rules;
	size_t n;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(rules_list(call->c, &rules, &n));
	json_open_array(call->answer, "rules");
	for (size_t i = 0; i < n; i++) {
		json_open_object(call->answer, NULL);
		put_rule(call->answer, &rules[i]);
		json_close_object(call->answer);
	}
	json_close_array(call->answer);
	return 0;
}

static int remove_rule(struct call *call)
{
	const struct domain_row *d;
	int64_t id;

	if (!str_to_i64(call->args[1], &id))
		return fail(call->c, E_INVALID, "ID is a number");
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(rule_remove(call->c, id));
	json_put_i64(call->answer, "id", id);
	json_put_bool(call->answer, "removed", true);
	return 0;
}

static int set_terms(struct call *call)
{
	const struct domain_row *d;
	str text;

	TRY(cli_read_text(call->c, &text));
	TRY(lookup_and_bind(call->c, call->args[0], &d));
	TRY(terms_set(call->c, call->args[1], text));
	json_put_str(call->answer, "name", d->name);
	json_put_str(call->answer, "effective", call->args[1]);
	json_put_bool(call->answer, "removed", text.n == 0);
	return 0;
}

static int show_terms(struct call *call)
{
	const struct domain_row *d;
	const struct terms_row *terms;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	if (str_is_null(call->args[1]))
		TRY(terms_current(call->c, &terms));
	else
		TRY(terms_get(call->c, call->args[1], &terms));
	json_put_str(call->answer, "effective", terms->effective);
	json_put_str(call->answer, "text", terms->text);
	json_put_str(call->answer, "succeeded_by", terms->succeeded_by);
	return 0;
}

static const struct option rule_options[] = {
	{ "hint", "TEXT", "what is meant by it" },
	{ NULL, NULL, NULL },
};

#define COMMAND(noun, verb, help, options, run, ...)                                       \
	{                                                                                  \
		noun, verb, { __VA_ARGS__ }, help, options, NEED_DATABASE, NULL, run, NULL \
	}

const struct command cli_instance[] = {
	COMMAND("rule", "add", "Adds a rule behind the others.", rule_options, add_rule, "DOMAIN",
		"TEXT"),
	COMMAND("rule", "list", "Lists the rules of a domain.", NULL, list_rules, "DOMAIN"),
	COMMAND("rule", "remove", "Takes a rule away.", NULL, remove_rule, "DOMAIN", "ID"),
	COMMAND("terms", "set", "Writes the terms that hold from a day on, from standard input.",
		NULL, set_terms, "DOMAIN", "DAY"),
	COMMAND("terms", "show", "Shows the terms of today or of a day.", NULL, show_terms,
		"DOMAIN", "[DAY]"),
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
