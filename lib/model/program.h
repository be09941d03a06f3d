/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * program: what the server, the stator and the command line do alike: read the settings, open the
 * doors under their own database role, keep the snapshot of tenants fresh.
 */
#ifndef MODEL_PROGRAM_H
#define MODEL_PROGRAM_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/settings.h"

struct loop;
struct domains_watch; /* program.c */

#define PROGRAM_SECRETS 3

struct program {
	const char *name; /* "rookery-server" */
	const char *role; /* "rookery_server" */
	const char *console_role; /* of the console, if there is one; NULL: not in this program */
	struct arena *arena; /* for the life of the process */
	struct settings settings;
	/* Options that hold a secret without being a credential; ends with NULL. */
	const char *open_secrets[PROGRAM_SECRETS + 1];
	struct domains_watch *watch; /* of program_watch_domains */
};

/* The doors of one loop. */
struct doors {
	struct loop *loop;
	struct db *db;
	struct db *host_db; /* with the host role, for the console alone; NULL: there is none */
	struct fetch *fetch;
	struct media *media;
};

/*
 * Takes --config=FILE and all options out of argv and fills the settings, secrets from systemd's credentials as
 * well; sets the log level. What is wrong is printed to standard error; the result then is an exit code (2).
 */
int program_load(struct program *p, int *argc, char **argv) must_check;
/*
 * After that failed, for who may not stop: by the last settings that could be read, which rookery backup archive keeps
 * below backup_run.
 */
int program_load_last(struct program *p, int *argc, char **argv) must_check;
#define SETTINGS_LAST "archive.conf"

/* Takes an argument without a value out of argv; whether it was there. */
bool program_flag(int *argc, char **argv, const char *flag);

/* The outbound door alone; courier: see struct fetch_options. */
int program_open_fetch(const struct program *p, struct loop *l, const char *courier,
		       struct fetch **ret) must_check;

/* The program that decodes media: as set, or the one beside this program. */
const char *media_worker_path(const struct program *p);

/* Opens the doors on a loop of the calling thread; nothing is connected yet. */
int doors_open(const struct program *p, struct loop *l, struct doors *ret) must_check;
void doors_close(struct doors *d);

/* A fresh ctx on an arena of its own, with a reference to the snapshot; ctx_done gives both back. */
void ctx_open(struct ctx *c, const struct program *p, const struct doors *d);
void ctx_done(struct ctx *c);

/* In a fiber: loads the snapshot of tenants and makes it the present one. Logs what fails. */
int program_load_domains(const struct program *p, const struct doors *d) must_check;
/* Loads it again whenever it changes, and then calls changed (NULL: nobody), until it is ended. */
int program_watch_domains(struct program *p, const struct doors *d, void (*changed)(void *arg),
			  void *arg) must_check;

/*
 * From the loop: loads it again as if it had changed, and then calls loaded, whether it worked or not; not when the watch
 * was ended before.
 */
void program_reload_domains(struct program *p, void (*loaded)(void *arg), void *arg);

/* In a fiber, before the doors are closed: no load is under way afterwards, and none begins. */
void program_unwatch_domains(struct program *p);

#endif
