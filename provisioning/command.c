/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: what help, completion and the parser know of a command stands in its table and nowhere else. */
#include "provisioning/command.h"

#include <assert.h>
#include <string.h>

#include "base/table.h"

const struct command *const cli_tables[] = {
	cli_domain,   cli_user,	  cli_identity,	    cli_invite,	     cli_policy,
	cli_instance, cli_emoji,  cli_announcement, cli_stator,	     cli_operator,
	cli_media,    cli_mail,	  cli_update,	    cli_maintenance, cli_webhook,
	cli_console,  cli_backup, cli_account,	    cli_block,	     cli_logs,
	cli_support,  cli_notify, cli_secret,	    cli_house,	     NULL,
};

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

const struct command *cli_find(const char *noun, const char *verb)
{
	for (const struct command *const *table = cli_tables; *table; table++)
		for (const struct command *each = *table; each->noun; each++)
			if (same(each->noun, noun) && (!each->verb || same(each->verb, verb)))
				return each;
	return NULL;
}

bool cli_is_noun(const char *noun)
{
	for (const struct command *const *table = cli_tables; *table; table++)
		for (const struct command *each = *table; each->noun; each++)
			if (same(each->noun, noun))
				return true;
	return false;
}

static size_t option_index(const struct command *command, str name)
{
	size_t i = 0;

	while (command->options && command->options[i].name &&
	       !str_eq_c(name, command->options[i].name))
		i++;
	return i;
}

/* One option, whose value may be the next word. Says how many words it took. */
static int parse_option(struct call *call, int left, char **words, int *ret_taken, str *ret_message)
{
	str word = str_from(str_c(words[0]), 2),
	    name = str_slice(word, 0, str_find_char(word, '=', 0));
	size_t i = option_index(call->command, name);
	const struct option *option = call->command->options ? &call->command->options[i] : NULL;
	bool has_value = name.n < word.n;

	if (!option || !option->name) {
		*ret_message = str_fmt(call->arena, "there is no option --%.*s", STR_ARG(name));
		return E_INVALID;
	}
	if (option->value ? !has_value && left < 2 : has_value) {
		*ret_message = str_fmt(call->arena, "--%s takes %s", option->name,
				       option->value ? option->value : "no value");
		return E_INVALID;
	}
	*ret_taken = option->value && !has_value ? 2 : 1;
	call->values[i] = STR("");
	if (option->value)
		call->values[i] = has_value ? str_from(word, name.n + 1) : str_c(words[1]);
	return 0;
}

static int check_arguments(struct call *call, size_t n, str *ret_message)
{
	const char *const *names = call->command->arguments;
	size_t most = 0;

	while (most < ARGUMENTS_LIMIT && names[most])
		most++;
	if (n > most) {
		*ret_message = str_fmt(call->arena, "%zu arguments are too many", n);
		return E_INVALID;
	}
	if (n < most && names[n][0] != '[') {
		*ret_message = str_fmt(call->arena, "%s is missing", names[n]);
		return E_INVALID;
	}
	return 0;
}

int cli_parse(struct call *call, int argc, char **argv, str *ret_message)
{
	bool ended = false;
	size_t n = 0;

	for (int i = 0; i < argc;) {
		int taken = 1;

		if (!ended && strcmp(argv[i], "--") == 0)
			ended = true;
		else if (!ended && strncmp(argv[i], "--", 2) == 0)
			TRY(parse_option(call, argc - i, argv + i, &taken, ret_message));
		else if (n < ARGUMENTS_LIMIT)
			call->args[n++] = str_c(argv[i]);
		else
			n++;
		i += taken;
	}
	return check_arguments(call, n, ret_message);
}

str cli_option(const struct call *call, const char *name)
{
	size_t i = option_index(call->command, str_c(name));

	assert(call->command->options && call->command->options[i].name);
	return call->values[i];
}

bool cli_is_set(const struct call *call, const char *name)
{
	return !str_is_null(cli_option(call, name));
}

int cli_number(const struct call *call, const char *name, int64_t fallback, int64_t *ret)
{
	str value = cli_option(call, name);
	int64_t n = fallback;

	if (!str_is_null(value) && (!str_to_i64(value, &n) || n < 0))
		return fail(call->c, E_INVALID, "--%s takes a number", name);
	*ret = n;
	return 0;
}

enum exit_status cli_status(int err)
{
	switch (err) {
	case E_OK:
		return STATUS_OK;
	case E_INVALID:
		return STATUS_USAGE;
	case E_NOT_FOUND:
	case E_GONE:
		return STATUS_NOT_FOUND;
	case E_CONFLICT:
		return STATUS_CONFLICT;
	case E_LATER:
	case E_LIMITED:
		return STATUS_LATER;
	default:
		return STATUS_FAILED;
	}
}
