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

#define PROXY_DIRECTORY "/etc/caddy"
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
	{ "directory", "DIRECTORY", "of the proxy's configuration, when not " PROXY_DIRECTORY },
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

/* The files of one name: what the proxy includes, and what that leads to. */
struct files {
	const char *site, *chain, *key;
};

static struct files files_of(struct call *call, str name)
{
	str given = cli_option(call, "directory");
	const char *directory = str_is_null(given) ? PROXY_DIRECTORY : str_z(call->arena, given);

	return (struct files){
		.site = str_fmt(call->arena, "%s/sites.d/%.*s.conf", directory, STR_ARG(name)).p,
		.chain = str_fmt(call->arena, "%s/certificates/%.*s.crt", directory, STR_ARG(name))
				 .p,
		.key = str_fmt(call->arena, "%s/certificates/%.*s.key", directory, STR_ARG(name)).p,
	};
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

static const char *beside(struct call *call, const char *path, const char *mark)
{
	return str_fmt(call->arena, "%s%s", path, mark).p;
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

/* What there was is kept beside it, under a name that the proxy does not include. */
static void keep_old(struct call *call, const char *path)
{
	const char *old = beside(call, path, "~");

	unlink(old);
	/* Without one there is nothing to keep; and where nothing can be made, nothing can be put either. */
	if (link(path, old))
		unlink(old);
}

static int put(struct call *call, const char *path, str text)
{
	const char *new = beside(call, path, ".new");

	if (!write_all(new, text) || rename(new, path)) {
		int error = errno;

		unlink(new);
		return fail(call->c, E_INVALID, "%s cannot be written: %s", path, strerror(error));
	}
	return 0;
}

static void put_back(struct call *call, const char *path)
{
	if (rename(beside(call, path, "~"), path))
		unlink(path);
}

static int make_directories(struct call *call, const struct files *f)
{
	const char *paths[] = { f->site, f->key };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		char *path = str_z(call->arena, str_c(paths[i]));

		*strrchr(path, '/') = 0;
		if (mkdir(path, 0755) && errno != EEXIST)
			return fail(call->c, E_INVALID, "%s cannot be made: %s", path,
				    strerror(errno));
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

static void each(struct call *call, const struct files *f,
		 void (*fn)(struct call *call, const char *path))
{
	fn(call, f->site);
	fn(call, f->chain);
	fn(call, f->key);
}

static void forget_old(struct call *call, const char *path)
{
	unlink(beside(call, path, "~"));
}

static int put_all(struct call *call, const struct files *f, str name, str chain, str key)
{
	str site = str_fmt(call->arena, SITE, STR_ARG(name), f->chain, f->key);

	TRY(put(call, f->chain, chain));
	TRY(put(call, f->key, key));
	return put(call, f->site, site);
}

static int install(struct call *call, const struct files *f, str name)
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
	each(call, f, keep_old);
	result = put_all(call, f, name, chain, key);
	if (!result)
		result = reload(call);
	each(call, f, result ? put_back : forget_old);
	TRY(result);
	json_put_str(call->answer, "issuer", found.issuer);
	json_put_time(call->answer, "expires", found.expires);
	return audit_add(call->c, "domain.certificate", name, STR(""));
}

static void set_aside(struct call *call, const char *path)
{
	if (rename(path, beside(call, path, "~")))
		forget_old(call, path);
}

static int take_away(struct call *call, const struct files *f, str name)
{
	int result;

	if (access(f->site, F_OK))
		return fail(call->c, E_NOT_FOUND, "%.*s has no certificate of its own",
			    STR_ARG(name));
	each(call, f, set_aside);
	result = reload(call);
	each(call, f, result ? put_back : forget_old);
	TRY(result);
	return audit_add(call->c, "domain.certificate_remove", name, STR(""));
}

int certificate_run(struct call *call)
{
	const struct domain_row *d;
	struct files files;
	str name;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	/* One of its names, in the one form of host names: so it is a word of the proxy's file and a file's name. */
	TRY(domain_name_normalise(call->c, call->args[0], &name));
	if (str_find_char(name, ':', 0) != SIZE_MAX)
		return fail(call->c, E_INVALID, "a name with a port has no certificate");
	files = files_of(call, name);
	json_put_str(call->answer, "name", name);
	if (cli_is_set(call, "remove"))
		TRY(take_away(call, &files, name));
	else
		TRY(install(call, &files, name));
	json_put_bool(call->answer, "automatic", cli_is_set(call, "remove"));
	return 0;
}
