/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What concerns the installation: migrate, schema, doctor, status, help, completion. */
#include <stdio.h>

#include "db/migrate.h"
#include "model/program.h"
#include "provisioning/answer.h"
#include "provisioning/check.h"
#include "provisioning/command.h"
#include "provisioning/doctor.h"
#include "provisioning/status.h"

#define TEXT_LIMIT 65536

struct progress {
	struct json_out *answer;
};

static void say(void *arg, const struct migration *m)
{
	struct progress *p = arg;

	fprintf(stderr, "rookery: %04lld %s\n", (long long)m->version, m->name);
	json_put_c(p->answer, NULL, m->name);
}

/* Of a blocking connection of its own, so that it works on a database without anything. */
static const char *conninfo_of(const struct call *call)
{
	const struct program *p = call->program;

	return str_z(call->arena, str_fmt(call->arena, "user=%s target_session_attrs=read-write %s",
					  p->role, p->settings.database));
}

/* What has to happen before the rest is taken away. */
static const char *next_of(const struct migrate_result *done)
{
	if (done->sessions)
		return "programs of an older version are still connected: update their machines,"
		       " then: rookery migrate --contract";
	if (done->kept)
		return "what a version needs that may be gone back to stays, as --keep asks for";
	return "when this version has proved itself: rookery migrate --contract";
}

static int migrate(struct call *call)
{
	const char *conninfo = conninfo_of(call);
	struct progress progress = { .answer = call->answer };
	struct migrate_options o = {
		.contract = cli_is_set(call, "contract"),
		.progress = say,
		.arg = &progress,
	};
	struct migrate_result done;
	struct schema s;

	TRY(cli_number(call, "keep", 0, &o.keep));
	json_open_array(call->answer, "applied");
	TRY(migrate_apply(call->c, conninfo, &o, &done));
	json_close_array(call->answer);
	TRY(migrate_read(call->c, conninfo, &s));
	json_put_i64(call->answer, "version", s.version);
	json_put_i64(call->answer, "waiting", (int64_t)done.waiting);
	if (done.sessions)
		json_put_i64(call->answer, "sessions", done.sessions);
	if (done.waiting)
		json_put_c(call->answer, "next", next_of(&done));
	return 0;
}

/* The first member needs no database. */
static int schema(struct call *call)
{
	struct schema s;
	int result = migrate_read(call->c, conninfo_of(call), &s);

	json_put_i64(call->answer, "known", migrate_newest());
	json_put_str(call->answer, "database",
		     result ? str_trim(ctx_error(call->c, result)) : STR("ready"));
	call->unwell = result != 0;
	if (result)
		return 0;
	json_put_i64(call->answer, "version", s.version);
	json_put_i64(call->answer, "oldest", s.oldest);
	return 0;
}

static void print_text(const struct json *answer, struct out *o)
{
	out_str(o, json_get_str(answer, "text"));
}

/* "domain" or "domain add"; what there is none of is said, since no list is an answer to that. */
static int help(struct call *call)
{
	const char *noun = call->args[0].p, *verb = call->args[1].p;
	struct out o;

	if ((noun && !cli_is_noun(noun)) || (verb && !cli_find(noun, verb)))
		return E_NOT_FOUND;
	out_init(&o, call->arena, TEXT_LIMIT);
	cli_help(noun, verb, &o);
	json_put_str(call->answer, "text", out_view(&o));
	return 0;
}

static int completion(struct call *call)
{
	struct out o;

	out_init(&o, call->arena, TEXT_LIMIT);
	cli_completion(&o);
	json_put_str(call->answer, "text", out_view(&o));
	return 0;
}

static const struct option migrate_options[] = {
	{ "contract", NULL,
	  "takes away what only older programs needed as well: they cannot be gone back to after that" },
	{ "keep", "SCHEMA",
	  "but leaves what programs need that know the schema up to this number" },
	{ NULL, NULL, NULL },
};

static const struct option doctor_options[] = {
	{ "local", NULL,
	  "only what these programs need on this machine, not what the world or the work does" },
	{ NULL, NULL, NULL },
};

static const struct option status_options[] = {
	{ "screen", NULL,
	  "What the machine's own screen shows: addresses, services, what is missing, what comes next." },
	{ NULL, NULL, NULL },
};

static int status(struct call *call)
{
	return cli_is_set(call, "screen") ? screen_show(call) : status_run(call);
}

/* Only the screen says what comes next. */
static void print_status(const struct json *answer, struct out *o)
{
	if (json_get(answer, "next"))
		screen_print(answer, o);
	else
		answer_print(answer, o);
}

const struct command cli_house[] = {
	{ "migrate",
	  NULL,
	  { NULL },
	  "Brings the database to the version of these programs.",
	  migrate_options,
	  NEED_SETTINGS,
	  "rookery_owner",
	  migrate,
	  NULL },
	{ "schema",
	  NULL,
	  { NULL },
	  "Says which schema these programs know, which the database has, and which they need to know at least.",
	  NULL,
	  NEED_SETTINGS,
	  NULL,
	  schema,
	  NULL },
	{ "doctor",
	  NULL,
	  { NULL },
	  "Looks at the whole installation and says what to mend.",
	  doctor_options,
	  NEED_SETTINGS,
	  NULL,
	  doctor_run,
	  check_print },
	{ "status",
	  NULL,
	  { NULL },
	  "Shows how the installation does, on one screen.",
	  status_options,
	  NEED_SETTINGS,
	  NULL,
	  status,
	  print_status },
	{ "completion",
	  "bash",
	  { NULL },
	  "Prints the script that completes command lines.",
	  NULL,
	  NEED_NOTHING,
	  NULL,
	  completion,
	  print_text },
	{ "help",
	  NULL,
	  { "[NOUN]", "[VERB]" },
	  "Shows the commands, those of a noun, or one with its options.",
	  NULL,
	  NEED_NOTHING,
	  NULL,
	  help,
	  print_text },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
