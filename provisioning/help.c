/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Help texts and completion, written from the tables of commands. */
#include <string.h>

#include "model/settings.h"
#include "provisioning/command.h"

static const struct option common[] = {
	{ "json", NULL, "the answer as one JSON document" },
	{ "config", "FILE", "read this file instead of " SETTINGS_FILE },
	{ NULL, NULL, NULL },
};

static void put_option(const struct option *option, struct out *o)
{
	out_fmt(o, option->value ? "--%s=%s" : "--%s", option->name, option->value);
}

void cli_usage(const struct command *command, struct out *o)
{
	out_fmt(o, "rookery %s", command->noun);
	if (command->verb)
		out_fmt(o, " %s", command->verb);
	for (size_t i = 0; i < ARGUMENTS_LIMIT && command->arguments[i]; i++)
		out_fmt(o, " %s", command->arguments[i]);
	for (const struct option *each = command->options; each && each->name; each++) {
		out_c(o, " [");
		put_option(each, o);
		out_char(o, ']');
	}
}

static void put_line(const struct command *command, struct out *o)
{
	out_c(o, "  ");
	cli_usage(command, o);
	out_fmt(o, "\n      %s\n", command->help);
}

static void put_options(const struct option *options, struct out *o)
{
	for (const struct option *each = options; each && each->name; each++) {
		out_c(o, "  ");
		put_option(each, o);
		out_fmt(o, "\n      %s\n", each->help);
	}
}

void cli_help(const char *noun, const char *verb, struct out *o)
{
	const struct command *one = verb ? cli_find(noun, verb) : NULL;

	if (one) {
		put_line(one, o);
		if (one->options)
			out_c(o, "\nOptions:\n");
		put_options(one->options, o);
		return;
	}
	out_c(o, "usage: rookery NOUN [VERB] [ARGUMENT ...] [--OPTION ...]\n\nCommands:\n");
	for (const struct command *const *table = cli_tables; *table; table++)
		for (const struct command *each = *table; each->noun; each++)
			if (!noun || strcmp(noun, each->noun) == 0)
				put_line(each, o);
	out_c(o, "\nFor all of them:\n");
	put_options(common, o);
	out_c(o,
	      "  --NAME=VALUE\n      any option of rookery.conf(5)\n"
	      "\nEnds with 0 done, 1 failed, 2 wrong usage, 3 not found, 4 conflict, 5 not now.\n");
}

static void put_option_words(const struct command *command, struct out *o)
{
	for (const struct option *each = command->options; each && each->name; each++)
		out_fmt(o, "--%s%s ", each->name, each->value ? "=" : "");
	out_c(o, "--json");
}

/* The words that may follow in one place, as one branch of the script: verbs, or the options of a noun without. */
static void put_verbs(const char *noun, struct out *o)
{
	out_fmt(o, "\t%s) words=\"", noun);
	for (const struct command *const *table = cli_tables; *table; table++)
		for (const struct command *each = *table; each->noun; each++) {
			if (strcmp(noun, each->noun) != 0)
				continue;
			if (each->verb)
				out_fmt(o, "%s ", each->verb);
			else
				put_option_words(each, o);
		}
	out_c(o, "\" ;;\n");
}

static void put_branch(const struct command *command, struct out *o)
{
	if (command->verb)
		out_fmt(o, "\t\t\"%s %s\") words=\"", command->noun, command->verb);
	else
		out_fmt(o, "\t\t\"%s \"*) words=\"", command->noun);
	put_option_words(command, o);
	out_c(o, "\" ;;\n");
}

/* Calls fn for the first command of each noun. */
static void each_noun(void (*fn)(const char *noun, struct out *o), struct out *o)
{
	for (const struct command *const *table = cli_tables; *table; table++)
		for (const struct command *each = *table; each->noun; each++)
			if (each == *table || strcmp(each[-1].noun, each->noun) != 0)
				fn(each->noun, o);
}

static void put_word(const char *noun, struct out *o)
{
	out_fmt(o, "%s ", noun);
}

void cli_completion(struct out *o)
{
	out_c(o, "_rookery()\n{\n\tlocal words=\"\" word=\"${COMP_WORDS[COMP_CWORD]}\"\n"
		 "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords=\"");
	each_noun(put_word, o);
	out_c(o, "--help --version\"\n\telif [ \"$COMP_CWORD\" -eq 2 ]; then\n"
		 "\t\tcase ${COMP_WORDS[1]} in\n");
	each_noun(put_verbs, o);
	out_c(o, "\t\tesac\n\telse\n\t\tcase \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n");
	for (const struct command *const *table = cli_tables; *table; table++)
		for (const struct command *each = *table; each->noun; each++)
			put_branch(each, o);
	out_c(o, "\t\tesac\n\tfi\n\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
		 "\tif [[ ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi\n}\n"
		 "complete -F _rookery rookery\n");
}
