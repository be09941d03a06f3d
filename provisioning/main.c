/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery: the operator's command line. Invariant: with --json standard output gets exactly one JSON document,
 * whatever happens; what is said besides goes to standard error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "db/db.h"
#include "loop/fiber.h"
#include "loop/loop.h"
#include "model/domain.h"
#include "model/domain_life.h"
#include "model/program.h"
#include "provisioning/answer.h"
#include "provisioning/command.h"

#define ANSWER_LIMIT (16 * 1024 * 1024)

struct rookery {
	struct program program;
	struct doors doors;
	struct call call;
	int result;
};

static void print(str text)
{
	fwrite(text.p, 1, text.n, stdout);
	fflush(stdout);
}

/* Says what failed, in the words that people and programs get. */
static enum exit_status complain(const struct call *call, int err, str message)
{
	struct json_out w;
	str text;

	fprintf(stderr, "rookery: %.*s\n", STR_ARG(message));
	if (!call->json)
		return cli_status(err);
	json_out_init(&w, call->arena, ANSWER_LIMIT);
	json_open_object(&w, NULL);
	json_open_object(&w, "error");
	json_put_c(&w, "code", err_name(err));
	json_put_str(&w, "message", message);
	json_close_object(&w);
	json_close_object(&w);
	if (!json_out_done(&w, &text))
		print(str_cat(call->arena, text, STR("\n")));
	return cli_status(err);
}

static enum exit_status usage_error(const struct call *call, str message)
{
	enum exit_status status = complain(call, E_INVALID, message);
	struct out o;

	out_init(&o, call->arena, ANSWER_LIMIT);
	if (call->command)
		cli_usage(call->command, &o);
	else
		out_c(&o, "rookery help");
	fprintf(stderr, "usage: %.*s\n", STR_ARG(out_view(&o)));
	return status;
}

/* The answer as text for people. */
static int as_text(struct call *call, str document, str *ret)
{
	struct ctx plain;
	const struct json *answer;
	struct out o;

	ctx_init(&plain, call->arena);
	TRY(json_parse(call->c ? call->c : &plain, document, &answer));
	out_init(&o, call->arena, ANSWER_LIMIT);
	if (call->command->print)
		call->command->print(answer, &o);
	else
		answer_print(answer, &o);
	return out_done(&o, ret);
}

static int run(struct call *call)
{
	struct json_out w;
	str document, text;

	json_out_init(&w, call->arena, ANSWER_LIMIT);
	json_open_object(&w, NULL);
	call->answer = &w;
	TRY(call->command->run(call));
	json_close_object(&w);
	TRY(json_out_done(&w, &document));
	text = str_cat(call->arena, document, STR("\n"));
	if (!call->json)
		TRY(as_text(call, document, &text));
	print(text);
	return 0;
}

static enum exit_status finish(struct call *call, int result, str message)
{
	if (result)
		return complain(call, result, message);
	return call->unwell ? STATUS_FAILED : STATUS_OK;
}

static void run_fiber(void *arg)
{
	struct rookery *r = arg;
	struct ctx c;
	int result = 0;

	ctx_open(&c, &r->program, &r->doors);
	r->call.c = &c;
	r->call.arena = c.arena;
	if (r->call.command->need == NEED_DATABASE)
		result = domain_reload(&c);
	if (!result)
		result = run(&r->call);
	r->result = (int)finish(&r->call, result, ctx_error(&c, result));
	ctx_done(&c);
	r->call.c = NULL;
	r->call.arena = r->program.arena;
	doors_close(&r->doors);
	loop_stop(r->doors.loop);
}

static int run_in_loop(struct rookery *r)
{
	struct loop *loop;

	TRY(loop_new(&loop));
	TRY(doors_open(&r->program, loop, &r->doors));
	TRY(fiber_spawn(loop, run_fiber, r));
	TRY(loop_run(loop));
	loop_free(loop);
	domain_table_use(NULL);
	return 0;
}

/* Whoever started it, the command that may not stop for a fault in rookery.conf says what is wrong and goes on. */
static int load_settings(struct rookery *r, int *argc, char **argv)
{
	int result = program_load(&r->program, argc, argv);
	const struct command *command = result && *argc > 1 ? cli_find(argv[1], argv[2]) : NULL;

	if (!command || command->need != NEED_LAST_SETTINGS)
		return result;
	return program_load_last(&r->program, argc, argv);
}

/* Options of the configuration may stand anywhere; they are taken out before the words are looked at. */
static int find_command(struct rookery *r, int *argc, char **argv)
{
	struct call *call = &r->call;
	int result;

	call->command = *argc > 1 ? cli_find(argv[1], argv[2]) : NULL;
	if (call->command && call->command->need == NEED_NOTHING)
		return 0;
	result = load_settings(r, argc, argv);
	if (result)
		return result;
	call->command = *argc > 1 ? cli_find(argv[1], argv[2]) : NULL;
	if (call->command)
		return 0;
	if (*argc < 2)
		return (int)usage_error(call, STR("which command?"));
	if (cli_is_noun(argv[1]))
		return (int)usage_error(call, str_fmt(call->arena, "%s what?", argv[1]));
	return (int)usage_error(call, str_fmt(call->arena, "there is no command %s", argv[1]));
}

static int start(struct rookery *r, int argc, char **argv)
{
	struct call *call = &r->call;
	int words, result = find_command(r, &argc, argv);
	str message;

	if (result)
		return result;
	words = call->command->verb ? 3 : 2;
	if (cli_parse(call, argc - words, argv + words, &message))
		return (int)usage_error(call, message);
	if (call->command->need == NEED_NOTHING) {
		result = run(call);
		return (int)finish(call, result, str_c(err_name(result)));
	}
	if (call->command->role)
		r->program.role = call->command->role;
	result = run_in_loop(r);
	return result ? (int)complain(call, result, str_c("the program could not start"))
		      : r->result;
}

static int help(struct arena *a, const char *noun, const char *verb)
{
	struct out o;

	out_init(&o, a, ANSWER_LIMIT);
	cli_help(noun && cli_is_noun(noun) ? noun : NULL, verb, &o);
	print(out_view(&o));
	return STATUS_OK;
}

/* An operator's log-in is given none; a unit leaves them for root (rookery-operator.service). */
static void find_credentials(void)
{
	static const char kept[] = "/run/rookery-operator";

	if (!getenv("CREDENTIALS_DIRECTORY") && access(kept, R_OK | X_OK) == 0)
		setenv("CREDENTIALS_DIRECTORY", kept, 1);
}

int main(int argc, char **argv)
{
	struct rookery r = {
		.program = { .name = "rookery", .role = "rookery_host", .arena = arena_new() },
	};
	bool is_help = program_flag(&argc, argv, "--help");
	int status;

	find_credentials();
	r.call.program = &r.program;
	r.call.arena = r.program.arena;
	r.call.json = program_flag(&argc, argv, "--json");
	if (is_help)
		status = help(r.program.arena, argv[1], argv[1] ? argv[2] : NULL);
	else if (program_flag(&argc, argv, "--version"))
		status = printf("rookery %s\n", ROOKERY_VERSION) < 0;
	else
		status = start(&r, argc, argv);
	arena_free(r.program.arena);
	return status;
}
