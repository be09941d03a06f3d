/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Files of secrets. Invariant: each is whole or not there, and only its owner can read it; what systemd-creds is given
 * comes by standard input, never by arguments.
 */
#include "provisioning/secret_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "daemon/fd.h"
#include "model/settings.h"
#include "provisioning/machine.h"
#include "provisioning/secret_part.h"

#define FILE_LIMIT (256 * 1024) /* what is encrypted is longer, and drop-ins have several */

const char *secret_plain_path(struct ctx *c, str name)
{
	return str_fmt(c->arena, "%s/rookery.%.*s", c->settings->secrets_path, STR_ARG(name)).p;
}

const char *secret_sealed_path(struct ctx *c, str name)
{
	return str_fmt(c->arena, "%s/rookery.%.*s", c->settings->sealed_path, STR_ARG(name)).p;
}

static int cannot(struct ctx *c, const char *path, const char *what)
{
	return fail(c, E_FORBIDDEN, "%s cannot be %s: %s", path, what, strerror(errno));
}

bool secret_is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

int secret_file_read(struct ctx *c, const char *path, str *ret, struct stat *st)
{
	cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = arena_array(c->arena, FILE_LIMIT, 1);
	ssize_t n;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return E_NOT_FOUND;
	if (fd < 0 || (st && fstat(fd, st)))
		return cannot(c, path, "read");
	n = read(fd, text, FILE_LIMIT);
	if (n <= 0 || n == FILE_LIMIT)
		return fail(c, E_INVALID, "%s is no secret", path);
	*ret = (str){ text, (size_t)n };
	return 0;
}

/* The directory above it has to be there. */
static int make_directory(struct ctx *c, const char *path, unsigned mode)
{
	return mkdir(path, mode) && errno != EEXIST ? cannot(c, path, "made") : 0;
}

int secret_lock(struct ctx *c, int *ret)
{
	const char *path = c->settings->secrets_path;
	cleanup(close_fd) int fd = -1;

	TRY(make_directory(c, path, 0700));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX))
		return cannot(c, path, "locked");
	*ret = fd;
	fd = -1;
	return 0;
}

/* What a killed one left has this name too, so it goes with the next. */
static const char *fresh_of(struct ctx *c, const char *path)
{
	return str_fmt(c->arena, "%s.new", path).p;
}

static int write_fresh(struct ctx *c, const char *path, str text, unsigned mode)
{
	char *directory = str_z(c->arena, str_c(path));
	cleanup(close_fd) int fd = -1;

	*strrchr(directory, '/') = 0;
	TRY(make_directory(c, directory, mode == 0600 ? 0700 : 0755));
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fchmod(fd, mode) == 0 &&
	    fsync(fd) == 0)
		return 0;
	return cannot(c, path, "written");
}

int secret_file_write(struct ctx *c, const char *path, str text, unsigned mode)
{
	const char *fresh = fresh_of(c, path);
	int result = write_fresh(c, fresh, text, mode);

	if (!result && rename(fresh, path))
		result = cannot(c, path, "written");
	if (result)
		unlink(fresh);
	return result;
}

/* Its room is written over, as far as the disk lets it, when nobody can take that for a secret any more. */
static int wipe(struct ctx *c, const char *path)
{
	static const char nothing[SECRET_LIMIT];
	cleanup(close_fd) int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (unlink(path) && errno != ENOENT)
		return cannot(c, path, "removed");
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size <= (off_t)sizeof(nothing) &&
	    write(fd, nothing, (size_t)st.st_size) == st.st_size)
		fsync(fd);
	return 0;
}

int secret_file_remove(struct ctx *c, const char *path)
{
	TRY(wipe(c, fresh_of(c, path)));
	return wipe(c, path);
}

/* What systemd-creds says is base64 in lines. */
static str without_line_ends(struct arena *a, str text)
{
	struct out o;
	str line;

	out_init(&o, a, text.n + 1);
	while (str_cut(&text, '\n', &line))
		out_str(&o, str_trim(line));
	return out_view(&o);
}

/*
 * The name of a credential differs from unit to unit, so none is sealed in; and no measurement of what was booted (PCR) is,
 * since firmware and images are updated, and a machine that then cannot open its own secrets has lost more than it won.
 */
int secret_seal(struct ctx *c, str value, str *ret)
{
	static const char *const argv[] = {
		"systemd-creds", "encrypt", "--name=", "--tpm2-pcrs=", "-", "-", NULL
	};
	str again;

	if (value.n > SECRET_LIMIT)
		return fail(c, E_INVALID, "a secret has %d bytes at most", SECRET_LIMIT);
	TRY(machine_feed(c, argv, value, ret));
	*ret = without_line_ends(c->arena, *ret);
	TRY(secret_open(c, *ret, &again));
	if (!str_eq(value, again))
		return fail(c, E_UNSUPPORTED, "what systemd-creds sealed is not what it opened");
	return 0;
}

int secret_open(struct ctx *c, str sealed, str *ret)
{
	static const char *const argv[] = { "systemd-creds", "decrypt", "--name=", "-", "-", NULL };

	if (machine_feed(c, argv, sealed, ret))
		return fail(c, E_FORBIDDEN, "this machine cannot open it: %s",
			    str_z(c->arena, ctx_error(c, E_UNSUPPORTED)));
	return 0;
}

/* What a sealed one begins with, the id of its kind of key, in base64. */
static const struct {
	const char *prefix;
	enum secret_state state;
} kinds[] = {
	{ "Whxqht+dQJax1aZeCGLxm", SECRET_BY_DISK },
	{ "DHzAexF2RZGcSwvqCLwg/", SECRET_BY_TPM },
	{ "k6iUCUh0RJCQyvL8k8q1U", SECRET_BY_TPM }, /* and a key of the disk */
};

static enum secret_state kind_of(str sealed)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_starts(sealed, str_c(kinds[i].prefix)))
			return kinds[i].state;
	return SECRET_SEALED;
}

int secret_judge(struct ctx *c, str name, enum secret_state *ret)
{
	str text, value;
	int result = secret_file_read(c, secret_plain_path(c, name), &text, NULL);

	*ret = SECRET_PLAIN;
	if (result != E_NOT_FOUND)
		return result == E_INVALID ? 0 : result;
	*ret = SECRET_NONE;
	result = secret_file_read(c, secret_sealed_path(c, name), &text, NULL);
	if (result)
		return result == E_NOT_FOUND ? 0 : result;
	*ret = secret_open(c, text, &value) ? SECRET_BROKEN : kind_of(text);
	return 0;
}

int secret_read(struct ctx *c, str name, str *ret)
{
	str sealed;
	int result = secret_file_read(c, secret_plain_path(c, name), ret, NULL);

	if (result != E_NOT_FOUND)
		return result;
	TRY(secret_file_read(c, secret_sealed_path(c, name), &sealed, NULL));
	return secret_open(c, sealed, ret);
}

int secret_make(struct ctx *c, str name, str value)
{
	const char *path = secret_plain_path(c, name);
	cleanup(close_fd) int lock = -1;

	TRY(secret_lock(c, &lock));
	if (secret_is_file(path) || secret_is_file(secret_sealed_path(c, name)))
		return fail(c, E_CONFLICT, "there is a %.*s already", STR_ARG(name));
	return secret_file_write(c, path, value, 0600);
}
