/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery notify: tells the operators by a letter that a unit failed. Invariant: of the journal goes into it what scrub.h
 * went over, and a unit's name reaches journalctl as an argument that was checked.
 */
#include <stdlib.h>

#include "model/mail.h"
#include "model/trouble.h"
#include "provisioning/command.h"
#include "provisioning/lookup.h"
#include "provisioning/machine.h"
#include "provisioning/scrub.h"

#define LINES_READ 400
#define LINES_TOLD 20
#define LINE_LIMIT 400 /* bytes */
#define NAME_LIMIT 200
#define DOCTOR "rookery-doctor"
#define WRONG "WRONG " /* as check_print() begins a finding */

static bool is_of(str s, const char *allowed)
{
	for (size_t i = 0; i < s.n; i++)
		if (str_find_char(str_c(allowed), s.p[i], 0) == SIZE_MAX)
			return false;
	return s.n > 0;
}

static bool is_unit(str s)
{
	return s.n <= NAME_LIMIT && str_starts(s, STR("rookery-")) &&
	       is_of(s, "abcdefghijklmnopqrstuvwxyz0123456789-.@_");
}

/* What the service manager says of the run that failed, and may not have said: it is told only when it is a word. */
static str monitored(const char *name, const char *allowed)
{
	const char *value = getenv(name);

	return value && is_of(str_c(value), allowed) ? str_c(value) : STR("");
}

/* A letter without these lines is better than none. Of which boot is not asked: the unit hides where that stands. */
static str read_journal(struct call *call, str unit)
{
	str run = monitored("MONITOR_INVOCATION_ID", "0123456789abcdef"), text;
	const char *argv[] = {
		"journalctl",
		"--no-pager",
		"--quiet",
		"--output=cat",
		str_fmt(call->arena, "--lines=%d", LINES_READ).p,
		str_fmt(call->arena, "--unit=%.*s", STR_ARG(unit)).p,
		run.n ? str_fmt(call->arena, "_SYSTEMD_INVOCATION_ID=%.*s", STR_ARG(run)).p : NULL,
		NULL,
	};

	return machine_run(call->c, argv, &text) ? STR("") : text;
}

struct telling {
	struct ctx *c;
	bool findings; /* of them only what is wrong is told, each with what to do */
	bool wrong; /* the finding that is read */
	struct out kind; /* what is wrong, in words that are the same each time */
	str lines[LINES_TOLD]; /* the last ones, in a ring */
	size_t n;
};

static void note_check(struct telling *t, str line)
{
	str rest = str_from(line, sizeof(WRONG) - 1), check;

	str_cut(&rest, ' ', &check);
	check = str_slice(check, 0, str_find_char(check, ':', 0));
	if (str_find(out_view(&t->kind), check, 0) == SIZE_MAX)
		out_fmt(&t->kind, "%s%.*s", t->kind.n ? ", " : "", STR_ARG(check));
}

/* Lines of the programs' logs have members, which are judged one by one; others are judged by their words. */
static str safe_line(struct ctx *c, str line)
{
	str members = scrub_line(c, line);

	return str_is_empty(members) ? scrub_text(c, line) : members;
}

static void tell_line(struct telling *t, str line)
{
	if (t->findings && !str_starts(line, STR(" ")))
		t->wrong = str_starts(line, STR(WRONG));
	if (str_trim(line).n == 0 || (t->findings && !t->wrong))
		return;
	if (t->findings && str_starts(line, STR(WRONG)))
		note_check(t, line);
	line = safe_line(t->c, str_trim(str_clip(line, LINE_LIMIT)));
	t->lines[t->n++ % LINES_TOLD] = line;
}

static str last_lines(const struct telling *t)
{
	struct out o;

	out_init(&o, t->c->arena, (size_t)LINES_TOLD * 4 * LINE_LIMIT);
	for (size_t i = t->n > LINES_TOLD ? t->n - LINES_TOLD : 0; i < t->n; i++)
		out_fmt(&o, "%.*s\n", STR_ARG(t->lines[i % LINES_TOLD]));
	return out_view(&o);
}

static void read_failure(struct call *call, str unit, struct trouble *ret)
{
	struct telling t = { .c = call->c, .findings = str_starts(unit, STR(DOCTOR)) };
	str journal = read_journal(call, unit), line, kind;

	out_init(&t.kind, call->arena, NAME_LIMIT);
	while (str_cut(&journal, '\n', &line))
		if (str_is_utf8(line))
			tell_line(&t, line);
	kind = out_view(&t.kind);
	if (!kind.n)
		kind = monitored("MONITOR_SERVICE_RESULT", "abcdefghijklmnopqrstuvwxyz-");
	if (!kind.n)
		kind = STR("failed");
	ret->name = str_fmt(call->arena, "%.*s: %.*s", STR_ARG(unit), STR_ARG(kind));
	ret->text = last_lines(&t);
}

/* That nobody can be told is no failure of this command: it would be one more that nobody is told of. */
static int tell_nobody(struct call *call, const char *why)
{
	json_put_i64(call->answer, "letters", 0);
	json_put_c(call->answer, "why", why);
	return 0;
}

static int notify(struct call *call)
{
	struct ctx *c = call->c;
	str unit = call->args[0];
	struct trouble_told told;
	struct trouble t;
	int result;

	if (!is_unit(unit))
		return fail(c, E_INVALID, "UNIT is the name of a unit of Rookery");
	if (!mail_is_on(c))
		return tell_nobody(call, "no mail server is set: rookery doctor says how");
	result = lookup_writer(c, STR_NULL);
	if (result == E_NOT_FOUND)
		return tell_nobody(call, "there is no active domain that could write");
	TRY(result);
	read_failure(call, unit, &t);
	TRY(trouble_tell(c, &t, &told));
	if (!told.queued)
		return tell_nobody(call,
				   "each operator with a confirmed address was told of it today");
	json_put_str(call->answer, "about", t.name);
	json_put_i64(call->answer, "letters", told.queued);
	json_put_i64(call->answer, "sent", told.sent);
	json_put_str_opt(call->answer, "error", told.error);
	return 0;
}

const struct command cli_notify[] = {
	{ "notify",
	  NULL,
	  { "UNIT" },
	  "Writes to the operators that a unit failed.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  notify,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
