/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery logs: what the programs said, from the journal, or from the files that log_files names where there is none.
 * Invariant: what was typed reaches journalctl as arguments that were checked, and no shell.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json/json.h"
#include "loop/fiber.h"
#include "model/domain.h"
#include "model/domain_life.h"
#include "model/settings.h"
#include "provisioning/logs.h"
#include "provisioning/lookup.h"
#include "provisioning/machine.h"

#define LINES 200
#define LINES_LIMIT 2000
#define LINE_LIMIT 4096
#define LOOK (200 * USEC_MSEC)
#define FILES_LIMIT 16
#define EACH_LIMIT ((size_t)8 << 20)

/* What a line has to have; empty: anything. */
struct wanted {
	str request; /* its id */
	str tenant; /* its number */
	const char *since; /* as journalctl takes it */
	int64_t lines;
	bool ours_alone; /* not what stands beside our programs */
};

/* What serves with ours, and says what ours cannot know: why there is no certificate, or no database. */
static const char *const beside_ours[] = { "--unit=caddy.service", "--unit=postgresql*" };

static bool is_id(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (str_find_char(STR("0123456789abcdef"), s.p[i], 0) == SIZE_MAX)
			return false;
	return s.n == 16;
}

static int read_options(struct call *call, struct wanted *ret)
{
	str request = cli_option(call, "request"), tenant = cli_option(call, "tenant"),
	    since = cli_option(call, "since");
	const struct domain_row *d;

	TRY(cli_number(call, "lines", LINES, &ret->lines));
	if (ret->lines < 1 || ret->lines > LINES_LIMIT)
		return fail(call->c, E_INVALID, "--lines is from 1 to %d", LINES_LIMIT);
	if (!str_is_null(request) && !is_id(request))
		return fail(call->c, E_INVALID,
			    "--request is the id of X-Request-Id: 16 digits, 0 to 9 and a to f");
	if (!str_is_null(request))
		ret->request = request;
	if (!str_is_null(since))
		ret->since = str_fmt(call->arena, "--since=%.*s", STR_ARG(since)).p;
	if (str_is_null(tenant))
		return 0;
	TRY(domain_reload(call->c));
	TRY(lookup_domain(call->c, tenant, &d));
	ret->tenant = str_fmt(call->arena, "%lld", (long long)d->id);
	return 0;
}

/* Context stands first in a line (base/log.h). */
static bool has(str line, const char *name, str value)
{
	cleanup(arena_freep) struct arena *a = arena_new();

	return !value.n ||
	       str_find(line, str_fmt(a, "%s=%.*s ", name, STR_ARG(value)), 0) != SIZE_MAX;
}

static bool fits(const struct wanted *w, str line)
{
	return has(line, "req", w->request) && has(line, "domain", w->tenant);
}

bool logs_has_journal(void)
{
	struct stat st;

	return stat("/run/systemd/system", &st) == 0;
}

/* Entries have what lines begin with as fields (daemon/journal.c), by which the journal finds them without reading all. */
static void journal_argv(struct call *call, const struct wanted *w, bool follow, const char **argv)
{
	size_t n = 0;

	argv[n++] = "journalctl";
	argv[n++] = "--no-pager";
	argv[n++] = "--quiet";
	argv[n++] = "--unit=rookery-*";
	for (size_t i = 0; !w->ours_alone && i < ARRAY_SIZE(beside_ours); i++)
		argv[n++] = beside_ours[i];
	argv[n++] = call->json || !follow ? "--output=json" : "--output=short-iso";
	argv[n++] = "--output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT";
	argv[n++] = str_fmt(call->arena, "--lines=%lld", (long long)w->lines).p;
	if (follow)
		argv[n++] = "--follow";
	if (w->since)
		argv[n++] = w->since;
	if (w->request.n)
		argv[n++] = str_fmt(call->arena, "REQUEST_ID=%.*s", STR_ARG(w->request)).p;
	if (w->tenant.n)
		argv[n++] = str_fmt(call->arena, "TENANT=%.*s", STR_ARG(w->tenant)).p;
	argv[n] = NULL;
}

static void put_line(struct json_out *w, str time, str unit, str priority, str message)
{
	json_open_object(w, NULL);
	json_put_str(w, "time", time);
	json_put_str(w, "unit", unit);
	json_put_str(w, "priority", priority);
	json_put_str(w, "message", message);
	json_close_object(w);
}

static int put_entry(struct call *call, str line)
{
	const struct json *entry;
	int64_t at = 0;

	if (json_parse(call->c, line, &entry))
		return 0; /* a message that is no text */
	if (!str_to_i64(json_get_str(entry, "__REALTIME_TIMESTAMP"), &at))
		at = 0;
	put_line(call->answer, clock_iso(call->arena, at), json_get_str(entry, "_SYSTEMD_UNIT"),
		 json_get_str(entry, "PRIORITY"), json_get_str(entry, "MESSAGE"));
	return 0;
}

static int put_journal(struct call *call, const struct wanted *w)
{
	const char *argv[16];
	str list, line;

	journal_argv(call, w, false, argv);
	TRY(machine_run(call->c, argv, &list));
	while (str_cut(&list, '\n', &line))
		TRY(put_entry(call, line));
	return 0;
}

struct files {
	const struct wanted *wanted;
	const char *names[FILES_LIMIT];
	FILE *open[FILES_LIMIT];
	size_t n;
};

static int open_files(struct call *call, const struct wanted *w, struct files *ret)
{
	str names = str_c(call->c->settings->log_files), name;

	*ret = (struct files){ .wanted = w };
	while (ret->n < FILES_LIMIT && str_cut(&names, ' ', &name)) {
		ret->names[ret->n] = str_z(call->arena, name);
		ret->open[ret->n] = name.n ? fopen(ret->names[ret->n], "re") : NULL;
		ret->n += ret->open[ret->n] != NULL;
	}
	return ret->n ? 0
		      : fail(call->c, E_UNSUPPORTED,
			     "there is no journal here: set log_files to where the programs' standard error goes");
}

/* The next line that is wanted; "<6>" in front is its priority. */
static bool next_line(const struct files *f, size_t i, char line[LINE_LIMIT], str *ret_priority,
		      str *ret_message)
{
	while (fgets(line, LINE_LIMIT, f->open[i])) {
		str text = { line, strcspn(line, "\n") };
		bool marked = text.n > 3 && line[0] == '<' && line[2] == '>';

		if (!fits(f->wanted, text))
			continue;
		*ret_priority = marked ? (str){ line + 1, 1 } : STR("");
		*ret_message = marked ? str_from(text, 3) : text;
		return true;
	}
	return false;
}

/* The last lines of each file: what is before them is read and forgotten. */
static void put_file(struct call *call, const struct files *f, size_t i)
{
	char line[LINE_LIMIT];
	int64_t all = 0, at = 0;
	str priority, message;

	while (next_line(f, i, line, &priority, &message))
		all++;
	rewind(f->open[i]);
	while (next_line(f, i, line, &priority, &message))
		if (++at > all - f->wanted->lines)
			put_line(call->answer, STR(""), str_c(f->names[i]),
				 str_dup(call->arena, priority), str_dup(call->arena, message));
}

static int put_files(struct call *call, const struct wanted *w, struct files *f)
{
	TRY(open_files(call, w, f));
	for (size_t i = 0; i < f->n; i++) {
		put_file(call, f, i);
		fclose(f->open[i]);
	}
	return 0;
}

static void follow_files(const struct files *f)
{
	char line[LINE_LIMIT];
	str priority, message;

	for (size_t i = 0; i < f->n; i++)
		fseek(f->open[i], 0, SEEK_END);
	for (;;) {
		for (size_t i = 0; i < f->n; i++) {
			while (next_line(f, i, line, &priority, &message))
				printf("%.*s\n", STR_ARG(message));
			clearerr(f->open[i]);
		}
		fflush(stdout);
		if (ferror(stdout))
			return; /* nobody reads any more */
		fiber_sleep(LOOK);
	}
}

void logs_each(struct call *call, void (*put)(void *arg, struct ctx *c, str time, str message),
	       void *arg)
{
	struct call other = *call;
	struct wanted w = { .lines = LINES_LIMIT, .ours_alone = true };
	const struct json *document, *lines;
	struct json_out answer;
	struct files f;
	str text;

	json_out_init(&answer, call->arena, EACH_LIMIT);
	json_open_object(&answer, NULL);
	json_open_array(&answer, "lines");
	other.answer = &answer;
	if (logs_has_journal() ? put_journal(&other, &w) : put_files(&other, &w, &f))
		return;
	json_close_array(&answer);
	json_close_object(&answer);
	if (json_out_done(&answer, &text) || json_parse(call->c, text, &document))
		return;
	lines = json_get(document, "lines");
	for (size_t i = 0; i < json_count(lines); i++)
		put(arg, call->c, json_get_str(json_at(lines, i), "time"),
		    json_get_str(json_at(lines, i), "message"));
}

static int follow(struct call *call, const struct wanted *w)
{
	const char *argv[16];
	struct files f;

	if (logs_has_journal()) {
		journal_argv(call, w, true, argv);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		return fail(call->c, E_UNSUPPORTED, "journalctl: %s", strerror(errno));
	}
	TRY(open_files(call, w, &f));
	follow_files(&f);
	return 0;
}

static int logs(struct call *call)
{
	struct wanted w = { 0 };
	struct files f;

	TRY(read_options(call, &w));
	if (cli_is_set(call, "follow"))
		return follow(call, &w);
	json_open_array(call->answer, "lines");
	TRY(logs_has_journal() ? put_journal(call, &w) : put_files(call, &w, &f));
	json_close_array(call->answer);
	return 0;
}

static void print(const struct json *answer, struct out *o)
{
	const struct json *lines = json_get(answer, "lines");

	for (size_t i = 0; i < json_count(lines); i++) {
		const struct json *line = json_at(lines, i);

		out_fmt(o, "%.*s%s%.*s: %.*s\n", STR_ARG(json_get_str(line, "time")),
			json_get_str(line, "time").n ? " " : "",
			STR_ARG(json_get_str(line, "unit")),
			STR_ARG(json_get_str(line, "message")));
	}
}

static const struct option options[] = {
	{ "request", "ID", "what was said about one request, and what followed from it" },
	{ "tenant", "NAME", "about one community" },
	{ "since", "TIME", "as journalctl takes it: \"1 hour ago\"" },
	{ "lines", "NUMBER", "so many at most; 200 when not given" },
	{ "follow", NULL, "goes on with what is said from now on" },
	{ NULL, NULL, NULL },
};

const struct command cli_logs[] = {
	{ "logs",
	  NULL,
	  { NULL },
	  "Shows what the programs said.",
	  options,
	  NEED_SETTINGS,
	  NULL,
	  logs,
	  print },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
