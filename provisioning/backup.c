/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery backup: the database first, then its counts and the log up to them, then the machine's configuration and the
 * files, so that every file that the database names is in the repository when the backup is done.
 */
#include "model/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypt/hash.h"
#include "daemon/fd.h"
#include "provisioning/backup.h"
#include "provisioning/secret_store.h"

#define MARK_TRIES 250 /* of 20 ms, for a moment at which nobody writes */
#define LIST_ROWS 100
#define KEY_GROUPS 8

struct work {
	struct vault *v;
	struct manifest m;
	struct backup_record record;
	int64_t media_size;
	usec oldest; /* what of the database can be gone back to */
};

/* A full one when the last is old, or was asked for. */
static int choose_kind(struct work *w, bool full)
{
	struct cluster_info info;
	usec newest = 0;

	TRY(cluster_info(w->v, &info));
	for (size_t i = 0; i < info.n; i++)
		if (str_eq(info.backups[i].type, STR("full")))
			newest = info.backups[i].finished;
	full = full || w->v->c->now - newest >= w->v->s->backup_full_every * USEC_DAY;
	w->record.kind = full ? "full" : "differential";
	return 0;
}

static int mark(struct work *w)
{
	struct vault *v = w->v;
	const struct backup_mark_row *row;
	const struct json *j;
	struct bench b;

	TRY(bench_open(v, NULL, "rookery_host", &b));
	TRY(bench_end(v, &b,
		      q_backup_mark(&b.c, MARK_TRIES, &row) ?: json_parse(v->c, row->mark, &j)));
	w->m.lsn = json_get_str(j, "lsn");
	w->m.exact = json_get_bool(j, "exact");
	w->m.database = json_get_str(j, "database");
	w->m.rows = json_dump(v->c, json_get(j, "rows"));
	w->m.tally = json_dump(v->c, json_get(j, "tally"));
	return 0;
}

static int back_up_cluster(struct work *w, bool full)
{
	struct base_backup made;
	struct cluster_info info;

	TRY(cluster_prepare(w->v));
	TRY(choose_kind(w, full));
	vault_say(w->v, "base backup (%s)", w->record.kind);
	TRY(cluster_backup(w->v, strcmp(w->record.kind, "full") == 0, &made));
	TRY(cluster_info(w->v, &info));
	w->m.label = made.label;
	w->m.version = info.version;
	w->record.size = made.size;
	w->oldest = info.backups[0].started;
	vault_say(w->v, "counting");
	TRY(mark(w));
	vault_say(w->v, "log up to %.*s", STR_ARG(w->m.lsn));
	return cluster_archive(w->v);
}

static int back_up_dump(struct work *w)
{
	w->record.kind = "dump";
	vault_say(w->v,
		  "dump: the database is not on this machine, so that the log between dumps is "
		  "not ours to keep");
	TRY(dump_backup(w->v, &w->m, &w->record.size));
	w->oldest = w->v->c->now - w->v->s->backup_days * USEC_DAY;
	return 0;
}

static int back_up_files(struct work *w)
{
	struct vault *v = w->v;
	const struct files_source directory = { .directory = v->s->media_path, .tag = "media" };
	struct backup_record record;
	int result;

	if (!v->has_media) {
		vault_say(v, "files are not backed up here, as backup_media says");
		w->m.media = STR("");
		return 0;
	}
	vault_say(v, "files");
	TRY(backup_begin(v->c, "media", &record));
	result = v->is_remote ? objects_backup(v, tree_parent(v), &w->m.media, &w->media_size)
			      : files_backup(v, &directory, &w->m.media, &w->media_size);
	record.size = w->media_size;
	record.label = w->m.media;
	record.message = result ? ctx_error(v->c, result) : STR("");
	TRY(backup_end(v->c, &record, !result));
	return result ? fail(v->c, result, "%.*s", STR_ARG(record.message)) : 0;
}

/* With fulls that are counted, the oldest dump says how far back files are wanted. */
static int oldest_dump(struct work *w)
{
	struct snapshot *all;
	size_t n;

	if (w->v->has_cluster || !w->v->s->backup_fulls)
		return 0;
	TRY(files_snapshots(w->v, "database", &all, &n));
	w->oldest = n ? all[0].taken : w->v->c->now;
	return 0;
}

/* Nothing is taken away from under a drill: the next backup does it. */
static int let_go(struct work *w)
{
	cleanup(vault_give_back) struct held drill = { .fd = -1 };

	TRY(vault_turn(w->v, TURN_DRILL, false, &drill));
	if (drill.busy)
		return 0;
	TRY(oldest_dump(w));
	vault_say(w->v, "letting go of what is older than %lld days",
		  (long long)((w->v->c->now - w->oldest) / USEC_DAY + 1));
	return files_forget(w->v, w->oldest, w->v->s->backup_fulls);
}

/*
 * Files have a turn of their own, since the first time may take days, and the database is not to wait for that. A timer's
 * run leaves them to whoever is at them and to the next run: a drill takes the first snapshot that began afterwards. restic
 * takes away nothing while somebody writes, so that letting go belongs to the same turn.
 */
static int finish(struct work *w)
{
	cleanup(vault_give_back) struct held files = { .fd = -1 };

	TRY(vault_turn(w->v, TURN_FILES, !cli_is_set(w->v->call, "scheduled"), &files));
	if (files.busy) {
		vault_say(w->v, "files: %s; the next backup of files is the one that belongs to it",
			  files.busy);
		w->m.media = STR("");
		return 0;
	}
	TRY(back_up_files(w));
	return let_go(w);
}

static int make(struct work *w, bool full)
{
	TRY(files_prepare(w->v, true));
	TRY(w->v->has_cluster ? back_up_cluster(w, full) : back_up_dump(w));
	return 0;
}

static int make_and_record(struct work *w, bool full)
{
	struct ctx *c = w->v->c;
	int result;

	TRY(backup_begin(c, w->v->has_cluster ? "full" : "dump", &w->record));
	result = make(w, full);
	w->record.label = w->m.label;
	w->record.message = result ? ctx_error(c, result) : STR("");
	TRY(backup_end(c, &w->record, !result));
	return result ? fail(c, result, "%.*s", STR_ARG(w->record.message)) : 0;
}

static void answer(struct work *w)
{
	struct json_out *o = w->v->call->answer;

	json_put_c(o, "kind", w->record.kind);
	json_put_str(o, "label", w->m.label);
	json_put_i64(o, "bytes", w->record.size);
	json_put_str(o, "lsn", w->m.lsn);
	json_put_bool(o, "exact", w->m.exact);
	json_put_str(o, "media", w->m.media);
	json_put_i64(o, "media_bytes", w->media_size);
}

/*
 * Twice an hour, with files, but only what has changed. A machine that was set up anew and waits for its restore has made no
 * backup of a database yet, and nobody misses what it is told so far.
 */
static int back_up_changes(struct vault *v)
{
	struct backup_standing s;

	TRY(backup_standing(v->c, &s));
	return s.last_backup ? configuration_backup(v, false) : 0;
}

static int run_files(struct call *call, struct vault *v)
{
	struct work w = { .v = v };
	int configuration;
	str words;

	TRY(files_prepare(v, true));
	configuration = back_up_changes(v);
	words = v->c->error;
	TRY(back_up_files(&w));
	json_put_c(call->answer, "kind", "media");
	json_put_str(call->answer, "media", w.m.media);
	json_put_i64(call->answer, "media_bytes", w.media_size);
	v->c->error = words;
	return configuration;
}

/* What goes wrong with the configuration keeps nobody from the rest, and is the result. */
static int run(struct call *call, struct vault *v)
{
	struct work w = { .v = v };
	int configuration;
	str words;

	if (cli_is_set(call, "media"))
		return run_files(call, v);
	TRY(make_and_record(&w, cli_is_set(call, "full")));
	TRY(manifest_store(v, &w.m));
	configuration = configuration_backup(v, true);
	words = v->c->error;
	TRY(finish(&w));
	answer(&w);
	v->c->error = words;
	return configuration;
}

/* A machine without a repository has timers all the same: they find nothing to do. */
static bool is_unset(struct call *call)
{
	if (*call->c->settings->backup_repository || !cli_is_set(call, "scheduled"))
		return false;
	json_put_c(call->answer, "kind", "none");
	json_put_c(call->answer, "reason", "backup_repository is not set");
	return true;
}

/*
 * Several machines whose database is elsewhere have the same timers. A drill or a dump that another one has just made, or
 * makes, is not made again.
 */
static const usec just_made[] = {
	[TURN_DATABASE] = 2 * USEC_HOUR, /* more than the timer's random delay */
	[TURN_FILES] = 10 * USEC_MINUTE,
	[TURN_DRILL] = USEC_DAY,
};

static usec last_of(const struct backup_standing *s, enum turn turn)
{
	if (turn == TURN_FILES)
		return s->last_media;
	return turn == TURN_DRILL ? s->last_verify : s->last_backup;
}

static int leave(struct call *call, const char *reason)
{
	json_put_c(call->answer, "kind", "none");
	json_put_c(call->answer, "reason", reason);
	return 0;
}

/* A directory of files is this machine's own, and nobody else backs it up. */
static int ask_whether_made(struct call *call, enum turn turn, bool *ret)
{
	const struct settings *s = call->c->settings;
	struct backup_standing standing;

	if (!cli_is_set(call, "scheduled") || *s->backup_cluster ||
	    (turn == TURN_FILES && !*s->media_s3))
		return 0;
	TRY(backup_standing(call->c, &standing));
	*ret = call->c->now - last_of(&standing, turn) < just_made[turn];
	return 0;
}

/* But the configuration, which every machine has of its own. */
static int leave_to_another(struct call *call, struct vault *v, enum turn turn)
{
	TRY(leave(call, "another machine has just made it"));
	if (turn == TURN_DRILL)
		return 0;
	TRY(files_prepare(v, true));
	return configuration_backup(v, false);
}

static int take_turn(struct call *call, enum turn turn, int (*act)(struct call *, struct vault *))
{
	bool is_made = false;
	struct vault v;
	int result = vault_open(call, turn, &v);

	if (result == E_LATER && v.is_elsewhere && cli_is_set(call, "scheduled"))
		return leave(call, "another machine is at it");
	TRY(result);
	result = ask_whether_made(call, turn, &is_made);
	if (!result)
		result = is_made ? leave_to_another(call, &v, turn) : act(call, &v);
	vault_close(&v);
	return result;
}

static int backup(struct call *call)
{
	if (is_unset(call))
		return 0;
	return take_turn(call, cli_is_set(call, "media") ? TURN_FILES : TURN_DATABASE, run);
}

static int verify(struct call *call)
{
	return is_unset(call) ? 0 : take_turn(call, TURN_DRILL, backup_verify);
}

/* What the tools are told, for the archive command, before PostgreSQL starts. */
static int prepare(struct call *call)
{
	struct vault v;

	if (is_unset(call))
		return 0;
	TRY(vault_open(call, TURN_NONE, &v));
	json_put_c(call->answer, "directory", v.home);
	vault_close(&v);
	return 0;
}

static int list(struct call *call)
{
	const struct backup_row *rows;
	struct json_out *w = call->answer;
	size_t n;

	TRY(q_backup_list(call->c, LIST_ROWS, &rows, &n));
	json_open_array(w, "backups");
	for (size_t i = 0; i < n; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "kind", rows[i].kind);
		json_put_time(w, "started", rows[i].started);
		json_put_time(w, "finished", rows[i].finished);
		json_put_str(w, "result", rows[i].result);
		json_put_i64(w, "bytes", rows[i].size);
		json_put_time(w, "verified", rows[i].verified);
		json_put_str(w, "label", rows[i].label);
		json_put_str(w, "message", rows[i].message);
		json_close_object(w);
	}
	json_close_array(w);
	return 0;
}

/* Groups of five letters and digits, 200 bits: to be written down by hand. */
static str new_passphrase(struct arena *a)
{
	str letters = str_lower(a, base32_encode(a, random_bytes(a, KEY_GROUPS * 25 / 8)));
	struct out o;

	out_init(&o, a, 256);
	for (size_t i = 0; i < KEY_GROUPS; i++)
		out_fmt(&o, "%s%.*s", i ? "-" : "", 5, letters.p + 5 * i);
	return out_view(&o);
}

static int make_key(struct call *call, str *ret)
{
	*ret = new_passphrase(call->arena);
	return secret_make(call->c, STR("backup_passphrase"), *ret);
}

/* The database may be what is lost: then nobody knows whether it was shown before. */
static int note_showing(struct call *call)
{
	struct backup_standing s;
	struct backup_record r;

	if (backup_standing(call->c, &s))
		return 0;
	if (s.key_shown && !cli_is_set(call, "again"))
		return fail(call->c, E_CONFLICT, "it was shown at %.*s; --again shows it once more",
			    STR_ARG(clock_iso(call->arena, s.key_shown)));
	TRY(backup_begin(call->c, "key", &r));
	return backup_end(call->c, &r, true);
}

static int key(struct call *call)
{
	str passphrase;
	int result = vault_secret(call->c, "backup_passphrase", &passphrase);

	if (result == E_NOT_FOUND)
		result = make_key(call, &passphrase);
	TRY(result);
	if (cli_is_set(call, "make")) {
		json_put_bool(call->answer, "made", true);
		return 0;
	}
	TRY(note_showing(call));
	json_put_str(call->answer, "passphrase", str_trim(passphrase));
	json_put_c(
		call->answer, "advice",
		"Keep it somewhere else than on this machine: without it no backup can be restored, by "
		"anybody.");
	return 0;
}

#define SCHEDULED                                                                        \
	{                                                                                \
		"scheduled", NULL, "By a timer: does nothing when no repository is set." \
	}

#define SCRATCH                                                                     \
	{                                                                           \
		"scratch", "DIRECTORY",                                             \
			"Where there is room for a while; /var/tmp when not given." \
	}

#define INTO                                                                                    \
	{                                                                                       \
		"into", "DIRECTORY",                                                            \
			"Where the configuration is laid for comparing; /var/lib/rookery when " \
			"not given."                                                            \
	}

static const struct option backup_options[] = {
	{ "full", NULL, "The whole database, not what changed since the last full backup." },
	{ "media", NULL, "Files alone." },
	SCRATCH,
	SCHEDULED,
	{ NULL, NULL, NULL },
};
static const struct option verify_options[] = {
	{ "all", NULL, "Reads the whole repository and compares every file." },
	SCRATCH,
	SCHEDULED,
	{ NULL, NULL, NULL },
};
static const struct option scheduled_options[] = { SCHEDULED, { NULL, NULL, NULL } };
static const struct option key_options[] = {
	{ "again", NULL, "Shows it although it was shown before." },
	{ "make", NULL, "Makes it when there is none, and shows nothing." },
	{ NULL, NULL, NULL },
};
static const struct option restore_options[] = {
	{ "at", "TIME",
	  "As it was then (2026-11-28T20:15:00Z); as late as possible when not given." },
	{ "yes", NULL, "Does not ask." },
	{ "in-place", NULL, "Writes over the old database instead of moving it aside." },
	{ "without-files", NULL, "Leaves files alone, whether they are there or not." },
	{ "lose-files", NULL, "Goes on when none of the files is there: nothing has them then." },
	SCRATCH,
	INTO,
	{ NULL, NULL, NULL },
};
static const struct option configuration_options[] = {
	{ "at", "TIME", "As it was then; as it was last when not given." },
	{ "machine", "NAME", "Of which machine, when several have theirs in the repository." },
	{ "yes", NULL, "Does not ask." },
	INTO,
	{ NULL, NULL, NULL },
};

const struct command cli_backup[] = {
	{ "backup",
	  "list",
	  { NULL },
	  "Lists backups and drills.",
	  NULL,
	  NEED_SETTINGS,
	  NULL,
	  list,
	  NULL },
	{ "backup",
	  "verify",
	  { NULL },
	  "Restores the newest backup into a scratch place and compares it with what was counted.",
	  verify_options,
	  NEED_SETTINGS,
	  NULL,
	  verify,
	  backup_verify_print },
	{ "backup",
	  "key",
	  { NULL },
	  "Shows the passphrase of the backups, once; makes it when there is none.",
	  key_options,
	  NEED_SETTINGS,
	  NULL,
	  key,
	  NULL },
	{ "backup",
	  "prepare",
	  { NULL },
	  "Writes what the archive command needs, before PostgreSQL starts.",
	  scheduled_options,
	  NEED_SETTINGS,
	  NULL,
	  prepare,
	  NULL },
	{ "backup",
	  "archive",
	  { "PATH" },
	  "Takes a piece of PostgreSQL's log: its archive_command.",
	  NULL,
	  NEED_LAST_SETTINGS,
	  NULL,
	  backup_archive,
	  NULL },
	{ "backup",
	  "configuration",
	  { NULL },
	  "Writes the machine's configuration as an archive to standard output, for its unit.",
	  NULL,
	  NEED_SETTINGS,
	  NULL,
	  configuration_hand_over,
	  configuration_print },
	{ "backup",
	  NULL,
	  { NULL },
	  "Backs up the database, the machine's configuration and the files.",
	  backup_options,
	  NEED_SETTINGS,
	  NULL,
	  backup,
	  NULL },
	{ "restore",
	  "configuration",
	  { NULL },
	  "Puts the machine's own configuration back; what is there stays beside it as *.before.",
	  configuration_options,
	  NEED_SETTINGS,
	  NULL,
	  configuration_restore,
	  NULL },
	{ "restore",
	  NULL,
	  { NULL },
	  "Puts the whole host back as it was.",
	  restore_options,
	  NEED_SETTINGS,
	  NULL,
	  backup_restore,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
