/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The commands of rookery: each noun has a file with a table of its verbs. A command writes its answer once,
 * as the members of one JSON object; people see the same object as text (answer.h).
 */
#ifndef PROVISIONING_COMMAND_H
#define PROVISIONING_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/out.h"
#include "base/str.h"
#include "json/json.h"
#include "json/write.h"

struct program;

/* How the program ends; documented in rookery(1). */
enum exit_status {
	STATUS_OK,
	STATUS_FAILED,
	STATUS_USAGE,
	STATUS_NOT_FOUND,
	STATUS_CONFLICT,
	STATUS_LATER,
};

struct option {
	const char *name; /* without dashes */
	const char *value; /* what stands behind '='; NULL: nothing does */
	const char *help;
};

/* What is ready when a command runs. */
enum need {
	NEED_NOTHING, /* no configuration, no loop; c is NULL */
	NEED_LAST_SETTINGS, /* like the next, by the last settings that could be read when those of now cannot */
	NEED_SETTINGS, /* a ctx with the doors, which may not work */
	NEED_DATABASE, /* and the snapshot of tenants */
};

#define OPTIONS_LIMIT 8 /* of one command */
#define ARGUMENTS_LIMIT 4

struct call {
	const struct command *command;
	const struct program *program;
	struct arena *arena;
	struct ctx *c;
	struct json_out *answer; /* inside of its object */
	str args[ARGUMENTS_LIMIT]; /* null: not given */
	str values[OPTIONS_LIMIT]; /* of the command's options in their order; null: not given */
	bool json;
	bool unwell; /* the command did its work and found something wrong: STATUS_FAILED */
};

struct command {
	const char *noun, *verb; /* verb NULL: the noun says it all */
	const char *arguments[ARGUMENTS_LIMIT]; /* names; "[NAME]" may be left out */
	const char *help; /* one sentence */
	const struct option *options; /* ended by a NULL name; NULL: none */
	enum need need;
	const char *role; /* of the database; NULL: rookery_host */
	int (*run)(struct call *call);
	void (*print)(const struct json *answer,
		      struct out *o); /* for people; NULL: the usual way */
};

/* Tables of the nouns, each ended by a NULL noun; and all of them, NULL-ended. */
extern const struct command cli_domain[], cli_user[], cli_identity[], cli_invite[], cli_instance[],
	cli_emoji[], cli_policy[], cli_announcement[], cli_stator[], cli_operator[], cli_media[],
	cli_mail[], cli_update[], cli_maintenance[], cli_webhook[], cli_console[], cli_backup[],
	cli_account[], cli_block[], cli_logs[], cli_support[], cli_notify[], cli_secret[],
	cli_house[];
extern const struct command *const cli_tables[];

/* NULL when there is none. verb may be NULL. */
const struct command *cli_find(const char *noun, const char *verb);
/* Whether any command has this noun. */
bool cli_is_noun(const char *noun);
/* Sorts argv, behind the words that name the command, into the call. E_INVALID and what is wrong in *ret_message. */
int cli_parse(struct call *call, int argc, char **argv, str *ret_message) must_check;

/* The value of an option: null when it was not given, empty when it takes none. */
str cli_option(const struct call *call, const char *name);
bool cli_is_set(const struct call *call, const char *name);
/* The number that an option has, at least 0; fallback when it was not given. E_INVALID. */
int cli_number(const struct call *call, const char *name, int64_t fallback,
	       int64_t *ret) must_check;

/* "rookery domain add NAME [--title=TEXT]". */
void cli_usage(const struct command *command, struct out *o);
/* All commands, those of a noun, or the options of one as well. */
void cli_help(const char *noun, const char *verb, struct out *o);
/* The script that completes command lines in bash. */
void cli_completion(struct out *o);

enum exit_status cli_status(int err);

/* The rows that a list shows at most. */
#define LIST_LIMIT 5000

#endif
