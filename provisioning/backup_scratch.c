/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A PostgreSQL for a drill. Invariant: it has no network and no archive, its socket is in a directory that only the
 * tools' user (and root) can enter, and all of it goes away with that directory.
 */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/fiber.h"
#include "provisioning/backup.h"

#define LOOK (USEC_SEC / 5)
#define START_PATIENCE "604800" /* seconds: a large log takes its time */

const char *scratch_path(const struct scratch *s, const char *name)
{
	return str_fmt(s->v->c->arena, "%s/%s", s->directory, name).p;
}

static int make_directory(struct scratch *s, const char *name)
{
	const char *path = scratch_path(s, name);

	if (mkdir(path, 0700) || (geteuid() == 0 && chown(path, s->v->uid, s->v->gid)))
		return fail(s->v->c, E_FORBIDDEN, "%s cannot be made: %s", path, strerror(errno));
	return 0;
}

static int write_file(struct scratch *s, const char *name, str text)
{
	const char *path = scratch_path(s, name);
	FILE *f = fopen(path, "wxe");
	bool well = f && fwrite(text.p, 1, text.n, f) == text.n &&
		    !(geteuid() == 0 && fchown(fileno(f), s->v->uid, s->v->gid));

	if (f && fclose(f))
		well = false;
	return well ? 0 : fail(s->v->c, E_LATER, "%s cannot be written", path);
}

/* The restored cluster's own settings may name files of another machine: it gets these instead. */
static str configuration(struct scratch *s)
{
	return str_fmt(s->v->c->arena,
		       "listen_addresses = ''\nunix_socket_directories = '%s'\n"
		       "unix_socket_permissions = 0700\nhba_file = '%s'\nident_file = '%s'\n"
		       "shared_buffers = 64MB\nmax_connections = 20\nhot_standby = off\n"
		       "fsync = off\nlogging_collector = off\nautovacuum = off\njit = off\n",
		       scratch_path(s, "socket"), scratch_path(s, "hba"), scratch_path(s, "ident"));
}

int tree_make(struct vault *v, const char *parent, const char **ret)
{
	char *directory = str_z(v->c->arena, str_fmt(v->c->arena, "%s/rookery-XXXXXX", parent));

	if (!mkdtemp(directory))
		return fail(v->c, E_FORBIDDEN, "%s: %s", parent, strerror(errno));
	*ret = directory;
	if (geteuid() == 0 && chown(directory, v->uid, v->gid))
		return fail(v->c, E_FORBIDDEN, "%s: %s", directory, strerror(errno));
	return 0;
}

static int remove_one(const char *path, unused const struct stat *st, unused int kind,
		      unused struct FTW *at)
{
	return remove(path);
}

void tree_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *tree_parent(struct vault *v)
{
	str place = cli_option(v->call, "scratch");

	return str_is_empty(place) ? "/var/tmp" : str_z(v->c->arena, place);
}

int scratch_make(struct vault *v, const char *parent, int64_t version, struct scratch *ret)
{
	*ret = (struct scratch){ .v = v, .version = version };
	TRY(tree_make(v, parent, &ret->directory));
	TRY(make_directory(ret, "data"));
	TRY(make_directory(ret, "socket"));
	TRY(make_directory(ret, "media"));
	TRY(write_file(ret, "hba", STR("local all all trust\n")));
	TRY(write_file(ret, "ident", STR("")));
	return write_file(ret, "conf", configuration(ret));
}

static int pg_ctl(struct scratch *s, const char *what, const char *mode)
{
	struct tool t = { .argv = { NULL, what, "-D", scratch_path(s, "data"), "-w", "-s", "-t",
				    START_PATIENCE },
			  .gently = true };
	struct tool_answer answer;
	size_t n = 8;

	TRY(tool_postgres(s->v, s->version, "pg_ctl", &t.argv[0]));
	if (mode) {
		t.argv[n++] = "-m";
		t.argv[n++] = mode;
	} else {
		t.argv[n++] = "-l";
		t.argv[n++] = scratch_path(s, "log");
		t.argv[n++] = "-o";
		t.argv[n++] = str_fmt(s->v->c->arena,
				      "-c config_file=%s -c archive_mode=off "
				      "-c shared_preload_libraries=",
				      scratch_path(s, "conf"))
				      .p;
	}
	return tool_do(s->v, &t, &answer);
}

static str last_words(struct scratch *s)
{
	struct tool t = { .argv = { "tail", "-n", "3", scratch_path(s, "log"), NULL } };
	struct tool_answer answer;

	return tool_run(s->v, &t, &answer) ? STR("") : str_trim(answer.out);
}

static int query(struct scratch *s, const char *sql, const char *database)
{
	struct tool t = { .argv = { NULL, "-XqAt", "-v", "ON_ERROR_STOP=1", "-h",
				    scratch_path(s, "socket"), "-U", s->v->user, "-d", database,
				    "-c", sql, NULL } };
	struct tool_answer answer;

	TRY(tool_postgres(s->v, s->version, "psql", &t.argv[0]));
	return tool_do(s->v, &t, &answer);
}

/* pg_ctl is content with a PostgreSQL that reads its log; it lets in when it has read all of it. */
static int wait_recovered(struct scratch *s)
{
	while (query(s, "select 1", "postgres")) {
		if (access(scratch_path(s, "data/postmaster.pid"), F_OK))
			return E_LATER;
		fiber_sleep(LOOK);
	}
	return 0;
}

int scratch_start(struct scratch *s)
{
	s->runs = true;
	if (pg_ctl(s, "start", NULL) || wait_recovered(s))
		return fail(s->v->c, E_LATER, "the restored PostgreSQL does not start: %.*s",
			    STR_ARG(last_words(s)));
	return 0;
}

int scratch_stop(struct scratch *s)
{
	s->runs = false;
	return pg_ctl(s, "stop", "fast");
}

const char *scratch_conninfo(const struct scratch *s, str database)
{
	return str_fmt(s->v->c->arena, "host=%s dbname=%.*s", scratch_path(s, "socket"),
		       STR_ARG(database))
		.p;
}

int scratch_initialise(struct scratch *s, str database)
{
	static const char *const roles[] = { "rookery_owner", "rookery_server", "rookery_stator",
					     "rookery_host" };
	struct arena *a = s->v->c->arena;
	struct tool t = { .argv = { NULL, "-D", scratch_path(s, "data"), "-U", s->v->user,
				    "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
				    "--no-sync", "--no-instructions", NULL } };
	struct tool_answer answer;

	TRY(tool_postgres(s->v, s->version, "initdb", &t.argv[0]));
	TRY(tool_do(s->v, &t, &answer));
	TRY(scratch_start(s));
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		TRY(query(s, str_fmt(a, "create role %s login", roles[i]).p, "postgres"));
	TRY(query(s, "create role rookery_mover", "postgres"));
	return query(s, str_fmt(a, "create database %.*s", STR_ARG(database)).p, "postgres");
}

void scratch_remove(struct scratch *s)
{
	if (!s->directory)
		return;
	if (s->runs && pg_ctl(s, "stop", "immediate"))
		vault_say(s->v, "the PostgreSQL in %s could not be stopped", s->directory);
	tree_remove(s->directory);
	s->directory = NULL;
}
