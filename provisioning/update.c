/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery update, rookery rollback: the versions of the appliance (docs/appliance.md). Invariant: what is done is done by
 * the image's own script, over systemd's tools; on another machine there is none, and the system's packages are how
 * Rookery is updated.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/table.h"
#include "provisioning/command.h"

#define SCRIPT "/usr/lib/rookery/update"
#define ANSWER_LIMIT (64 * 1024)

extern char **environ;

static void file_closep(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* What the script wrote, and how it ended. Its standard error is this program's. */
static int run_script(struct call *call, char *const argv[], str *ret_text, int *ret_status)
{
	cleanup(file_closep) FILE *from = NULL;
	posix_spawn_file_actions_t actions;
	char *text = arena_array(call->arena, ANSWER_LIMIT, 1);
	int ends[2], result, status;
	size_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return fail(call->c, -errno, "pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	result = posix_spawn(&pid, SCRIPT, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	from = fdopen(ends[0], "r");
	if (result)
		return fail(call->c, -result, SCRIPT ": %s", strerror(result));
	n = from ? fread(text, 1, ANSWER_LIMIT, from) : 0;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(call->c, -errno, SCRIPT ": %s", strerror(errno));
	*ret_text = (str){ text, n };
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_FAILED;
	return 0;
}

/* The lines "name value" of the script, as members; one named error is what went wrong. */
static str put_lines(struct call *call, str text)
{
	str error = STR_NULL;

	while (text.n) {
		size_t end = str_find_char(text, '\n', 0);
		str line = str_slice(text, 0, end);
		size_t space = str_find_char(line, ' ', 0);
		str name = str_slice(line, 0, space), value = str_from(line, space + 1);

		text = end < text.n ? str_from(text, end + 1) : STR("");
		if (str_eq_c(name, "error"))
			error = value;
		else if (space < line.n)
			json_put_str(call->answer, str_z(call->arena, name), value);
	}
	return error;
}

static int failure_of(int status)
{
	switch (status) {
	case STATUS_USAGE:
		return E_INVALID;
	case STATUS_CONFLICT:
		return E_CONFLICT;
	default:
		return E_UNPROCESSABLE;
	}
}

static int run_verb(struct call *call, const char *verb, str source)
{
	char *argv[] = { (char *)SCRIPT, (char *)verb,
			 str_is_null(source) ? NULL : (char *)str_z(call->arena, source), NULL };
	str text, error;
	int status = STATUS_FAILED;

	if (access(SCRIPT, X_OK))
		return fail(
			call->c, E_UNPROCESSABLE,
			"this machine is no appliance: Rookery is updated by the system's packages");
	TRY(run_script(call, argv, &text, &status));
	error = put_lines(call, text);
	if (status == STATUS_OK)
		return 0;
	return fail(call->c, failure_of(status), "%.*s",
		    STR_ARG(str_is_null(error) ? STR(SCRIPT " failed") : error));
}

static int update(struct call *call)
{
	return run_verb(call, cli_is_set(call, "check") ? "check" : "install",
			cli_option(call, "from"));
}

static int rollback(struct call *call)
{
	return run_verb(call, "rollback", STR_NULL);
}

static const struct option update_options[] = {
	{ "from", "SOURCE", "an address or a directory, instead of where the image looks" },
	{ "check", NULL, "only says which version there is" },
	{ NULL, NULL, NULL },
};

const struct command cli_update[] = {
	{ "update",
	  NULL,
	  { NULL },
	  "Puts the newest version of the appliance beside the one that runs.",
	  update_options,
	  NEED_SETTINGS,
	  NULL,
	  update,
	  NULL },
	{ "rollback",
	  NULL,
	  { NULL },
	  "Lets the other version of the appliance run from the next start on, or takes back one that never ran.",
	  NULL,
	  NEED_SETTINGS,
	  NULL,
	  rollback,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
