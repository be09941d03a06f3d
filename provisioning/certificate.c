/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rookery domain certificate. Invariant: the proxy reads either what there was or all of what is new: files are put in
 * place by renaming, and put back when the proxy refuses them.
 */
#include "provisioning/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypt/certificate.h"
#include "model/audit.h"
#include "model/domain.h"
#include "provisioning/lookup.h"
#include "provisioning/terminal.h"

#define FILE_LIMIT 65536
#define SITE                                                        \
	"# Made by \"rookery domain certificate\".\n"               \
	"%.*s {\n"                                                  \
	"\ttls %s %s\n"                                             \
	"\theader Strict-Transport-Security \"max-age=31536000\"\n" \
	"\treverse_proxy unix//run/rookery/http.sock\n"             \
	"}\n"

const struct option certificate_options[] = {
	{ "cert", "FILE", "the certificate and those between it and the authority's, in PEM" },
	{ "key", "FILE", "its private key, in PEM without a passphrase" },
	{ "remove", NULL, "the proxy gets one by itself again" },
	CERTIFICATE_DIRECTORY_OPTION,
	{ NULL, NULL, NULL },
};

static const char *const faults[] = {
	[CERTIFICATE_NONE] = "--cert has no certificate in PEM",
	[CERTIFICATE_NO_KEY] = "--key has no private key in PEM without a passphrase",
	[CERTIFICATE_OTHER_KEY] = "the key is of another certificate",
	[CERTIFICATE_OTHER_NAME] = "the certificate is for other names",
	[CERTIFICATE_TOO_EARLY] = "the certificate is not good yet",
	[CERTIFICATE_ENDED] = "the certificate has ended",
};

/* A file of the proxy's while it is changed. */
struct placed {
	const char *path;
	const char *
		old; /* what there was is kept there, beside it, where the proxy includes nothing */
	bool is_kept; /* at old */
	bool is_changed; /* at path is what was put, or nothing */
};

/* Of one name: what the proxy includes, and what that leads to. */
enum { SITE_FILE, CHAIN_FILE, KEY_FILE, FILES };
static const struct {
	const char *folder, *ending;
} places[FILES] = {
	[SITE_FILE] = { "sites.d", "conf" },
	[CHAIN_FILE] = { "certificates", "crt" },
	[KEY_FILE] = { "certificates", "key" },
};

static const char *beside(struct call *call, const char *path, const char *mark)
{
	return str_fmt(call->arena, "%s%s", path, mark).p;
}

static void find_files(struct call *call, str name, struct placed f[FILES])
{
	str given = cli_option(call, "directory");
	const char *directory = str_is_null(given) ? CERTIFICATE_DIRECTORY
						   : str_z(call->arena, given);

	for (size_t i = 0; i < FILES; i++) {
		const char *path = str_fmt(call->arena, "%s/%s/%.*s.%s", directory,
					   places[i].folder, STR_ARG(name), places[i].ending)
					   .p;

		f[i] = (struct placed){ .path = path, .old = beside(call, path, "~") };
	}
}

static void closep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static int read_file(struct call *call, const char *option, str *ret)
{
	str path = cli_option(call, option);
	FILE *f cleanup(closep) = NULL;
	char *bytes = arena_array(call->arena, FILE_LIMIT, 1);
	size_t n;

	if (str_is_null(path))
		return fail(call->c, E_INVALID, "--%s is missing", option);
	f = fopen(str_z(call->arena, path), "re");
	n = f ? fread(bytes, 1, FILE_LIMIT, f) : 0;
	if (!f || ferror(f) || n == FILE_LIMIT)
		return fail(call->c, E_INVALID, "%.*s cannot be read", STR_ARG(path));
	*ret = (str){ bytes, n };
	return 0;
}

/* The proxy's group may read it, and nobody else. */
static bool write_all(const char *path, str text)
{
	struct group *proxy = getgrnam("caddy");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	bool done = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;

	if (done && proxy && geteuid() == 0)
		done = fchown(fd, 0, proxy->gr_gid) == 0 && fchmod(fd, 0640) == 0;
	if (fd >= 0)
		close(fd);
	return done;
}

static int cannot(struct call *call, const char *path, const char *what)
{
	return fail(call->c, E_INVALID, "%s cannot be %s: %s", path, what, strerror(errno));
}

/* Without one there is nothing to keep. */
static int keep_old(struct call *call, struct placed *f)
{
	unlink(f->old);
	f->is_kept = link(f->path, f->old) == 0;
	return f->is_kept || errno == ENOENT ? 0 : cannot(call, f->path, "kept");
}

static int set_aside(struct call *call, struct placed *f)
{
	f->is_kept = f->is_changed = rename(f->path, f->old) == 0;
	return f->is_kept || errno == ENOENT ? 0 : cannot(call, f->path, "set aside");
}

static int put(struct call *call, struct placed *f, str text)
{
	const char *new = beside(call, f->path, ".new");
	int result;

	f->is_changed = write_all(new, text) && rename(new, f->path) == 0;
	if (f->is_changed)
		return 0;
	result = cannot(call, f->path, "written");
	unlink(new);
	return result;
}

static void put_back(struct placed *f)
{
	/* Renaming one name of a file to another one of it would leave both. */
	if (!f->is_changed)
		unlink(f->old);
	else if (!f->is_kept || rename(f->old, f->path))
		unlink(f->path);
}

static void end(struct placed f[FILES], int result)
{
	for (size_t i = 0; i < FILES; i++)
		if (result)
			put_back(&f[i]);
		else
			unlink(f[i].old);
}

static int make_directories(struct call *call, const struct placed f[FILES])
{
	for (size_t i = 0; i < FILES; i++) {
		char *path = str_z(call->arena, str_c(f[i].path));

		*strrchr(path, '/') = 0;
		if (mkdir(path, 0755) && errno != EEXIST)
			return cannot(call, path, "made");
	}
	return 0;
}

/* Where there is no systemd, whoever runs the proxy reloads it. */
static int reload(struct call *call)
{
	static const char *const argv[] = { "systemctl", "reload", "caddy.service", NULL };
	str said;

	if (!terminal_has("systemctl"))
		return 0;
	if (terminal_run(call->arena, argv, STR(""), &said) == 0)
		return 0;
	return fail(call->c, E_UNPROCESSABLE, "the proxy refused it: %.*s",
		    STR_ARG(str_clip(str_trim(said), 500)));
}

/* The site comes last: what it names is there by then. */
static int put_all(struct call *call, struct placed f[FILES], str name, str chain, str key)
{
	str site = str_fmt(call->arena, SITE, STR_ARG(name), f[CHAIN_FILE].path, f[KEY_FILE].path);

	for (size_t i = 0; i < FILES; i++)
		TRY(keep_old(call, &f[i]));
	TRY(put(call, &f[CHAIN_FILE], chain));
	TRY(put(call, &f[KEY_FILE], key));
	TRY(put(call, &f[SITE_FILE], site));
	return reload(call);
}

static int install(struct call *call, struct placed f[FILES], str name)
{
	struct certificate found;
	enum certificate_fault fault;
	str chain, key;
	int result;

	TRY(read_file(call, "cert", &chain));
	TRY(read_file(call, "key", &key));
	fault = certificate_judge(call->arena, chain, key, name, call->c->now, &found);
	if (fault)
		return fail(call->c, E_INVALID, "%s", faults[fault]);
	TRY(make_directories(call, f));
	result = put_all(call, f, name, chain, key);
	end(f, result);
	TRY(result);
	json_put_str(call->answer, "issuer", found.issuer);
	json_put_time(call->answer, "expires", found.expires);
	return audit_add(call->c, "domain.certificate", name, STR(""));
}

static int set_all_aside(struct call *call, struct placed f[FILES])
{
	for (size_t i = 0; i < FILES; i++)
		TRY(set_aside(call, &f[i]));
	return reload(call);
}

static int take_away(struct call *call, struct placed f[FILES], str name)
{
	int result;

	if (access(f[SITE_FILE].path, F_OK))
		return fail(call->c, E_NOT_FOUND, "%.*s has no certificate of its own",
			    STR_ARG(name));
	result = set_all_aside(call, f);
	end(f, result);
	TRY(result);
	return audit_add(call->c, "domain.certificate_remove", name, STR(""));
}

int certificate_drop(struct call *call, const struct domain_row *d)
{
	const str names[] = { d->name, d->service_name };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct placed files[FILES];
		int result;

		find_files(call, names[i], files);
		result = take_away(call, files, names[i]);
		if (result && result != E_NOT_FOUND)
			return result;
	}
	return 0;
}

int certificate_run(struct call *call)
{
	const struct domain_row *d;
	struct placed files[FILES];
	str name;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	/* One of its names, in the one form of host names: so it is a word of the proxy's file and a file's name. */
	TRY(domain_name_normalise(call->c, call->args[0], &name));
	if (str_find_char(name, ':', 0) != SIZE_MAX)
		return fail(call->c, E_INVALID, "a name with a port has no certificate");
	find_files(call, name, files);
	json_put_str(call->answer, "name", name);
	if (cli_is_set(call, "remove"))
		TRY(take_away(call, files, name));
	else
		TRY(install(call, files, name));
	json_put_bool(call->answer, "automatic", cli_is_set(call, "remove"));
	return 0;
}
