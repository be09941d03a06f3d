/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What all commands of backups begin with. Invariant: a secret is on no disk but where the operator or the machine put it;
 * the copies that tools read are in memory and readable by their user alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "daemon/daemon.h"
#include "daemon/fd.h"
#include "db/db.h"
#include "loop/loop.h"
#include "provisioning/backup.h"
#include "provisioning/secret_store.h"
#include "sql/gen/backup.h"

#define PASSPHRASE_LEAST 16
#define PATIENT " options='-c statement_timeout=0 -c idle_in_transaction_session_timeout=0'"

const char *vault_path(const struct vault *v, const char *name)
{
	return str_fmt(v->c->arena, "%s/%s", v->home, name).p;
}

void vault_say(const struct vault *v, const char *format, ...)
{
	va_list args;
	struct out o;

	out_init(&o, v->c->arena, 4096);
	va_start(args, format);
	out_vfmt(&o, format, args);
	va_end(args);
	fprintf(stderr, "rookery: %.*s\n", STR_ARG(out_view(&o)));
}

int vault_secret(struct ctx *c, const char *name, str *ret)
{
	int result = daemon_credential(c->arena, name, ret);

	return result == E_NOT_FOUND ? secret_read(c, str_c(name), ret) : result;
}

static bool is_one_line(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 127)
			return false;
	return s.n > 0;
}

static int read_secrets(struct vault *v)
{
	int result = vault_secret(v->c, "backup_passphrase", &v->passphrase);

	if (result == E_NOT_FOUND)
		return fail(v->c, E_NOT_FOUND,
			    "there is no passphrase: rookery backup key makes one");
	TRY(result);
	v->passphrase = str_trim(v->passphrase);
	if (!is_one_line(v->passphrase) || v->passphrase.n < PASSPHRASE_LEAST)
		return fail(v->c, E_INVALID,
			    "the passphrase is a word of at least %d characters without spaces",
			    PASSPHRASE_LEAST);
	if (v->repository.kind == REPOSITORY_S3) {
		TRY(vault_secret(v->c, "backup_s3_secret", &v->s3_secret));
		v->s3_secret = str_trim(v->s3_secret);
		if (!is_one_line(v->s3_secret) || !is_one_line(str_c(v->s->backup_s3_key)))
			return fail(v->c, E_INVALID, "backup_s3_key and its secret are words");
	}
	if (v->repository.kind == REPOSITORY_SFTP)
		TRY(vault_secret(v->c, "backup_ssh_key", &v->ssh_key));
	return 0;
}

static void add_group(struct vault *v, gid_t gid)
{
	for (size_t i = 0; i < v->n_groups; i++)
		if (v->groups[i] == gid)
			return;
	if (v->n_groups < TOOL_GROUPS)
		v->groups[v->n_groups++] = gid;
}

/* Root hands the work to the owner of the cluster, or to the role's own user; others do it themselves. */
static const struct passwd *find_user(const struct vault *v)
{
	const struct passwd *found = NULL;
	struct stat st;

	if (geteuid() != 0)
		return getpwuid(geteuid());
	if (v->has_cluster && stat(v->s->backup_cluster, &st) == 0 && st.st_uid)
		return getpwuid(st.st_uid);
	if (!v->has_cluster)
		found = getpwnam("rookery_owner");
	return found ? found : getpwnam("postgres");
}

static int choose_user(struct vault *v)
{
	const struct passwd *user = find_user(v);
	int n = TOOL_GROUPS - 1;
	struct stat st;

	if (!user)
		return fail(v->c, E_NOT_FOUND,
			    "there is no user to work as: is PostgreSQL installed?");
	v->uid = user->pw_uid;
	v->gid = user->pw_gid;
	v->user = str_z(v->c->arena, str_c(user->pw_name));
	if (getgrouplist(v->user, v->gid, v->groups, &n) < 0)
		n = 0;
	v->n_groups = (size_t)n;
	/* Files of media are readable by their group. */
	if (stat(v->s->media_path, &st) == 0)
		add_group(v, st.st_gid);
	return 0;
}

static int give(struct vault *v, int fd)
{
	return geteuid() == 0 && fchown(fd, v->uid, v->gid) ? -errno : 0;
}

static int make_home(struct vault *v)
{
	cleanup(close_fd) int fd = -1;

	if (mkdir(v->home, 0700) && errno != EEXIST)
		return fail(v->c, E_FORBIDDEN, "%s cannot be made: %s", v->home, strerror(errno));
	fd = open(v->home, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || give(v, fd))
		return fail(v->c, E_FORBIDDEN, "%s is not to be had: %s", v->home, strerror(errno));
	return 0;
}

static bool write_all(int fd, str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n <= 0)
			return false;
		s = str_from(s, (size_t)n);
	}
	return true;
}

/* The archive command may read the old one at this very moment. */
int vault_write(struct vault *v, const char *name, str text)
{
	const char *path = vault_path(v, name), *fresh = str_fmt(v->c->arena, "%s.new", path).p;
	cleanup(close_fd) int fd = -1;

	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || !write_all(fd, text) || give(v, fd) || rename(fresh, path))
		return fail(v->c, E_FORBIDDEN, "%s cannot be written: %s", path, strerror(errno));
	return 0;
}

static int write_files(struct vault *v)
{
	const struct repository *r = &v->repository;
	struct arena *a = v->c->arena;

	TRY(vault_write(v, "passphrase", v->passphrase));
	if (v->has_cluster)
		TRY(vault_write(v, "pgbackrest.conf", repository_pgbackrest(v)));
	if (r->kind == REPOSITORY_S3)
		TRY(vault_write(
			v, "s3",
			str_fmt(a,
				"[default]\naws_access_key_id = %s\naws_secret_access_key = %.*s\n",
				v->s->backup_s3_key, STR_ARG(v->s3_secret))));
	if (r->kind == REPOSITORY_SFTP) {
		str host = r->port.n && !str_eq_c(r->port, "22")
				   ? str_fmt(a, "[%.*s]:%.*s", STR_ARG(r->host), STR_ARG(r->port))
				   : r->host;

		TRY(vault_write(v, "ssh_key", v->ssh_key));
		TRY(vault_write(v, "known_hosts",
				str_fmt(a, "%.*s %s\n", STR_ARG(host), v->s->backup_ssh_host_key)));
	}
	return 0;
}

static const struct {
	const char *file, *name; /* of the lock here, and of the one in the database */
} turns[] = {
	[TURN_DATABASE] = { "lock", "database" },
	[TURN_FILES] = { "files", "files" },
	[TURN_DRILL] = { "drill", "drill" },
};

static int lock_here(struct vault *v, enum turn turn, bool wait, struct held *ret)
{
	const char *name = turns[turn].file;

	ret->fd = open(vault_path(v, name), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (ret->fd < 0 || give(v, ret->fd))
		return fail(v->c, E_FORBIDDEN, "%s/%s cannot be opened", v->home, name);
	if (flock(ret->fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	ret->busy = "another one is under way";
	if (!wait)
		return 0;
	vault_say(v, "%s: waiting for it", ret->busy);
	if (flock(ret->fd, LOCK_EX))
		return fail(v->c, E_LATER, "%s/%s: %s", v->home, name, strerror(errno));
	ret->busy = NULL;
	return 0;
}

/* In a transaction that is open for as long as the turn: it wrote nothing and sees nothing, so it is in nobody's way. */
static int lock_in_database(struct vault *v, enum turn turn, bool wait, struct held *ret)
{
	struct bench *b = arena_new_of(v->c->arena, struct bench);
	const struct backup_lock_row *row;
	int result;

	TRY(bench_open(v, NULL, "rookery_host", b));
	ret->bench = b;
	result = db_begin(&b->c);
	if (!result)
		result = q_backup_lock(&b->c, wait, str_c(turns[turn].name), &row);
	if (result) {
		ret->bench = NULL;
		return bench_end(v, b, result);
	}
	if (!row->is_ours)
		ret->busy = "another machine is at it";
	return 0;
}

int vault_turn(struct vault *v, enum turn turn, bool wait, struct held *ret)
{
	/* What another machine makes need not be made again, but for files of a directory that it does not have. */
	bool is_own = turn == TURN_FILES && !v->is_remote;
	int result;

	*ret = (struct held){ .fd = -1 };
	result = lock_here(v, turn, wait, ret);
	if (!result && !ret->busy)
		result = lock_in_database(v, turn, wait && is_own, ret);
	v->c->now = clock_real();
	if (result)
		vault_give_back(ret);
	return result;
}

void vault_give_back(struct held *h)
{
	if (h->bench) {
		db_rollback(&h->bench->c);
		ctx_done(&h->bench->c);
		doors_close(&h->bench->doors);
	}
	close_fd(&h->fd);
	*h = (struct held){ .fd = -1 };
}

static int take_turn(struct vault *v, enum turn turn)
{
	struct held *h = v->held;

	if (turn == TURN_BACKUP) {
		TRY(lock_here(v, TURN_DATABASE, false, h));
		if (!h->busy)
			TRY(lock_here(v, TURN_FILES, false, ++h));
	} else
		TRY(vault_turn(v, turn, cli_is_set(v->call, "scheduled"), h));
	v->is_elsewhere = h->busy && h->bench;
	return h->busy ? fail(v->c, E_LATER, "%s", h->busy) : 0;
}

static int open_all(struct vault *v, enum turn turn)
{
	TRY(repository_parse(v->c, str_c(v->s->backup_repository), &v->repository));
	TRY(read_secrets(v));
	TRY(choose_user(v));
	TRY(make_home(v));
	if (turn)
		TRY(take_turn(v, turn));
	return write_files(v);
}

int vault_open(struct call *call, enum turn turn, struct vault *ret)
{
	const struct settings *s = call->c->settings;
	int result;

	*ret = (struct vault){
		.call = call,
		.c = call->c,
		.s = s,
		.home = s->backup_run,
		.has_cluster = *s->backup_cluster,
		.has_media = s->backup_media,
		.is_remote = *s->media_s3,
		.held = { { .fd = -1 }, { .fd = -1 } },
	};
	result = open_all(ret, turn);
	if (result)
		vault_close(ret);
	return result;
}

void vault_close(struct vault *v)
{
	for (size_t i = 0; i < TURNS_HELD; i++)
		vault_give_back(&v->held[i]);
}

const char *vault_owner(struct vault *v)
{
	str own;

	if (daemon_credential(v->c->arena, "database_owner", &own) &&
	    secret_read(v->c, STR("database.owner"), &own))
		own = str_c(v->call->program->settings.database);
	return str_fmt(v->c->arena, "user=rookery_owner %.*s", STR_ARG(str_trim(own))).p;
}

int bench_open(struct vault *v, const char *conninfo, const char *role, struct bench *ret)
{
	const struct program *p = v->call->program;

	ret->program = *p;
	ret->program.role = role;
	ret->program.settings.database =
		str_fmt(v->c->arena, "%s" PATIENT, conninfo ? conninfo : p->settings.database).p;
	TRY(doors_open(&ret->program, loop_current(), &ret->doors));
	ctx_open(&ret->c, &ret->program, &ret->doors);
	return 0;
}

/* What went wrong there is said here, since the other ctx goes away with its words. */
int bench_end(struct vault *v, struct bench *b, int result)
{
	if (result && b->c.error.n)
		result = fail(v->c, result, "%.*s", STR_ARG(str_trim(b->c.error)));
	ctx_done(&b->c);
	doors_close(&b->doors);
	return result;
}
