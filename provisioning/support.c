/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery support: one file for who helps with an installation, that may be given away. Invariant: nothing gets into it
 * but numbers, words of our own, and texts that scrub.h went over; settings are named by a list, and none that is not on
 * it shows more than whether it is set.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "db/db.h"
#include "db/migrate.h"
#include "model/domain.h"
#include "model/domain_life.h"
#include "model/settings.h"
#include "provisioning/command.h"
#include "provisioning/doctor.h"
#include "provisioning/logs.h"
#include "provisioning/machine.h"
#include "provisioning/scrub.h"
#include "provisioning/status.h"
#include "sql/gen/house.h"
#include "sql/gen/operator.h"

#define BUNDLE_LIMIT ((size_t)16 << 20)
#define STATEMENTS 30

/* Texts that say nothing of anybody. Of other texts only whether they are set; numbers are all shown. */
static const char *const open_settings[] = { "log_level", "media_s3_region" };

static bool is_open(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(open_settings); i++)
		if (strcmp(name, open_settings[i]) == 0)
			return true;
	return false;
}

static void put_setting(struct json_out *w, const struct conf_option *o, const void *at)
{
	const char *text;

	switch (o->type) {
	case CONF_INT:
		json_put_i64(w, o->name, *(const int64_t *)at);
		return;
	case CONF_BOOL:
		json_put_bool(w, o->name, *(const bool *)at);
		return;
	case CONF_STRING:
		text = *(const char *const *)at;
		if (is_open(o->name))
			json_put_c(w, o->name, text);
		else
			json_put_c(w, o->name,
				   strcmp(text, o->fallback) == 0 ? "(as usual)"
				   : *text			  ? "(set)"
								  : "(empty)");
		return;
	}
}

static void put_settings(struct call *call, struct json_out *w)
{
	const char *base = (const char *)call->c->settings;

	json_open_object(w, "settings");
	for (size_t i = 0; i < settings_count; i++)
		put_setting(w, &settings_table[i], base + settings_table[i].offset);
	json_close_object(w);
}

static void put_versions(struct call *call, struct json_out *w)
{
	static const char command[] = ". /etc/os-release 2>/dev/null && echo \"$ID $VERSION_ID\"";
	struct utsname u;
	str system;

	json_open_object(w, "versions");
	json_put_c(w, "rookery", ROOKERY_VERSION);
	json_put_i64(w, "schema", migrate_newest());
	if (uname(&u) == 0) {
		json_put_c(w, "kernel", u.release);
		json_put_c(w, "machine", u.machine);
	}
	if (!machine_ask(call->c, command, &system))
		json_put_str(w, "system", scrub_text(call->c, str_trim(system)));
	json_close_object(w);
}

/* Checks that say things in words of our own alone; others quote who was asked, and of them only the outcome is told. */
static const char *const open_checks[] = {
	"disk",	 "memory", "time",   "kernel", "systemd", "units",   "schema",
	"clock", "roles",  "grants", "stator", "work",	  "failing", "maintenance",
};

static bool is_open_check(str check)
{
	for (size_t i = 0; i < ARRAY_SIZE(open_checks); i++)
		if (str_eq_c(check, open_checks[i]))
			return true;
	return false;
}

static void put_doctor(struct ctx *c, struct json_out *w, const char *key, const struct json *j)
{
	const struct json *findings = json_get(j, "findings");

	json_open_array(w, key);
	for (size_t i = 0; i < json_count(findings); i++) {
		const struct json *f = json_at(findings, i);
		str check = json_get_str(f, "check");

		json_open_object(w, NULL);
		json_put_str(w, "check", check);
		json_put_bool(w, "well", json_get_bool(f, "well"));
		if (is_open_check(check))
			json_put_str(w, "says", scrub_text(c, json_get_str(f, "says")));
		json_put_str_opt(w, "advice", json_get_str(f, "advice"));
		json_close_object(w);
	}
	json_close_array(w);
}

/* What another command answers, gone over. What it cannot do is said instead. */
static int
put_answer(struct call *call, struct json_out *w, const char *key, int (*run)(struct call *call),
	   void (*put)(struct ctx *c, struct json_out *w, const char *key, const struct json *j))
{
	struct call other = *call;
	struct json_out answer;
	const struct json *document;
	str text;
	int result;

	json_out_init(&answer, call->arena, BUNDLE_LIMIT);
	json_open_object(&answer, NULL);
	other.answer = &answer;
	result = run(&other);
	if (result) {
		json_put_c(w, key, err_name(result));
		return 0;
	}
	json_close_object(&answer);
	TRY(json_out_done(&answer, &text));
	TRY(json_parse(call->c, text, &document));
	put(call->c, w, key, document);
	return 0;
}

static int put_tables(struct call *call, struct json_out *w)
{
	const struct house_table_row *tables;
	const struct slow_statement_row *slow;
	size_t n, n_slow;

	TRY(q_house_tables(call->c, &tables, &n));
	TRY(q_slow_statements(call->c, STATEMENTS, &slow, &n_slow));
	json_open_array(w, "tables");
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "name", tables[i].name);
		json_put_i64(w, "bytes", tables[i].bytes);
		json_put_i64(w, "rows", tables[i].rows);
		json_close_object(w);
	}
	json_close_array(w);
	json_open_array(w, "slow_statements");
	for (size_t i = 0; i < n_slow; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "statement", scrub_text(call->c, slow[i].statement));
		json_put_i64(w, "calls", slow[i].calls);
		json_put_f64(w, "mean_ms", slow[i].mean_ms);
		json_put_f64(w, "total_ms", slow[i].total_ms);
		json_close_object(w);
	}
	json_close_array(w);
	return 0;
}

static void put_line(void *arg, struct ctx *c, str time, str message)
{
	struct json_out *w = arg;
	str line = scrub_line(c, message);

	if (str_is_empty(line))
		return;
	json_open_object(w, NULL);
	json_put_str_opt(w, "time", time);
	json_put_str(w, "line", line);
	json_close_object(w);
}

static void put_logs(struct call *call, struct json_out *w)
{
	json_open_array(w, "logs");
	logs_each(call, put_line, w);
	json_close_array(w);
}

static int fill(struct call *call, struct json_out *w)
{
	bool has_database = !db_ping(call->c, 5 * USEC_SEC) && !domain_reload(call->c);

	json_open_object(w, NULL);
	json_put_time(w, "made", call->c->now);
	put_versions(call, w);
	put_settings(call, w);
	/* Without the names of tenants nobody knows what to take out of what may name them. */
	if (has_database) {
		TRY(put_answer(call, w, "status", status_run, scrub_document));
		TRY(put_answer(call, w, "doctor", doctor_run_all, put_doctor));
		TRY(put_tables(call, w));
	} else {
		json_put_c(w, "database", "does not answer");
	}
	put_logs(call, w);
	json_close_object(w);
	return 0;
}

/* A new file that nobody else reads; one that is there stays as it is. */
static int write_file(struct ctx *c, const char *path, str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	size_t done = 0;

	if (fd < 0)
		return fail(c, errno == EEXIST ? E_CONFLICT : E_INVALID, "%s: %s", path,
			    strerror(errno));
	while (done < text.n) {
		ssize_t n = write(fd, text.p + done, text.n - done);

		if (n < 0 && errno != EINTR) {
			int error = errno;

			close(fd);
			unlink(path);
			return fail(c, E_LATER, "%s: %s", path, strerror(error));
		}
		done += n > 0 ? (size_t)n : 0;
	}
	return close(fd) ? fail(c, E_LATER, "%s: %s", path, strerror(errno)) : 0;
}

static int support(struct call *call)
{
	str output = cli_option(call, "output"), text;
	struct json_out w;

	if (str_is_null(output))
		output = str_fmt(call->arena, "rookery-support-%lld.json",
				 (long long)(call->c->now / USEC_SEC));
	json_out_init(&w, call->arena, BUNDLE_LIMIT);
	TRY(fill(call, &w));
	TRY(json_out_done(&w, &text));
	TRY(write_file(call->c, str_z(call->arena, output), text));
	json_put_str(call->answer, "file", output);
	json_put_i64(call->answer, "bytes", (int64_t)text.n);
	return 0;
}

static const struct option options[] = {
	{ "output", "FILE", "where it is written; a new file here when not given" },
	{ NULL, NULL, NULL },
};

const struct command cli_support[] = {
	{ "support",
	  NULL,
	  { NULL },
	  "Writes a file for who helps with the installation, without private data.",
	  options,
	  NEED_SETTINGS,
	  NULL,
	  support,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
