/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery backup archive. Invariant: whatever else is wrong with this installation, PostgreSQL's log goes where it went
 * before, or waits, or is given up in words; it never fills the disk.
 */
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/table.h"
#include "model/backup.h"
#include "model/program.h"
#include "provisioning/backup.h"

#define SETTINGS_LIMIT 65536 /* bytes */

/* What is asked of rookery.conf here, besides backup_queue. */
static const struct {
	const char *name;
	size_t offset;
} kept[] = {
	{ "backup_repository", offsetof(struct settings, backup_repository) },
	{ "backup_cluster", offsetof(struct settings, backup_cluster) },
	{ "backup_run", offsetof(struct settings, backup_run) },
	{ "database", offsetof(struct settings, database) },
};

static void put_word(struct out *o, const char *name, const char *value)
{
	out_fmt(o, "%s = \"", name);
	for (; *value; value++)
		out_fmt(o, "%s%c", strchr("\"\\", *value) ? "\\" : "", *value);
	out_c(o, "\";\n");
}

/*
 * For the next piece of the log, should rookery.conf be one that cannot be read by then: program_load_last(). Where nothing
 * was ever prepared nothing is kept, and nobody misses it.
 */
static void keep_settings(struct call *call)
{
	const struct settings *s = call->c->settings;
	struct vault v = { .call = call, .c = call->c, .s = s, .home = s->backup_run };
	struct out o;

	out_init(&o, call->arena, SETTINGS_LIMIT);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		put_word(&o, kept[i].name,
			 *(const char *const *)((const char *)s + kept[i].offset));
	out_fmt(&o, "backup_queue = %lld;\n", (long long)s->backup_queue);
	if (vault_write(&v, SETTINGS_LAST, out_view(&o)) && *s->backup_repository)
		log_warn(call->c, "event=backup-settings message=\"%.*s\"",
			 STR_ARG(call->c->error));
}

/* Bytes of the log that wait to be archived. */
static int64_t measure_queue(struct call *call)
{
	const char *log = str_fmt(call->arena, "%s/pg_wal", call->c->settings->backup_cluster).p;
	DIR *waiting = opendir(str_fmt(call->arena, "%s/archive_status", log).p);
	struct dirent *one;
	int64_t bytes = 0;
	struct stat st;

	while (waiting && (one = readdir(waiting))) {
		str name = str_c(one->d_name);

		if (str_ends(name, STR(".ready")) &&
		    stat(str_fmt(call->arena, "%s/%.*s", log, (int)name.n - 6, name.p).p, &st) == 0)
			bytes += st.st_size;
	}
	if (waiting)
		closedir(waiting);
	return bytes;
}

/* Said where PostgreSQL's log is, and in the database for the doctor: which may be on its way down. */
static int give_up_piece(struct call *call, int64_t waiting)
{
	str words = str_fmt(call->arena,
			    "%.*s is given up: %lld MiB of the log wait, over backup_queue",
			    STR_ARG(call->args[0]), (long long)(waiting >> 20));
	struct stat st;

	if (stat(str_z(call->arena, call->args[0]), &st))
		st.st_size = 0;
	log_error(call->c, "event=backup-log-lost message=\"%.*s\"", STR_ARG(words));
	if (backup_give_up(call->c, st.st_size, words))
		log_error(call->c, "event=backup-log-lost message=\"the database was not told\"");
	json_put_bool(call->answer, "archived", false);
	return 0;
}

/*
 * PostgreSQL's archive_command, as its user. Without a repository nothing is kept; with one, a piece of the log that is not
 * stored is a failure, and PostgreSQL comes again with it, until so much waits that the disk is in danger: whatever the
 * reason is, a repository that is full or settings that do not do. pgBackRest wants to see its name in that command: there
 * it is a comment.
 */
int backup_archive(struct call *call)
{
	const struct settings *s = call->c->settings;
	str config = str_fmt(call->arena, "--config=%s/pgbackrest.conf", s->backup_run);
	int64_t waiting;

	keep_settings(call);
	if (!*s->backup_repository || !*s->backup_cluster) {
		json_put_bool(call->answer, "archived", false);
		return 0;
	}
	waiting = measure_queue(call);
	if (waiting >> 20 >= s->backup_queue)
		return give_up_piece(call, waiting);
	execlp("pgbackrest", "pgbackrest", config.p, "--stanza=" BACKUP_STANZA, "archive-push",
	       str_z(call->arena, call->args[0]), NULL);
	return fail(call->c, E_NOT_FOUND, "pgbackrest cannot be run: %s", strerror(errno));
}
