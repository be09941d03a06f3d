/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The database's own files and its log, by pgBackRest. Invariant: it is told everything by one file (backup_vault.c). */
#include "provisioning/backup.h"

#include <stdio.h>
#include <string.h>

#define OPTIONS_MOST 12

/* "pgbackrest --config=... --stanza=... COMMAND OPTION..." */
static struct tool command(struct vault *v, const char *name, const char *const *options)
{
	struct tool t = {
		.argv = { "pgbackrest",
			  str_fmt(v->c->arena, "--config=%s", vault_path(v, "pgbackrest.conf")).p,
			  "--stanza=" BACKUP_STANZA }
	};
	size_t n = 3;

	for (size_t i = 0; options && options[i]; i++)
		t.argv[n++] = options[i];
	t.argv[n] = name;
	return t;
}

static int run(struct vault *v, const char *name, const char *const *options)
{
	struct tool t = command(v, name, options);
	struct tool_answer answer;

	return tool_do(v, &t, &answer);
}

/* Debian 12 has a pgBackRest that does not speak SFTP. */
static int check_sftp(struct vault *v)
{
	struct tool t = { .argv = { "pgbackrest", "help", "backup", "repo-sftp-host" } };
	struct tool_answer answer;

	if (v->repository.kind != REPOSITORY_SFTP)
		return 0;
	TRY(tool_run(v, &t, &answer));
	if (answer.status)
		return fail(
			v->c, E_INVALID,
			"this pgBackRest does not speak SFTP, for which 2.46 or newer is needed; "
			"choose a directory or S3, or leave backup_cluster empty for dumps");
	return 0;
}

int cluster_prepare(struct vault *v)
{
	TRY(check_sftp(v));
	return run(v, "stanza-create", NULL);
}

int64_t cluster_lsn(struct vault *v, str text)
{
	unsigned high, low;

	return sscanf(str_z(v->c->arena, text), "%8x/%8x", &high, &low) == 2
		       ? (int64_t)((uint64_t)high << 32 | low)
		       : 0;
}

/* The names of the log's pieces begin with their timeline: eight hexadecimal digits. */
static int64_t timeline_of(struct vault *v, str segment)
{
	unsigned id;

	return sscanf(str_z(v->c->arena, segment), "%8x", &id) == 1 ? id : 0;
}

static void read_backup(struct vault *v, const struct json *j, struct base_backup *ret)
{
	const struct json *time = json_get(j, "timestamp");

	ret->label = json_get_str(j, "label");
	ret->type = json_get_str(j, "type");
	ret->started = json_get_i64(time, "start") * USEC_SEC;
	ret->finished = json_get_i64(time, "stop") * USEC_SEC;
	ret->size = json_get_i64(json_get(j, "info"), "size");
	ret->timeline = timeline_of(v, json_get_str(json_get(j, "archive"), "stop"));
	ret->end = cluster_lsn(v, json_get_str(json_get(j, "lsn"), "stop"));
}

static void read_info(struct vault *v, const struct json *stanza, struct cluster_info *ret)
{
	const struct json *backups = json_get(stanza, "backup"), *db = json_get(stanza, "db"),
			  *archive = json_get(stanza, "archive");
	size_t n = json_count(backups);

	*ret = (struct cluster_info){ .newest_log = STR(""), .archive = STR("") };
	ret->backups = arena_array(v->c->arena, n + 1, sizeof(*ret->backups));
	for (size_t i = 0; i < n; i++)
		if (!json_get_bool(json_at(backups, i), "error"))
			read_backup(v, json_at(backups, i), &ret->backups[ret->n++]);
	if (json_count(db) &&
	    !str_to_i64(json_get_str(json_at(db, json_count(db) - 1), "version"), &ret->version))
		ret->version = 0;
	if (!json_count(archive))
		return;
	ret->newest_log = json_get_str(json_at(archive, json_count(archive) - 1), "max");
	ret->archive = json_get_str(json_at(archive, json_count(archive) - 1), "id");
}

int cluster_info(struct vault *v, struct cluster_info *ret)
{
	static const char *const options[] = { "--output=json", NULL };
	struct tool t = command(v, "info", options);
	struct tool_answer answer;
	const struct json *j;

	TRY(check_sftp(v));
	TRY(tool_do(v, &t, &answer));
	TRY(json_parse(v->c, answer.out, &j));
	read_info(v, json_at(j, 0), ret);
	return 0;
}

int cluster_ask(struct vault *v, const char *name, const char *const *options, const char *path,
		str *ret)
{
	struct tool t = command(v, name, options);
	struct tool_answer answer;
	size_t n = 0;

	while (t.argv[n])
		n++;
	t.argv[n] = path;
	TRY(tool_do(v, &t, &answer));
	*ret = answer.out;
	return 0;
}

int cluster_backup(struct vault *v, bool full, struct base_backup *ret)
{
	const char *options[] = { full ? "--type=full" : "--type=diff", NULL };
	struct cluster_info info;

	TRY(run(v, "backup", options));
	TRY(cluster_info(v, &info));
	if (!info.n)
		return fail(v->c, E_LATER, "pgbackrest made a backup and does not know it");
	*ret = info.backups[info.n - 1];
	return 0;
}

int cluster_archive(struct vault *v)
{
	return run(v, "check", NULL);
}

int cluster_restore(struct vault *v, const struct cluster_target *t)
{
	struct arena *a = v->c->arena;
	const char *options[OPTIONS_MOST] = { str_fmt(a, "--pg1-path=%s", t->directory).p };
	struct tool_answer answer;
	struct tool tool;
	size_t n = 1;

	if (t->label)
		options[n++] = str_fmt(a, "--set=%s", t->label).p;
	if (t->type) {
		options[n++] = str_fmt(a, "--type=%s", t->type).p;
		options[n++] = str_fmt(a, "--target=%s", t->target).p;
		options[n++] = "--target-action=promote";
	}
	if (t->timeline)
		options[n++] = str_fmt(a, "--target-timeline=%lld", (long long)t->timeline).p;
	if (t->type && strcmp(t->type, "lsn") == 0)
		options[n++] = "--target-exclusive";
	if (t->again)
		options[n++] = "--delta";
	/* A drill asks for the history that was counted, from which the newest one may have parted before (a restore). */
	if (t->gently) {
		options[n++] = "--archive-mode=off";
		options[n++] = "--target-timeline=current";
	}
	options[n] = NULL;
	tool = command(v, "restore", options);
	tool.gently = t->gently;
	return tool_do(v, &tool, &answer);
}
