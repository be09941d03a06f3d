/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Files of secrets. Invariant: each is whole or not there, and only its owner can read it; what systemd-creds is given
 * stands in files, never in arguments.
 */
#include "provisioning/secret_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

int secret_file_read(struct ctx *c, const char *path, str *ret)
{
	cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = arena_array(c->arena, FILE_LIMIT, 1);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? E_NOT_FOUND
				       : fail(c, E_FORBIDDEN, "%s cannot be read: %s", path,
					      strerror(errno));
	n = read(fd, text, FILE_LIMIT);
	if (n < 0 || n == FILE_LIMIT)
		return fail(c, E_INVALID, "%s is no secret", path);
	*ret = (str){ text, (size_t)n };
	return 0;
}

static int cannot_write(struct ctx *c, const char *path)
{
	return fail(c, E_FORBIDDEN, "%s cannot be written: %s", path, strerror(errno));
}

/* The directory of a file, made when it is missing; its own has to be there. */
static int make_directory(struct ctx *c, const char *path, unsigned mode)
{
	char *directory = str_z(c->arena, str_c(path));

	*strrchr(directory, '/') = 0;
	return mkdir(directory, mode) && errno != EEXIST ? cannot_write(c, directory) : 0;
}

static int write_fresh(struct ctx *c, const char *path, str text, unsigned mode)
{
	cleanup(close_fd) int fd = -1;

	TRY(make_directory(c, path, mode == 0600 ? 0700 : 0755));
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fchmod(fd, mode) == 0 &&
	    fsync(fd) == 0)
		return 0;
	return cannot_write(c, path);
}

int secret_file_write(struct ctx *c, const char *path, str text, unsigned mode)
{
	/* What a killed one left has this name too, so it goes with the next. */
	const char *fresh = str_fmt(c->arena, "%s.new", path).p;
	int result = write_fresh(c, fresh, text, mode);

	if (!result && rename(fresh, path))
		result = cannot_write(c, path);
	if (result)
		unlink(fresh);
	return result;
}

bool secret_is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* Its room is written over, as far as the disk lets it, when nobody can take that for a secret any more. */
int secret_file_remove(struct ctx *c, const char *path)
{
	static const char nothing[SECRET_LIMIT];
	cleanup(close_fd) int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (unlink(path) && errno != ENOENT)
		return cannot_write(c, path);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size <= (off_t)sizeof(nothing) &&
	    write(fd, nothing, (size_t)st.st_size) == st.st_size)
		fsync(fd);
	return 0;
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
int secret_seal_file(struct ctx *c, const char *path, str *ret)
{
	const char *const argv[] = {
		"systemd-creds", "encrypt", "--name=", "--tpm2-pcrs=", path, "-", NULL
	};
	str text;

	TRY(machine_run(c, argv, &text));
	*ret = without_line_ends(c->arena, text);
	return 0;
}

int secret_open_file(struct ctx *c, const char *path, str *ret)
{
	const char *const argv[] = { "systemd-creds", "decrypt", "--name=", path, "-", NULL };

	if (machine_run(c, argv, ret))
		return fail(c, E_FORBIDDEN, "%s cannot be opened by this machine: %s", path,
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

enum secret_state secret_state(struct ctx *c, str name)
{
	str text;

	if (secret_is_file(secret_plain_path(c, name)))
		return SECRET_PLAIN;
	if (secret_file_read(c, secret_sealed_path(c, name), &text))
		return SECRET_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_starts(text, str_c(kinds[i].prefix)))
			return kinds[i].state;
	return SECRET_SEALED;
}

enum secret_state secret_judge(struct ctx *c, str name)
{
	enum secret_state state = secret_state(c, name);
	str value;

	if (state == SECRET_NONE || state == SECRET_PLAIN)
		return state;
	return secret_open_file(c, secret_sealed_path(c, name), &value) ? SECRET_BROKEN : state;
}

int secret_read(struct ctx *c, str name, str *ret)
{
	const char *sealed = secret_sealed_path(c, name);
	int result = secret_file_read(c, secret_plain_path(c, name), ret);

	if (result != E_NOT_FOUND)
		return result;
	return secret_is_file(sealed) ? secret_open_file(c, sealed, ret) : E_NOT_FOUND;
}

int secret_write(struct ctx *c, str name, str value)
{
	if (!value.n || value.n > SECRET_LIMIT)
		return fail(c, E_INVALID, "a secret has 1 to %d bytes", SECRET_LIMIT);
	return secret_file_write(c, secret_plain_path(c, name), value, 0600);
}

int secret_make(struct ctx *c, str name, str value)
{
	const char *path = secret_plain_path(c, name),
		   *fresh = str_fmt(c->arena, "%s.%d", path, (int)getpid()).p;
	int result = write_fresh(c, fresh, value, 0600);

	if (!result && (secret_is_file(secret_sealed_path(c, name)) || link(fresh, path)))
		result = fail(c, E_CONFLICT, "%s is there already", path);
	unlink(fresh);
	return result;
}

int secret_remove(struct ctx *c, str name)
{
	TRY(secret_file_remove(c, secret_sealed_path(c, name)));
	return secret_file_remove(c, secret_plain_path(c, name));
}
