/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery restore. Invariant: it says what it cannot bring back before it begins; what it finds is moved aside and not
 * deleted; and when it ends, no row names a file that is not there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "db/migrate.h"
#include "db/service.h"
#include "loop/fiber.h"
#include "model/backup.h"
#include "provisioning/backup.h"
#include "sql/gen/backup.h"

#define RECOVERY_LOOK (USEC_SEC / 2)
#define START_PATIENCE "604800"
#define WAIT_MOST (7 * USEC_DAY)

struct restoring {
	struct vault *v;
	struct call *call;
	usec at; /* 0: as late as possible */
	usec as_of; /* the last change that came back; 0: not known */
	struct course course; /* cluster: what leads there */
	int64_t version; /* of PostgreSQL */
	str dump; /* its snapshot */
	struct snapshot *files;
	size_t n_files;
	struct configuration configuration; /* without an id: there is none */
	const char *aside; /* a directory or a schema: where the old database went; NULL: nowhere */
	int64_t lost;
};

int restore_time(struct call *call, usec *ret)
{
	str at = cli_option(call, "at");

	*ret = 0;
	if (str_is_null(at))
		return 0;
	if (!clock_parse_iso(at, ret))
		return fail(call->c, E_INVALID, "--at takes a time like 2026-11-28T20:15:00Z");
	if (*ret > clock_real())
		return fail(call->c, E_INVALID, "--at is in the future");
	return 0;
}

static int plan_cluster(struct restoring *r)
{
	struct cluster_info info;

	TRY(cluster_info(r->v, &info));
	TRY(cluster_course(r->v, &info, r->at, &r->course));
	r->version = info.version;
	vault_say(r->v, "the database: from base backup %.*s, with the log up to %s",
		  STR_ARG(r->course.base.label),
		  r->at ? clock_iso(r->v->c->arena, r->at).p : "its end in the repository");
	if (r->course.left)
		vault_say(
			r->v,
			"the log of that moment was left by a restore at %s: what was written since "
			"then is given up",
			clock_iso(r->v->c->arena, r->course.left).p);
	return 0;
}

static int plan_dump(struct restoring *r)
{
	struct snapshot *all;
	struct manifest m;
	size_t n, best = 0;

	TRY(files_snapshots(r->v, "database", &all, &n));
	for (size_t i = 0; i < n; i++)
		if (!r->at || all[i].taken <= r->at)
			best = i + 1;
	if (!best)
		return fail(r->v->c, E_NOT_FOUND, "the repository has no dump%s",
			    n ? " that is so old" : "");
	r->dump = all[best - 1].id;
	r->as_of = all[best - 1].taken;
	TRY(manifest_load(r->v, &m));
	r->version = m.version;
	vault_say(
		r->v,
		"the database: as it was dumped at %s; what came later is not in the repository, since "
		"its log is not ours to keep",
		clock_iso(r->v->c->arena, r->as_of).p);
	return 0;
}

static bool has_files(const struct restoring *r)
{
	return r->v->has_media && !cli_is_set(r->call, "without-files");
}

static int plan_files(struct restoring *r)
{
	if (!has_files(r)) {
		vault_say(r->v, "files: they are left alone, as %s says",
			  r->v->has_media ? "--without-files" : "backup_media");
		return 0;
	}
	TRY(files_snapshots(r->v, "media", &r->files, &r->n_files));
	if (!r->n_files)
		vault_say(r->v, "files: there are none in the repository");
	else if (!r->at || r->files[r->n_files - 1].taken < r->at)
		vault_say(
			r->v,
			"files: those that were uploaded after %s are not in the repository; where they are "
			"not where files are either, posts lose them",
			clock_iso(r->v->c->arena, r->files[r->n_files - 1].taken).p);
	return 0;
}

int restore_ask(struct call *call, const char *what)
{
	char answer[16];

	if (cli_is_set(call, "yes"))
		return 0;
	if (call->json || !isatty(0))
		return fail(call->c, E_INVALID, "it does nothing without --yes");
	fprintf(stderr, "rookery: %s. Type yes: ", what);
	if (!fgets(answer, sizeof(answer), stdin) || !str_eq(str_trim(str_c(answer)), STR("yes")))
		return fail(call->c, E_INVALID, "nothing was done");
	return 0;
}

static bool has(const char *directory, const char *name, struct vault *v)
{
	return access(str_fmt(v->c->arena, "%s/%s", directory, name).p, F_OK) == 0;
}

static int manage(struct restoring *r, const char *what, const char *unit)
{
	struct tool t = { .argv = { "systemctl", what, unit, NULL }, .as_self = true };
	struct tool_answer answer;

	if (!*r->v->s->backup_unit)
		return 0;
	return tool_do(r->v, &t, &answer);
}

static int pg_ctl(struct restoring *r, const char *const *words, int *ret_status)
{
	struct tool t = { .argv = { NULL, "-D", r->v->s->backup_cluster } };
	struct tool_answer answer;
	size_t n = 3;

	TRY(tool_postgres(r->v, r->version, "pg_ctl", &t.argv[0]));
	for (size_t i = 0; words[i]; i++)
		t.argv[n++] = words[i];
	TRY(tool_run(r->v, &t, &answer));
	*ret_status = answer.status;
	return 0;
}

static int stop_database(struct restoring *r)
{
	static const char *const look[] = { "status", NULL }, *const stop[] = {
		"stop", "-m", "fast", "-w", "-t", START_PATIENCE, NULL
	};
	int status;

	if (*r->v->s->backup_unit)
		return manage(r, "stop", r->v->s->backup_unit);
	TRY(pg_ctl(r, look, &status));
	if (status)
		return 0;
	TRY(pg_ctl(r, stop, &status));
	return status ? fail(r->v->c, E_LATER, "PostgreSQL does not stop") : 0;
}

/* The manager's count of restarts; of a unit that it has forgotten there is none. */
static int count_anew(struct restoring *r)
{
	struct tool t = { .argv = { "systemctl", "reset-failed", r->v->s->backup_unit, NULL },
			  .as_self = true };
	struct tool_answer answer;

	return tool_run(r->v, &t, &answer);
}

/* A manager that starts it again and again has not started it. */
static bool has_ended(struct restoring *r)
{
	struct tool t = { .argv = { "systemctl", "show", "--property=ActiveState,NRestarts",
				    r->v->s->backup_unit, NULL },
			  .as_self = true };
	struct tool_answer answer;
	str line;

	if (!*r->v->s->backup_unit)
		return !has(r->v->s->backup_cluster, "postmaster.pid", r->v);
	if (tool_run(r->v, &t, &answer))
		return false;
	while (str_cut(&answer.out, '\n', &line))
		if (str_eq_c(line, "ActiveState=failed") ||
		    str_eq_c(line, "ActiveState=inactive") ||
		    (str_starts(line, STR("NRestarts=")) && !str_eq_c(line, "NRestarts=0")))
			return true;
	return false;
}

static int start_database(struct restoring *r)
{
	const char *log = vault_path(r->v, "postgresql.log");
	const char *const start[] = { "start", "-w", "-s", "-t", START_PATIENCE, "-l", log, NULL };
	int status;

	if (*r->v->s->backup_unit) {
		TRY(count_anew(r));
		return manage(r, "start", r->v->s->backup_unit);
	}
	TRY(pg_ctl(r, start, &status));
	return status ? fail(r->v->c, E_LATER, "PostgreSQL does not start: see %s", log) : 0;
}

static int check_room(struct restoring *r, const char *data)
{
	struct statvfs fs;

	if (statvfs(data, &fs))
		return fail(r->v->c, E_NOT_FOUND, "%s: %s", data, strerror(errno));
	if ((int64_t)fs.f_bavail * (int64_t)fs.f_frsize <
	    r->course.base.size + r->course.base.size / 4)
		return fail(r->v->c, E_LATER,
			    "there is no room beside the old database: --in-place writes over it");
	return 0;
}

/* Before anything is stopped. */
static int check_place(struct restoring *r)
{
	const char *data = r->v->s->backup_cluster;
	struct stat st;

	if (!r->v->has_cluster || stat(data, &st) != 0)
		return 0;
	if (!has(data, "PG_VERSION", r->v)) {
		/* An empty one is as good as none. */
		if (rmdir(data))
			return fail(r->v->c, E_INVALID,
				    "backup_cluster, %s, is no database: look at it first", data);
		return 0;
	}
	return cli_is_set(r->call, "in-place") ? 0 : check_room(r, data);
}

static int make_place(struct restoring *r)
{
	struct vault *v = r->v;
	const char *data = v->s->backup_cluster;

	if (has(data, "PG_VERSION", v) && !cli_is_set(r->call, "in-place")) {
		r->aside = str_fmt(v->c->arena, "%s.before-%lld", data,
				   (long long)(v->c->now / USEC_SEC))
				   .p;
		if (rename(data, r->aside))
			return fail(v->c, E_LATER,
				    "%s cannot be moved aside (%s): --in-place writes over it",
				    data, strerror(errno));
	}
	if (mkdir(data, 0700) && errno != EEXIST)
		return fail(v->c, E_FORBIDDEN, "%s cannot be made: %s", data, strerror(errno));
	if (geteuid() == 0 && lchown(data, v->uid, v->gid))
		return fail(v->c, E_FORBIDDEN, "%s: %s", data, strerror(errno));
	return 0;
}

/* Debian's units do not give a directory of sockets to a cluster that never ran; psql knows the usual one. */
static int ask_database(struct restoring *r, const char *sql, struct tool_answer *ret)
{
	struct tool t = { .argv = { NULL, "-XqAt", "-d", "postgres", "-U", r->v->user, "-c",
				    sql } };
	size_t n = 8;

	TRY(tool_postgres(r->v, r->version, "psql", &t.argv[0]));
	if (*r->v->s->backup_socket) {
		t.argv[n++] = "-h";
		t.argv[n++] = r->v->s->backup_socket;
	}
	return tool_run(r->v, &t, ret);
}

/* Until all of the log was read. */
static int wait_recovered(struct restoring *r)
{
	static const char sql[] = "select pg_is_in_recovery(), coalesce((extract(epoch from "
				  "pg_last_xact_replay_timestamp()) * 1000000)::bigint, 0)";
	usec until = clock_mono() + WAIT_MOST;
	struct tool_answer a;

	do {
		str line;

		TRY(ask_database(r, sql, &a));
		line = str_trim(a.out);
		if (a.status == 0 && str_starts(line, STR("f|")))
			return str_to_i64(str_from(line, 2), &r->as_of)
				       ? 0
				       : fail(r->v->c, E_LATER, "psql: %.*s", STR_ARG(line));
		if (a.status && has_ended(r))
			return fail(r->v->c, E_LATER, "PostgreSQL ended while it read its log");
		fiber_sleep(RECOVERY_LOOK);
	} while (clock_mono() < until);
	return fail(r->v->c, E_LATER, "PostgreSQL is not ready: %.*s", STR_ARG(a.words));
}

static int run_recovered(struct restoring *r)
{
	int result = start_database(r);

	return result ? result : wait_recovered(r);
}

/* PostgreSQL refuses a moment after the last change that there is: then all of it is wanted. */
static int read_to_the_end(struct restoring *r, struct cluster_target *t)
{
	vault_say(
		r->v,
		"nothing was changed after that moment, as far as the repository knows: taking all of it");
	TRY(stop_database(r));
	t->type = NULL;
	t->again = true;
	TRY(cluster_restore(r->v, t));
	TRY(run_recovered(r));
	if (r->as_of > r->at)
		return fail(
			r->v->c, E_CONFLICT,
			"the database has changes up to %s, later than was asked for: PostgreSQL's log "
			"says why it did not stop there",
			clock_iso(r->v->c->arena, r->as_of).p);
	return 0;
}

static int restore_cluster(struct restoring *r)
{
	struct vault *v = r->v;
	struct cluster_target t = {
		.directory = v->s->backup_cluster,
		.label = str_z(v->c->arena, r->course.base.label),
		.timeline = r->course.timeline,
		.again = cli_is_set(r->call, "in-place"),
	};
	int result;

	if (r->at) {
		str iso = clock_iso(v->c->arena, r->at);

		t.type = "time";
		t.target = str_fmt(v->c->arena, "%.10s %.12s+00", iso.p, iso.p + 11).p;
	}
	vault_say(v, "stopping PostgreSQL");
	TRY(stop_database(r));
	TRY(make_place(r));
	vault_say(v, "restoring %.*s", STR_ARG(r->course.base.label));
	TRY(cluster_restore(v, &t));
	vault_say(v, "reading the log");
	result = run_recovered(r);
	return result && r->at ? read_to_the_end(r, &t) : result;
}

static int restore_dump(struct restoring *r)
{
	struct vault *v = r->v;
	const char *aside =
		str_fmt(v->c->arena, "before_%lld", (long long)(v->c->now / USEC_SEC)).p;
	struct dump_target t = {
		.id = r->dump,
		.version = r->version,
		.aside = aside,
		.in_place = cli_is_set(r->call, "in-place"),
	};
	bool moved;

	TRY(dump_is_alone(v, r->version));
	if (db_service(v->c->arena, "rookery", vault_owner(v), &t.service))
		return fail(v->c, E_INVALID, "the option database cannot be read");
	vault_say(v, "restoring the dump");
	TRY(dump_replace(v, &t, &moved));
	r->aside = moved ? aside : NULL;
	return 0;
}

static void say_migration(unused void *arg, const struct migration *m)
{
	fprintf(stderr, "rookery: %04lld %s\n", (long long)m->version, m->name);
}

static int migrate(struct restoring *r)
{
	struct migrate_options o = { .progress = say_migration };
	struct migrate_result done;

	return migrate_apply(r->v->c, vault_owner(r->v), &o, &done);
}

/* What restic made belongs to whom the directory belongs to. */
static int put_back_directory(struct restoring *r, str id)
{
	struct vault *v = r->v;
	struct files_target target = { .id = id, .directory = v->s->media_path };
	struct tool t = { .as_self = true };
	struct tool_answer answer;
	struct stat st;

	if (stat(v->s->media_path, &st))
		return fail(v->c, E_NOT_FOUND, "%s is not there: systemd-tmpfiles --create",
			    v->s->media_path);
	t.argv[0] = "chown";
	t.argv[1] = "-R";
	t.argv[2] = "-h";
	t.argv[3] = str_fmt(v->c->arena, "%u:%u", st.st_uid, st.st_gid).p;
	t.argv[4] = v->s->media_path;
	TRY(files_restore(v, &target));
	if (chmod(v->s->media_path, st.st_mode & 07777))
		return fail(v->c, E_FORBIDDEN, "%s: %s", v->s->media_path, strerror(errno));
	return geteuid() == 0 ? tool_do(v, &t, &answer) : 0;
}

/* Then looks again which are missing. */
static int put_back(struct restoring *r, struct ctx *c, str id, struct wanted *w)
{
	vault_say(r->v, "restoring files of snapshot %.8s", id.p);
	if (r->v->is_remote)
		return objects_restore(r->v, c, id, tree_parent(r->v), w);
	TRY(put_back_directory(r, id));
	return wanted_in_store(r->v, c, w);
}

/* A store that has nothing at all is rather another one than people use than one that lost everything. */
static int check_store(struct restoring *r, struct ctx *c, const struct wanted *w)
{
	if (!w->n_missing || cli_is_set(r->call, "lose-files") ||
	    (r->n_files && w->n_missing < (size_t)w->n))
		return 0;
	return fail(
		c, E_CONFLICT,
		"%zu of %lld files are neither in %s nor in the repository. When media_s3 is not set "
		"as on other machines: set it, or backup_media = false, and restore again; "
		"--without-files leaves files alone, --lose-files takes these out of all that has them",
		w->n_missing, (long long)w->n,
		r->v->is_remote ? r->v->s->media_s3 : r->v->s->media_path);
}

/*
 * A file that a state of the database names stays for an hour after that state (media_count()), and files are backed up
 * twice an hour: so it is in the first snapshot after that moment. If backups had failed, or that one was not whole, the
 * next one or the one before may have it.
 */
static int restore_files(struct restoring *r, struct ctx *c, struct wanted *w)
{
	usec moment = r->as_of ? r->as_of : r->at;
	size_t first = 0;

	TRY(wanted_in_store(r->v, c, w));
	while (first + 1 < r->n_files && (!moment || r->files[first].taken < moment))
		first++;
	/* Past the ends there is none: before the first one, that is a very large number. */
	for (size_t i = 0; i < 3 && w->n_missing; i++) {
		size_t at = first + (const size_t[]){ 0, 1, (size_t)-1 }[i];

		if (at < r->n_files)
			TRY(put_back(r, c, r->files[at].id, w));
	}
	return check_store(r, c, w);
}

static int lose(struct restoring *r, struct ctx *c, const struct wanted *w)
{
	const struct media_lost_row *lost;
	str *names = arena_array(c->arena, w->n_missing, sizeof(*names));

	for (size_t i = 0; i < w->n_missing; i++)
		names[i] = w->missing[i].name;
	TRY(q_media_lose(c, (strs){ names, w->n_missing }, &lost));
	r->lost = lost->n;
	vault_say(r->v, "%lld files are nowhere: nothing names them any more", (long long)r->lost);
	return 0;
}

/* The backup's own row stands in it as one that runs. */
static int settle(struct restoring *r, struct ctx *c)
{
	const bool is_full = str_eq(r->course.base.type, STR("full"));
	struct backup_origin origin = {
		.kind = is_full ? "full" : "differential",
		.label = r->course.base.label,
		.finished = r->course.base.finished,
		.size = r->course.base.size,
	};

	if (r->dump.n)
		origin = (struct backup_origin){ .kind = "dump",
						 .label = r->dump,
						 .finished = r->as_of };
	return backup_settle(c, &origin);
}

static int mend(struct restoring *r, struct ctx *c)
{
	struct backup_record record;
	struct wanted w = { 0 };

	TRY(settle(r, c));
	TRY(backup_begin(c, "restore", &record));
	if (has_files(r))
		TRY(restore_files(r, c, &w));
	if (w.n_missing)
		TRY(lose(r, c, &w));
	record.label = r->dump.n ? r->dump : r->course.base.label;
	return backup_end(c, &record, true);
}

static int bring_back(struct restoring *r)
{
	struct bench b;

	TRY(manage(r, "stop", "rookery.target"));
	TRY(r->v->has_cluster ? restore_cluster(r) : restore_dump(r));
	TRY(migrate(r));
	TRY(bench_open(r->v, NULL, "rookery_host", &b));
	TRY(bench_end(r->v, &b, mend(r, &b.c)));
	return manage(r, "start", "rookery.target");
}

static void answer(struct restoring *r)
{
	struct json_out *w = r->call->answer;

	json_put_str(w, "from", r->dump.n ? r->dump : r->course.base.label);
	json_put_time(w, "asked_for", r->at);
	json_put_time(w, "as_of", r->as_of);
	json_put_i64(w, "lost_files", r->lost);
	if (r->aside) {
		json_put_c(w, "old_database", r->aside);
		json_put_c(
			w, "advice",
			r->v->has_cluster
				? "When all is well: remove the old database, and make a full backup."
				: "When all is well: drop that schema with all that is in it.");
	}
}

static int run(struct restoring *r)
{
	int result;

	TRY(restore_time(r->call, &r->at));
	TRY(files_prepare(r->v, false));
	TRY(r->v->has_cluster ? plan_cluster(r) : plan_dump(r));
	TRY(plan_files(r));
	TRY(check_place(r));
	configuration_plan(r->v, r->at, &r->configuration);
	TRY(restore_ask(r->call, "everything later is given up on this machine"));
	configuration_bring(r->v, &r->configuration);
	result = bring_back(r);
	if (result)
		vault_say(r->v, "what was stopped is still stopped%s%s",
			  r->aside ? "; the old database is " : "", r->aside ? r->aside : "");
	else
		answer(r);
	return result;
}

int backup_restore(struct call *call)
{
	struct vault v;
	struct restoring r = { .v = &v, .call = call, .dump = STR("") };
	int result;

	TRY(vault_open(call, TURN_BACKUP, &v));
	result = run(&r);
	vault_close(&v);
	return result;
}
