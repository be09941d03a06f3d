/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Where backups go, in the words of each tool. Invariant: no part of an address has a character that means something to
 * a configuration file, a shell or an option, and no secret stands in what is passed as an argument.
 */
#include <string.h>

#include "provisioning/backup.h"

#define TEXT_LIMIT 65536

static bool is_plain(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is_alnum(s.p[i]) && !memchr("._~/-", s.p[i], 5))
			return false;
	return str_find(s, STR(".."), 0) == SIZE_MAX;
}

static str without_end(str path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

/* "user@host:port/path", any of which but the host may be missing. */
static void split(str rest, struct repository *r)
{
	size_t slash = str_find_char(rest, '/', 0);
	str place = str_slice(rest, 0, slash == SIZE_MAX ? rest.n : slash);
	size_t at = str_find_char(place, '@', 0), colon;

	r->path = slash == SIZE_MAX ? STR("/") : str_from(rest, slash);
	if (at != SIZE_MAX) {
		r->user = str_slice(place, 0, at);
		place = str_from(place, at + 1);
	}
	colon = str_find_char(place, ':', 0);
	r->host = str_slice(place, 0, colon == SIZE_MAX ? place.n : colon);
	r->port = colon == SIZE_MAX ? STR("") : str_from(place, colon + 1);
}

static void split_bucket(struct repository *r)
{
	str path = str_from(r->path, 1);
	size_t slash = str_find_char(path, '/', 0);

	r->bucket = str_slice(path, 0, slash == SIZE_MAX ? path.n : slash);
	r->path = slash == SIZE_MAX ? STR("/") : str_from(path, slash);
}

int repository_parse(struct ctx *c, str text, struct repository *ret)
{
	struct repository r = {
		.user = STR(""), .host = STR(""), .port = STR(""), .bucket = STR("")
	};
	bool well;

	if (str_is_empty(text))
		return fail(c, E_INVALID, "backup_repository says nowhere: see rookery.conf(5)");
	if (str_starts(text, STR("sftp://"))) {
		r.kind = REPOSITORY_SFTP;
		split(str_from(text, 7), &r);
		well = r.host.n && r.user.n && r.path.n > 1;
	} else if (str_starts(text, STR("https://"))) {
		r.kind = REPOSITORY_S3;
		split(str_from(text, 8), &r);
		split_bucket(&r);
		well = r.host.n && !r.user.n && r.bucket.n;
	} else {
		r.path = text;
		well = text.p[0] == '/' && text.n > 1;
	}
	well = well && is_plain(r.user) && is_plain(r.host) && is_plain(r.port) &&
	       is_plain(r.bucket) && is_plain(r.path);
	if (!well || (r.host.n && r.host.p[0] == '-') || (r.user.n && r.user.p[0] == '-'))
		return fail(c, E_INVALID,
			    "backup_repository is /directory, sftp://user@host/directory or "
			    "https://host/bucket/directory");
	r.path = without_end(r.path);
	*ret = r;
	return 0;
}

/* The place in it of one of the two tools. */
static str place(const struct vault *v, const char *name)
{
	str path = v->repository.path;

	return str_fmt(v->c->arena, "%.*s/%s", path.n > 1 ? (int)path.n : 0, path.p, name);
}

static void put_s3(const struct vault *v, struct out *o)
{
	const struct repository *r = &v->repository;

	out_fmt(o,
		"repo1-type=s3\nrepo1-s3-endpoint=%.*s\nrepo1-s3-bucket=%.*s\nrepo1-s3-region=%s\n",
		STR_ARG(r->host), STR_ARG(r->bucket), v->s->backup_s3_region);
	out_fmt(o, "repo1-s3-key=%s\nrepo1-s3-key-secret=%.*s\nrepo1-s3-uri-style=%s\n",
		v->s->backup_s3_key, STR_ARG(v->s3_secret),
		v->s->backup_s3_path_style ? "path" : "host");
	if (r->port.n)
		out_fmt(o, "repo1-storage-port=%.*s\n", STR_ARG(r->port));
	if (*v->s->ca_file)
		out_fmt(o, "repo1-storage-ca-file=%s\n", v->s->ca_file);
}

static void put_sftp(const struct vault *v, struct out *o)
{
	const struct repository *r = &v->repository;

	out_fmt(o,
		"repo1-type=sftp\nrepo1-sftp-host=%.*s\nrepo1-sftp-host-user=%.*s\n"
		"repo1-sftp-host-key-hash-type=sha256\nrepo1-sftp-private-key-file=%s\n"
		"repo1-sftp-host-key-check-type=strict\nrepo1-sftp-known-host=%s\n",
		STR_ARG(r->host), STR_ARG(r->user), vault_path(v, "ssh_key"),
		vault_path(v, "known_hosts"));
	if (r->port.n)
		out_fmt(o, "repo1-sftp-host-port=%.*s\n", STR_ARG(r->port));
}

static void put_retention(const struct vault *v, struct out *o)
{
	if (v->s->backup_fulls)
		out_fmt(o, "repo1-retention-full-type=count\nrepo1-retention-full=%lld\n",
			(long long)v->s->backup_fulls);
	else
		out_fmt(o, "repo1-retention-full-type=time\nrepo1-retention-full=%lld\n",
			(long long)v->s->backup_days);
}

str repository_pgbackrest(struct vault *v)
{
	struct out o;

	out_init(&o, v->c->arena, TEXT_LIMIT);
	out_fmt(&o,
		"[global]\nrepo1-path=%.*s\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=%.*s\n"
		"repo1-bundle=y\n",
		STR_ARG(place(v, "database")), STR_ARG(v->passphrase));
	if (v->repository.kind == REPOSITORY_S3)
		put_s3(v, &o);
	if (v->repository.kind == REPOSITORY_SFTP)
		put_sftp(v, &o);
	put_retention(v, &o);
	out_fmt(&o,
		"compress-type=zst\nstart-fast=y\ndelta=n\nlock-path=%s\nlog-level-file=off\n"
		"log-level-console=warn\narchive-timeout=120\nio-timeout=30\n",
		vault_path(v, "pgbackrest"));
	out_fmt(&o, "\n[%s]\npg1-path=%s\n", BACKUP_STANZA, v->s->backup_cluster);
	if (*v->s->backup_socket)
		out_fmt(&o, "pg1-socket-path=%s\n", v->s->backup_socket);
	return out_view(&o);
}

static const char *sftp_command(struct vault *v)
{
	const struct repository *r = &v->repository;
	str port = r->port.n ? r->port : STR("22");

	return str_fmt(v->c->arena,
		       "sftp.command=ssh -F none -p %.*s -i %s -o UserKnownHostsFile=%s "
		       "-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o BatchMode=yes "
		       "%.*s@%.*s -s sftp",
		       STR_ARG(port), vault_path(v, "ssh_key"), vault_path(v, "known_hosts"),
		       STR_ARG(r->user), STR_ARG(r->host))
		.p;
}

static str restic_name(struct vault *v)
{
	const struct repository *r = &v->repository;
	str path = place(v, "media");

	if (r->kind == REPOSITORY_SFTP)
		return str_fmt(v->c->arena, "sftp:%.*s@%.*s:%.*s", STR_ARG(r->user),
			       STR_ARG(r->host), STR_ARG(path));
	if (r->kind == REPOSITORY_S3)
		return str_fmt(v->c->arena, "s3:https://%.*s%s%.*s/%.*s%.*s", STR_ARG(r->host),
			       r->port.n ? ":" : "", STR_ARG(r->port), STR_ARG(r->bucket),
			       STR_ARG(path));
	return path;
}

size_t repository_restic(struct vault *v, const char **argv)
{
	size_t n = 0;

	argv[n++] = "restic";
	argv[n++] = "--repo";
	argv[n++] = str_z(v->c->arena, restic_name(v));
	argv[n++] = "--password-file";
	argv[n++] = vault_path(v, "passphrase");
	if (v->repository.kind == REPOSITORY_SFTP) {
		argv[n++] = "--option";
		argv[n++] = sftp_command(v);
	}
	if (v->repository.kind == REPOSITORY_S3) {
		argv[n++] = "--option";
		argv[n++] = str_fmt(v->c->arena, "s3.region=%s", v->s->backup_s3_region).p;
		argv[n++] = "--option";
		argv[n++] = v->s->backup_s3_path_style ? "s3.bucket-lookup=path"
						       : "s3.bucket-lookup=dns";
		if (*v->s->ca_file) {
			argv[n++] = "--cacert";
			argv[n++] = v->s->ca_file;
		}
	}
	return n;
}
