/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a program works only on the schema version that it was built with; db_options carries
 * that check to every connection.
 */
#include "model/program.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/daemon.h"
#include "db/db.h"
#include "db/migrate.h"
#include "db/service.h"
#include "fetch/fetch.h"
#include "loop/fiber.h"
#include "loop/loop.h"
#include "media/media.h"
#include "model/domain.h"

#define STATEMENT_TIMEOUT (30 * USEC_SEC)

/* Forgets argv[i]. */
static void drop(int *argc, char **argv, int i)
{
	memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof(*argv));
	--*argc;
}

bool program_flag(int *argc, char **argv, const char *flag)
{
	for (int i = 1; i < *argc; i++)
		if (strcmp(argv[i], flag) == 0) {
			drop(argc, argv, i);
			return true;
		}
	return false;
}

/* The value of --config=; NULL when there is none. */
static const char *take_file(int *argc, char **argv)
{
	static const char option[] = "--config=";

	for (int i = 1; i < *argc; i++)
		if (strncmp(argv[i], option, sizeof(option) - 1) == 0) {
			const char *file = argv[i] + sizeof(option) - 1;

			drop(argc, argv, i);
			return file;
		}
	return NULL;
}

/* Options that may be secret, each also a credential of that name, which goes before. */
static const struct {
	const char *name;
	size_t offset;
	bool (*is_secret)(const char *value); /* NULL: whatever it is */
} secrets[PROGRAM_SECRETS] = {
	{ "database", offsetof(struct settings, database), db_has_password },
	{ "media_s3_secret", offsetof(struct settings, media_s3_secret), NULL },
	{ "smtp_password", offsetof(struct settings, smtp_password), NULL },
};

/* Before credentials take their place. */
static void note_open_secrets(struct program *p)
{
	size_t n = 0;

	for (size_t i = 0; i < PROGRAM_SECRETS; i++) {
		const char *value =
			*(const char *const *)((const char *)&p->settings + secrets[i].offset);

		if (*value && (!secrets[i].is_secret || secrets[i].is_secret(value)))
			p->open_secrets[n++] = secrets[i].name;
	}
}

/* A credential that is there and cannot be read is never passed over for a default. */
static int load_secrets(struct program *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		const char **option = (const char **)((char *)&p->settings + secrets[i].offset);
		str secret;
		int result = daemon_credential(p->arena, secrets[i].name, &secret);

		if (!result)
			*option = str_z(p->arena, str_trim(secret));
		else if (result != E_NOT_FOUND) {
			fprintf(stderr, "%s: the credential %s cannot be read: %s\n", p->name,
				secrets[i].name, err_name(result));
			return 2;
		}
	}
	return 0;
}

static int load_file(struct program *p, const char *file, bool is_optional, int *argc, char **argv)
{
	str message;

	if (!conf_load(p->arena, settings_table, settings_count, file, is_optional, argc, argv,
		       &p->settings, &message))
		return 0;
	fprintf(stderr, "%s: %.*s\n", p->name, STR_ARG(message));
	return 2;
}

static int settle(struct program *p)
{
	enum log_level level;

	if (!log_level_of(p->settings.log_level, &level)) {
		fprintf(stderr, "%s: log_level is error, warning, info or debug\n", p->name);
		return 2;
	}
	log_set_level(level);
	daemon_log_to_journal();
	offload_set_threads((unsigned)p->settings.offload_threads);
	note_open_secrets(p);
	return load_secrets(p);
}

int program_load(struct program *p, int *argc, char **argv)
{
	const char *file = take_file(argc, argv);
	int result = load_file(p, file ? file : SETTINGS_FILE, !file, argc, argv);

	return result ? result : settle(p);
}

/* Where they are, options that are not in a file say, or their defaults. */
int program_load_last(struct program *p, int *argc, char **argv)
{
	int result = load_file(p, NULL, true, argc, argv);
	str file;

	if (result)
		return result;
	file = str_fmt(p->arena, "%s/" SETTINGS_LAST, p->settings.backup_run);
	result = load_file(p, file.p, false, argc, argv);
	if (result)
		return result;
	fprintf(stderr, "%s: it goes on with %s, the last settings that could be read\n", p->name,
		file.p);
	return settle(p);
}

int program_open_fetch(const struct program *p, struct loop *l, const char *courier,
		       struct fetch **ret)
{
	const struct settings *s = &p->settings;
	struct fetch_options o = {
		.user_agent = "Rookery/" ROOKERY_VERSION,
		.ca_file = *s->ca_file ? s->ca_file : NULL,
		.allow = s->fetch_allow,
		.courier = courier,
		.timeout = s->fetch_timeout * USEC_SEC,
		.connections = (unsigned)s->deliveries * 2,
		.per_host = (unsigned)s->deliveries_per_host * 2,
	};

	return fetch_new(l, &o, ret);
}

const char *media_worker_path(const struct program *p)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
	str own = { path, n < 0 ? 0 : (size_t)n };
	size_t slash = str_find_char_last(own, '/');

	if (*p->settings.media_worker)
		return p->settings.media_worker;
	if (slash == SIZE_MAX)
		return "rookery-media";
	return str_fmt(p->arena, "%.*s/rookery-media", (int)slash, path).p;
}

/* The store of objects is reached by a door of its own, so that its address is open to nobody else. */
static int open_store_fetch(const struct program *p, struct loop *l, struct fetch **ret)
{
	const struct settings *s = &p->settings;
	struct fetch_options o = {
		.user_agent = "Rookery/" ROOKERY_VERSION,
		.ca_file = *s->ca_file ? s->ca_file : NULL,
		.allow = s->media_s3_allow,
		.connections = 32,
		.per_host = 16,
	};

	return *s->media_s3 ? fetch_new(l, &o, ret) : 0;
}

static int open_media(const struct program *p, struct loop *l, struct media **ret)
{
	const struct settings *s = &p->settings;
	struct media_options o = {
		.store = {
			.directory = s->media_path,
			.s3 = s->media_s3,
			.s3_region = s->media_s3_region,
			.s3_key = s->media_s3_key,
			.s3_secret = s->media_s3_secret,
			.public_url = s->media_public_url,
		},
		.workers = { .program = media_worker_path(p), .count = (unsigned)s->media_workers },
	};

	TRY(open_store_fetch(p, l, &o.store.fetch));
	return media_new(&o, ret);
}

static int open_db(const struct program *p, struct loop *l, const char *role, str conninfo,
		   int64_t sessions, struct db **ret)
{
	struct db_options db = {
		.conninfo =
			str_z(p->arena, str_fmt(p->arena, "user=%s %.*s", role, STR_ARG(conninfo))),
		.program = migrate_label(p->arena, p->name).p,
		.sessions = (unsigned)sessions,
		.statement_timeout = STATEMENT_TIMEOUT,
		.check_schema = true,
	};

	return db_new(l, &db, ret);
}

/* Roles that log in by passwords have one each, so that the console's is a credential of its own. */
static int open_host_db(const struct program *p, struct loop *l, struct db **ret)
{
	str conninfo;
	int result;

	if (!p->console_role || !*p->settings.console_host)
		return 0;
	result = daemon_credential(p->arena, "database_host", &conninfo);
	if (result == E_NOT_FOUND)
		conninfo = str_c(p->settings.database);
	else if (result)
		return result;
	return open_db(p, l, p->console_role, str_trim(conninfo), 1, ret);
}

int doors_open(const struct program *p, struct loop *l, struct doors *ret)
{
	const struct settings *s = &p->settings;
	struct doors d = { .loop = l };
	int result;

	TRY(open_db(p, l, p->role, str_c(s->database), s->database_sessions, &d.db));
	result = open_host_db(p, l, &d.host_db);
	if (!result)
		result = program_open_fetch(p, l, s->courier, &d.fetch);
	if (!result)
		result = open_media(p, l, &d.media);
	if (result) {
		doors_close(&d);
		return result;
	}
	*ret = d;
	return 0;
}

void doors_close(struct doors *d)
{
	media_free(d->media);
	fetch_free(d->fetch);
	db_free(d->host_db);
	db_free(d->db);
	*d = (struct doors){ .loop = d->loop };
}

void ctx_open(struct ctx *c, const struct program *p, const struct doors *d)
{
	ctx_init(c, arena_new());
	c->db = d->db;
	c->fetch = d->fetch;
	c->media = d->media;
	c->settings = &p->settings;
	c->domains = domain_table_acquire();
}

void ctx_done(struct ctx *c)
{
	db_rollback(c);
	domain_table_unref(c->domains);
	arena_free(c->arena);
}

int program_load_domains(const struct program *p, const struct doors *d)
{
	struct domain_table *t;
	struct ctx c;
	int result;

	ctx_open(&c, p, d);
	result = domain_table_load(&c, &t);
	if (result)
		log_error(&c, "event=load_domains error=%s message=\"%.*s\"", err_name(result),
			  STR_ARG(ctx_error(&c, result)));
	else
		domain_table_use(t);
	ctx_done(&c);
	return result;
}

struct domains_watch {
	const struct program *program;
	const struct doors *doors;
	void (*changed)(void *arg);
	void *arg;
	void (*loaded)(void *arg); /* of a reload that was asked for; NULL: none was */
	void *loaded_arg;
	bool loading, again, ended;
};

static void tell_loaded(struct domains_watch *w, void (*loaded)(void *arg))
{
	if (loaded && !w->ended)
		loaded(w->loaded_arg);
}

static void load_again(void *arg)
{
	struct domains_watch *w = arg;

	do {
		/* Who asks during a load waits for the next. */
		void (*loaded)(void *arg) = w->loaded;

		w->loaded = NULL;
		w->again = false;
		if (!program_load_domains(w->program, w->doors) && w->changed)
			w->changed(w->arg);
		tell_loaded(w, loaded);
	} while (w->again && !w->ended);
	w->loading = false;
}

/* Changes in quick succession are loaded once. */
static void on_change(void *arg, unused str payload)
{
	struct domains_watch *w = arg;

	if (w->loading || w->ended) {
		w->again = true;
		return;
	}
	w->loading = !fiber_spawn(w->doors->loop, load_again, w);
}

int program_watch_domains(struct program *p, const struct doors *d, void (*changed)(void *arg),
			  void *arg)
{
	struct domains_watch *w = arena_new_of(p->arena, struct domains_watch);

	*w = (struct domains_watch){ .program = p, .doors = d, .changed = changed, .arg = arg };
	p->watch = w;
	return db_listen(d->db, DOMAIN_CHANNEL, on_change, w);
}

void program_reload_domains(struct program *p, void (*loaded)(void *arg), void *arg)
{
	struct domains_watch *w = p->watch;

	w->loaded = loaded;
	w->loaded_arg = arg;
	on_change(w, STR(""));
	if (!w->loading)
		tell_loaded(w, loaded);
}

void program_unwatch_domains(struct program *p)
{
	if (!p->watch)
		return;
	p->watch->ended = true;
	while (p->watch->loading)
		fiber_sleep(USEC_MSEC);
}
