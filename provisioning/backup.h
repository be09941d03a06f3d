/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Backups: the database by pgBackRest (or, when it is not ours, by pg_dump), files of media by restic, both in one
 * repository under one passphrase. Secrets reach these programs in files of a directory in memory, never by
 * arguments or environment; they run as whoever owns the database, never as root.
 */
#ifndef PROVISIONING_BACKUP_H
#define PROVISIONING_BACKUP_H

#include <sys/stat.h>
#include <sys/types.h>

#include "model/program.h"
#include "provisioning/command.h"

#define BACKUP_STANZA "rookery"
#define TOOL_ARGUMENTS 64
#define FILES_SAMPLE 40 /* files that are asked for by name */
#define TOOL_GROUPS 32

enum repository_kind { REPOSITORY_DIRECTORY, REPOSITORY_SFTP, REPOSITORY_S3 };

/* backup_repository, taken apart. Every part is of letters, digits and "._~/-" alone. */
struct repository {
	enum repository_kind kind;
	str user, host, port; /* port may be empty */
	str bucket; /* S3 */
	str path; /* begins with a slash */
};

/* E_INVALID and what is wrong. */
int repository_parse(struct ctx *c, str text, struct repository *ret) must_check;

/*
 * Who may be at what: one run each, on this machine by a lock in backup_run, and of all machines of the installation by
 * one in its database. Those at the database and those at files do not wait for each other.
 */
enum turn {
	TURN_NONE,
	TURN_DATABASE,
	TURN_FILES,
	TURN_DRILL, /* nothing is taken away from the repository meanwhile */
	TURN_BACKUP, /* database and files, on this machine alone: for a restore, which finds no database to ask */
};
#define TURNS_HELD 2

struct held {
	int fd;
	struct bench
		*bench; /* in whose transaction the database's lock is; NULL: not in the database */
	const char *busy; /* it is another's: who has it; NULL: it is ours */
};

/* What one command works with. Open until vault_close. */
struct vault {
	struct call *call;
	struct ctx *c;
	const struct settings *s;
	struct repository repository;
	str passphrase, s3_secret, ssh_key;
	bool has_cluster; /* PostgreSQL is on this machine, and its files are ours to back up */
	bool has_media; /* files are backed up */
	bool is_remote; /* they are in a store of objects, and not in a directory */
	uid_t uid; /* who the tools run as */
	gid_t gid, groups[TOOL_GROUPS];
	size_t n_groups;
	const char *user; /* its name, which is the superuser's of a cluster */
	const char *home; /* backup_run */
	struct held held[TURNS_HELD];
	bool is_elsewhere; /* not opened: another machine has the turn */
};

/*
 * Reads settings and secrets and writes what the tools are told into backup_run. With --scheduled it waits until no other
 * command of this machine has the turn; else E_LATER, as when another machine has it. E_INVALID when no repository is set.
 */
int vault_open(struct call *call, enum turn turn, struct vault *ret) must_check;
/* Takes a turn besides, if nobody has it; or waits for those of this machine. To be given back, also one that is busy. */
int vault_turn(struct vault *v, enum turn turn, bool wait, struct held *ret) must_check;
void vault_give_back(struct held *h);
void vault_close(struct vault *v);
/* A path in backup_run. */
const char *vault_path(const struct vault *v, const char *name);
/* Writes a file there that only the tools' user can read; text ends where it ends. */
int vault_write(struct vault *v, const char *name, str text) must_check;
/* PostgreSQL's archive_command. */
int backup_archive(struct call *call) must_check;
/* A secret by the name of its credential, or, for who may, from where it is kept (secret_store.h); E_NOT_FOUND. */
int vault_secret(struct ctx *c, const char *name, str *ret) must_check;
/* The configurations of pgBackRest and of restic's S3 store. */
str repository_pgbackrest(struct vault *v);
/* The name that restic knows the repository by, and its options, appended to an argument vector. */
size_t repository_restic(struct vault *v, const char **argv);

/* How the schema's owner reaches the database: a credential of its own (rookery.database.owner), or as everybody. */
const char *vault_owner(struct vault *v);

/* A step, told to people on standard error. */
void vault_say(const struct vault *v, const char *format, ...) printf_like(2, 3);

/* One program, run to its end. */
struct tool {
	const char *argv[TOOL_ARGUMENTS]; /* ends with NULL; found in PATH */
	const char *cwd; /* NULL: the root */
	str input; /* for its standard input */
	int in, out; /* instead of input and of the answer; 0: these */
	bool as_self; /* as who we are: for systemctl and what only root may do */
	bool gently; /* after everybody else */
};

struct tool_answer {
	int status; /* 128 + signal when it was killed */
	str out; /* its standard output */
	str words; /* the end of its standard error */
};

/* Fails only when it could not be run. */
int tool_run(struct vault *v, const struct tool *t, struct tool_answer *ret) must_check;
/* The same; E_LATER with its last words when it did not end with 0. */
int tool_do(struct vault *v, const struct tool *t, struct tool_answer *ret) must_check;
/* Two, of which the second reads what the first writes. */
int tool_pipe(struct vault *v, const struct tool *from, const struct tool *to,
	      struct tool_answer *ret) must_check;
/* A program of the PostgreSQL of that major version; of the newest one when it is 0. E_NOT_FOUND. */
int tool_postgres(struct vault *v, int64_t version, const char *name, const char **ret) must_check;

/* A database door of its own: another one than the command's, or without its limits of time. */
struct bench {
	struct program program;
	struct doors doors;
	struct ctx c;
};

/* conninfo NULL: the installation's. In the role that is given. */
int bench_open(struct vault *v, const char *conninfo, const char *role,
	       struct bench *ret) must_check;
/* Closes it; gives the result on, with its words. */
int bench_end(struct vault *v, struct bench *b, int result) must_check;

/* What was counted when a backup was made; it is stored in the repository with it. */
struct manifest {
	str label; /* of the base backup; of the dump's snapshot */
	str media; /* snapshot of the files; empty: the first of those that began afterwards */
	str lsn; /* position in the log where the counts are true; empty: a dump */
	str database;
	str rows, tally; /* JSON: rows by table; backup_tally(), null in those of before */
	bool exact;
	usec taken; /* of the snapshot that it is read from */
	int64_t version; /* of PostgreSQL */
};

/* pgBackRest. */
struct base_backup {
	str label, type;
	usec started, finished;
	int64_t size;
	int64_t timeline, end; /* in the log: where it is whole */
};

struct cluster_info {
	struct base_backup *backups; /* oldest first */
	size_t n;
	int64_t version; /* major, of PostgreSQL */
	str newest_log; /* name of the newest segment; empty: none */
	str archive; /* pgBackRest's name of the log; empty: none */
};

int cluster_prepare(struct vault *v) must_check;
int cluster_info(struct vault *v, struct cluster_info *ret) must_check;
int cluster_backup(struct vault *v, bool full, struct base_backup *ret) must_check;
/* The log up to here is in the repository when it returns. */
int cluster_archive(struct vault *v) must_check;
/* A position in the log ("0/3000158"); 0: it is none. */
int64_t cluster_lsn(struct vault *v, str text);
/* What a command of pgBackRest says of a path in the repository. */
int cluster_ask(struct vault *v, const char *name, const char *const *options, const char *path,
		str *ret) must_check;
/*
 * What brings the state of a moment back, 0: the last one: the timeline of the log that was written then, and the newest
 * base backup before it from which that goes on. E_INVALID: there is none. timeline 0: there is but one.
 */
struct course {
	struct base_backup base;
	int64_t timeline;
	usec left; /* when a restore left the timeline for another one; 0: it is the newest */
};
int cluster_course(struct vault *v, const struct cluster_info *info, usec at,
		   struct course *ret) must_check;
/* Into a directory: up to a position, a moment (clock), or NULL: as far as there is log. */
struct cluster_target {
	const char *directory;
	const char *label; /* NULL: the one that fits */
	const char *type, *target;
	int64_t timeline; /* 0: the newest one */
	bool again; /* over what is there */
	bool gently;
};
int cluster_restore(struct vault *v, const struct cluster_target *t) must_check;

/* restic: snapshots by tag. */
struct snapshot {
	str id, host;
	usec taken;
};

int files_prepare(struct vault *v, bool make) must_check;
/*
 * A directory, as the newest of its tag. parent: a snapshot whose bytes stand for those of files of the same name, size
 * and time; NULL: restic looks for one. An empty id: there are no files.
 */
struct files_source {
	const char *directory, *tag;
	const char *parent;
};
int files_backup(struct vault *v, const struct files_source *source, str *ret_id,
		 int64_t *ret_size) must_check;
/* Lets go of these snapshots; what only they had stays until the next files_forget. */
int files_drop(struct vault *v, const str *ids, size_t n) must_check;
/* Files of the store of objects: the same, from a scratch directory below that one. */
int objects_backup(struct vault *v, const char *parent, str *ret_id, int64_t *ret_size) must_check;
/* All with that tag, oldest first. */
int files_snapshots(struct vault *v, const char *tag, struct snapshot **ret,
		    size_t *ret_n) must_check;
/* All files, those of these names, or those whose names begin with these two digits. gently: in a drill, as the tools' user; else as who we are. */
struct files_target {
	str id;
	const char *directory;
	strs names;
	const char *digits;
	bool gently;
};
int files_restore(struct vault *v, const struct files_target *target) must_check;
/* One file, from a text, an open file or what a program says; and the program that says it again. */
struct files_input {
	const char *tag, *name;
	const char *host; /* whose it is; NULL: the installation's */
	str text;
	int in; /* 0: none */
	const struct tool *from;
};
struct stored {
	str id;
	int64_t size;
};
int files_store(struct vault *v, const struct files_input *i, struct stored *ret) must_check;
struct tool files_dump(struct vault *v, str id, const char *name);
/* Keeps what is younger than that; a number of snapshots for the tag database, when it is not 0. */
int files_forget(struct vault *v, usec oldest, int64_t dumps) must_check;
/* Reads the repository: its structure, and a part of its packs ("1/13"), or all of them ("100%"). */
int files_check(struct vault *v, const char *subset) must_check;
/* The names of all files of a snapshot, with their sizes, sorted by name. */
struct file_entry {
	const char *name;
	int64_t size;
	usec changed;
};
int files_list(struct vault *v, str id, struct file_entry **ret, size_t *ret_n) must_check;
/* One that was restored, for reading, although its owner may not; -1. */
int file_open(const char *path) must_check;
const struct file_entry *file_find(const struct file_entry *all, size_t n, str name);
int manifest_store(struct vault *v, const struct manifest *m) must_check;
/* The newest one. */
int manifest_load(struct vault *v, struct manifest *ret) must_check;

/* pg_dump and pg_restore. */
int dump_backup(struct vault *v, struct manifest *ret, int64_t *ret_size) must_check;
/* E_CONFLICT: servers or stators are connected, and where from; ours are stopped. */
int dump_is_alone(struct vault *v, int64_t version) must_check;
/* All of it or nothing. service: of db/service.h. */
struct dump_target {
	str id;
	int64_t version; /* of PostgreSQL */
	str service;
	const char *
		aside; /* a schema for what was there; NULL: nothing was, and whoever restores owns all */
	bool in_place; /* it goes away, before anything is restored */
	bool gently;
};
/* Into an empty database; and over one. *ret_moved: the schema aside is there now. */
int dump_restore(struct vault *v, const struct dump_target *t) must_check;
int dump_replace(struct vault *v, const struct dump_target *t, bool *ret_moved) must_check;

/* A PostgreSQL that nobody else knows of, in a directory that goes away with it. */
struct scratch {
	struct vault *v;
	const char *directory;
	int64_t version;
	bool runs;
};

int scratch_make(struct vault *v, const char *parent, int64_t version,
		 struct scratch *ret) must_check;
/* A cluster with our roles and an empty database, for a dump. */
int scratch_initialise(struct scratch *s, str database) must_check;
const char *scratch_path(const struct scratch *s, const char *name);
int scratch_start(struct scratch *s) must_check;
int scratch_stop(struct scratch *s) must_check;
const char *scratch_conninfo(const struct scratch *s, str database);
void scratch_remove(struct scratch *s);

/* A directory of the tools' user below that one, for one command; and away with it and all in it. */
int tree_make(struct vault *v, const char *parent, const char **ret) must_check;
void tree_remove(const char *path);
/* Where there is room for such, when --scratch does not say. */
const char *tree_parent(struct vault *v);

/* All below a path and itself, but what is no file, folder or link, in the order of names. enter: to be said of folders. */
typedef int (*tree_visit)(void *arg, const char *path, const struct stat *st, bool *enter);
int tree_walk(struct vault *v, const char *path, tree_visit visit, void *arg) must_check;

/*
 * The machine's own configuration: an archive of tar, with the paths of its files below the root, and the names of the
 * secrets that the machine has.
 */
#define CONFIGURATION_FILE "configuration.tar"
#define CONFIGURATION_SECRETS "secrets"
struct configuration {
	str id; /* of the snapshot */
	str machine;
	usec taken;
};
/* Into the repository; unless always, only when it is another one than the last from here. */
int configuration_backup(struct vault *v, bool always) must_check;
/* This machine, as the repository calls it. */
str configuration_machine(struct vault *v);
/* The newest of each machine. */
int configuration_machines(struct vault *v, struct configuration **ret, size_t *ret_n) must_check;
/* The last one until a moment (0: of all), or else the first. E_CONFLICT: of which machine; E_NOT_FOUND. */
int configuration_find(struct vault *v, str machine, usec at, struct configuration *ret) must_check;
/* Reads it; how many entries it has. */
int configuration_try(struct vault *v, const struct configuration *one, size_t *ret_n) must_check;
/* Where secrets are, NULL-ended. */
const char *const *secret_places(const struct vault *v);
/* The command that writes the archive to standard output. */
int configuration_hand_over(struct call *call);
void configuration_print(const struct json *answer, struct out *o);

/*
 * Beside a restore: the one of that moment is laid into a new directory (--into), and the answer says what of it is not so
 * here. Where there is none, or that does not work, it is said, and nobody gets no database back for want of it.
 */
void configuration_plan(struct vault *v, usec at, struct configuration *ret);
void configuration_bring(struct vault *v, const struct configuration *one);
/* The command that puts it in place as well. */
int configuration_restore(struct call *call);

/* What the doctor says of backups. */
int doctor_backups(struct ctx *c, struct json_out *w, bool *well) must_check;

/* The commands that have files of their own. */
int backup_verify(struct call *call, struct vault *v) must_check;
void backup_verify_print(const struct json *answer, struct out *o);
int backup_restore(struct call *call) must_check;
/* --at; 0: it is not given. */
int restore_time(struct call *call, usec *ret) must_check;
/* Whether that is to be done; --yes does not ask. E_INVALID: it is not. */
int restore_ask(struct call *call, const char *what) must_check;
/*
 * The files that a database wants: how many, and those that are not there. All is in the arena of v.
 */
typedef bool (*file_is_there)(void *arg, str name, int64_t size);
struct wanted_file {
	str name, type;
	int64_t size;
};
struct wanted {
	int64_t n;
	struct wanted_file *missing; /* in the order of their names */
	size_t n_missing, room;
};
int wanted_files(struct vault *v, struct ctx *c, file_is_there is_there, void *arg,
		 struct wanted *ret) must_check;
/* Not in the store, or not of their size. Fails when the store does not answer. */
int wanted_in_store(struct vault *v, struct ctx *c, struct wanted *ret) must_check;
/* Brings those from a snapshot into the store that it has; leaves the others. parent: of a scratch directory. */
int objects_restore(struct vault *v, struct ctx *c, str id, const char *parent,
		    struct wanted *w) must_check;

#endif
