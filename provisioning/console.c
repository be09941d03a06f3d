/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery console: the machine's screen and serial line. Invariant: everything it does is a command of this program or
 * of systemd that is run with the words that were typed, one by one and without a shell; so nobody at the machine gets
 * more than the menu says, and nothing is kept in this process but the code that it shows.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "json/json.h"
#include "model/setup.h"
#include "provisioning/command.h"
#include "provisioning/console_menu.h"
#include "provisioning/status.h"
#include "provisioning/terminal.h"

#define LOOK_SECONDS 15 /* between two looks at how things are */
#define CODE_RENEWED (SETUP_CODE_LIFETIME - 5 * USEC_MINUTE)

struct console {
	str self; /* this very program */
	str shown; /* what is on the screen */
	struct arena *shown_arena;
	char code[32]; /* for the set-up; empty: none was made */
	usec code_made;
};

static void find_self(struct console *x, struct arena *a)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	x->self = n > 0 && n < (ssize_t)sizeof(path) ? str_dup(a, (str){ path, (size_t)n })
						     : STR("rookery");
}

/* NULL when it gave no answer; what it said is in its place. */
static const struct json *ask_json(struct arena *a, const char *self, const char *noun,
				   const char *verb, str *ret_said)
{
	const char *argv[] = { self, noun, verb, "--json", NULL };
	const struct json *answer;
	struct ctx plain;
	str said, line = STR("");

	terminal_run(a, argv, STR(""), &said);
	*ret_said = said;
	ctx_init(&plain, a);
	/* Around the document may stand what was said to standard error. */
	while (!str_starts(line, STR("{")) && str_cut(&said, '\n', &line))
		;
	if (json_parse(&plain, line, &answer))
		return NULL;
	if (!json_get(answer, "error"))
		return answer;
	*ret_said = json_get_str(json_get(answer, "error"), "message");
	return NULL;
}

/* As long as nobody is an operator: whoever stands here is the one who becomes it. */
static void renew_code(struct console *x, struct arena *a, const struct json *how)
{
	bool is_late = x->code[0] && clock_real() - x->code_made > CODE_RENEWED;
	const struct json *made;
	str said;

	if (!how || !json_is(json_get(how, "operator"), JSON_BOOL) ||
	    json_get_bool(how, "operator")) {
		x->code[0] = 0;
		return;
	}
	if (x->code[0] && !is_late && json_get_bool(how, "setup_open"))
		return;
	made = ask_json(a, x->self.p, "operator", "code", &said);
	snprintf(x->code, sizeof(x->code), "%.*s",
		 STR_ARG(made ? json_get_str(made, "code") : STR("")));
	x->code_made = clock_real();
}

static void put_code(const struct console *x, const struct json *how, struct out *o)
{
	const struct json *addresses = json_get(how, "addresses");

	if (!x->code[0])
		return;
	out_fmt(o, "\nset-up:    %.*s" SETUP_PATH "\n", STR_ARG(json_get_str(how, "console")));
	for (size_t i = 0; i < json_count(addresses); i++) {
		str one = json_str(json_at(addresses, i));
		bool six = str_find_char(one, ':', 0) != SIZE_MAX;

		out_fmt(o, "       or  https://%s%.*s%s:8443" SETUP_PATH "\n", six ? "[" : "",
			STR_ARG(one), six ? "]" : "");
	}
	out_fmt(o, "code:      %s\n", x->code);
}

/* The screen is written again only when something on it changed: a serial line may be logged. */
static void draw(struct console *x)
{
	struct arena *a = arena_new();
	str said;
	const struct json *how = ask_json(a, x->self.p, "status", "--screen", &said);
	struct out o;

	renew_code(x, a, how);
	out_init(&o, a, 128 * 1024);
	if (how) {
		screen_print(how, &o);
		put_code(x, how, &o);
	} else {
		out_fmt(&o, "%.*s\n", STR_ARG(said));
	}
	out_c(&o, "\nPress Enter for the menu.\n");
	if (str_eq(out_view(&o), x->shown)) {
		arena_free(a);
		return;
	}
	arena_free(x->shown_arena);
	x->shown_arena = a;
	x->shown = out_view(&o);
	terminal_clear();
	terminal_put(x->shown);
}

static void forget_screen(struct console *x)
{
	x->shown = STR("");
}

static int run(struct console *x)
{
	for (;;) {
		struct arena *a = arena_new();
		enum terminal_read typed;
		str line;

		draw(x);
		typed = terminal_ask(a, "", LOOK_SECONDS, false, &line);
		if (typed == TERMINAL_LINE) {
			typed = console_menu(a, x->self.p);
			forget_screen(x);
		}
		arena_free(a);
		if (typed == TERMINAL_GONE)
			return 0;
	}
}

/* Keys that would end it, or stop it, do nothing: there is nothing below it. */
static void stay(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static int once(struct call *call, const char *self)
{
	const char *argv[] = { self, "status", "--screen", call->json ? "--json" : NULL, NULL };

	execv(self, (char *const *)argv);
	return E_LATER;
}

static int console(struct call *call)
{
	struct console x = { .code = "" };

	find_self(&x, call->arena);
	if (cli_is_set(call, "once") || call->json)
		return once(call, x.self.p);
	stay();
	forget_screen(&x);
	x.shown_arena = arena_new();
	run(&x);
	arena_free(x.shown_arena);
	return 0;
}

static const struct option console_options[] = {
	{ "once", NULL, "shows how things are, and ends" },
	{ NULL, NULL, NULL },
};

const struct command cli_console[] = {
	{ "console",
	  NULL,
	  { NULL },
	  "The machine's own screen: how things are, and a menu.",
	  console_options,
	  NEED_NOTHING,
	  NULL,
	  console,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
