/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Pieces of the database's log on their way into the repository. Invariant: what is given up is said where it is looked for. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "model/backup.h"
#include "provisioning/backup.h"

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
