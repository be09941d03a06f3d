/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The machine's own configuration, as one archive in the repository. Its files are root's, and a backup runs as whoever
 * owns the database: so a small part that may read everything and do nothing else writes the archive into a descriptor,
 * which root's own command is, and for a unit another one behind a socket. Invariant: an archive without its end is not
 * stored, and no secret of a credential store is in one, but its name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "crypt/hash.h"
#include "daemon/fd.h"
#include "model/backup.h"
#include "provisioning/backup.h"

#define BYTES_MOST (16LL << 20)
#define FILES_MOST 4096
#define DEPTH_MOST 32
#define ARCHIVE_MOST (BYTES_MOST + FILES_MOST * 2048LL + (1 << 16)) /* with what tar adds */
#define BLOCK 512 /* of tar; an archive ends with two that are empty */
#define TAG "configuration"
#define SOCKET "configuration.sock"
#define STORED "configuration" /* a file in backup_run: what was stored last */
#define PATIENCE 60 /* seconds */

/* What no archive has, besides secrets and notices: what restores left, and what is made of secrets. */
static const char *const left_out[] = {
	"/etc/credstore*", "*/ssh_host_*_key",		"*.before", "*.before-*", "*/app.settings",
	"*.new",	   "*/50-rookery-secrets.conf",
};

static bool is_below(const char *path, const char *directory)
{
	size_t n = strlen(directory);

	return n && strncmp(path, directory, n) == 0 && (path[n] == '/' || !path[n]);
}

static bool is_left_out(const struct vault *v, const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++)
		if (fnmatch(left_out[i], path, 0) == 0)
			return true;
	return is_below(path, v->s->secrets_path) || is_below(path, v->s->sealed_path) ||
	       is_below(path, v->s->notices_path);
}

static int is_name(const struct dirent *d)
{
	return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

struct walk {
	struct vault *v;
	tree_visit visit;
	void *arg;
};

static int walk(const struct walk *w, const char *path, int depth);

static int walk_folder(const struct walk *w, const char *path, int depth)
{
	struct dirent **all;
	int n = depth < DEPTH_MOST ? scandir(path, &all, is_name, alphasort) : -1, result = 0;

	if (n < 0)
		return fail(w->v->c, E_FORBIDDEN, "%s: %s", path,
			    depth < DEPTH_MOST ? strerror(errno) : "it is too deep");
	for (int i = 0; i < n; i++) {
		if (!result)
			result = walk(w, str_fmt(w->v->c->arena, "%s/%s", path, all[i]->d_name).p,
				      depth + 1);
		free(all[i]);
	}
	free(all);
	return result;
}

static int walk(const struct walk *w, const char *path, int depth)
{
	bool enter = true;
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT
			       ? 0
			       : fail(w->v->c, E_FORBIDDEN, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode) && !S_ISDIR(st.st_mode))
		return 0;
	TRY(w->visit(w->arg, path, &st, &enter));
	return S_ISDIR(st.st_mode) && enter ? walk_folder(w, path, depth) : 0;
}

int tree_walk(struct vault *v, const char *path, tree_visit visit, void *arg)
{
	const struct walk w = { v, visit, arg };

	return walk(&w, path, 0);
}

struct packing {
	struct vault *v;
	struct out list; /* paths without their first slash, each ended by a NUL */
	int64_t bytes;
	size_t n;
};

static int pack(void *arg, const char *path, const struct stat *st, bool *enter)
{
	struct packing *p = arg;

	*enter = !is_left_out(p->v, path);
	if (!*enter)
		return 0;
	p->bytes += S_ISREG(st->st_mode) ? st->st_size : 0;
	if (p->bytes > BYTES_MOST || ++p->n > FILES_MOST)
		return fail(p->v->c, E_TOO_LARGE,
			    "backup_configuration has more than %lld MiB or %d files, at %s: name "
			    "what is needed of it",
			    BYTES_MOST >> 20, FILES_MOST, path);
	out_str(&p->list, str_c(path + 1));
	out_char(&p->list, '\0');
	return 0;
}

static int list_files(struct vault *v, str *ret)
{
	struct packing p = { .v = v };
	str words = str_trim(str_c(v->s->backup_configuration)), path;

	out_init(&p.list, v->c->arena, ARCHIVE_MOST);
	while (str_cut(&words, ' ', &path)) {
		if (!path.n)
			continue;
		if (!str_starts(path, STR("/")) || path.n < 2)
			return fail(v->c, E_INVALID, "backup_configuration: \"%.*s\" is no path",
				    STR_ARG(path));
		TRY(tree_walk(v, str_z(v->c->arena, path), pack, &p));
	}
	return out_done(&p.list, ret);
}

const char *const *secret_places(const struct vault *v)
{
	const char **all = arena_array(v->c->arena, 4, sizeof(*all));

	all[0] = v->s->secrets_path;
	all[1] = v->s->sealed_path;
	all[2] = "/etc/credstore.encrypted";
	return all;
}

/* Whoever restores has to bring them by hand: so that they know which. */
static str name_secrets(struct vault *v)
{
	const char *const *places = secret_places(v);
	struct out o;

	out_init(&o, v->c->arena, ARCHIVE_MOST);
	for (size_t i = 0; places[i]; i++) {
		struct dirent **all;
		int n = scandir(places[i], &all, is_name, alphasort);

		for (int k = 0; k < n; k++) {
			/* "rookery.NAME.before" is none. */
			if (!str_ends(str_c(all[k]->d_name), STR(".before")))
				out_fmt(&o, "%s\n", all[k]->d_name);
			free(all[k]);
		}
		if (n >= 0)
			free(all);
	}
	return out_view(&o);
}

/* Always as old, so that an archive of the same files is the same. */
static int write_names(struct vault *v, const char *directory)
{
	const char *path = str_fmt(v->c->arena, "%s/" CONFIGURATION_SECRETS, directory).p;
	const struct timespec old[] = { { 0 }, { 0 } };
	FILE *f = fopen(path, "wxe");
	str names = name_secrets(v);
	bool well = f && fwrite(names.p, 1, names.n, f) == names.n;

	if (f && fclose(f))
		well = false;
	if (!well || utimensat(AT_FDCWD, path, old, 0))
		return fail(v->c, E_LATER, "%s cannot be written", path);
	return 0;
}

static int write_archive(struct vault *v, const char *directory, int fd)
{
	struct tool t = { .argv = { "tar", "--create", "--file=-", "--no-recursion", "--null",
				    "--verbatim-files-from", "--directory", directory,
				    CONFIGURATION_SECRETS, "--directory=/", "--files-from=-" },
			  .out = fd,
			  .as_self = true };
	struct tool_answer answer;

	TRY(list_files(v, &t.input));
	TRY(write_names(v, directory));
	return tool_do(v, &t, &answer);
}

static int hand_out(struct vault *v, int fd)
{
	char directory[] = "/tmp/rookery-XXXXXX";
	int result;

	if (!mkdtemp(directory))
		return fail(v->c, E_LATER, "/tmp: %s", strerror(errno));
	result = write_archive(v, directory, fd);
	tree_remove(directory);
	return result;
}

/* As whom we are, who need not be the tools' user: nothing of a vault is opened, and no secret is read. */
int configuration_hand_over(struct call *call)
{
	struct vault v = {
		.call = call,
		.c = call->c,
		.s = call->c->settings,
		.home = call->c->settings->backup_run,
	};

	if (call->json)
		return fail(call->c, E_INVALID, "it writes an archive, and no document");
	return hand_out(&v, STDOUT_FILENO);
}

void configuration_print(unused const struct json *answer, unused struct out *o)
{
}

static int call_unit(struct vault *v, int *ret)
{
	const struct timeval most = { .tv_sec = PATIENCE };
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const char *path = vault_path(v, SOCKET);
	int fd;

	if ((size_t)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path) >= sizeof(at.sun_path))
		return fail(v->c, E_INVALID, "backup_run is too long for a socket");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most))) {
		close(fd);
		return fail(v->c, E_LATER,
			    "nobody hands it over at %s (%s): systemctl start "
			    "rookery-backup-configuration.socket",
			    path, strerror(errno));
	}
	*ret = fd;
	return 0;
}

static int copy_all(struct vault *v, int from, int to)
{
	char piece[65536];
	int64_t size = 0;
	ssize_t n;

	while ((n = read(from, piece, sizeof(piece))) > 0) {
		size += n;
		if (size > ARCHIVE_MOST)
			return fail(v->c, E_TOO_LARGE,
				    "more than an archive may be was handed over");
		if (write(to, piece, (size_t)n) != n)
			return fail(v->c, E_LATER, "%s has no room", v->home);
	}
	return n < 0 ? fail(v->c, E_LATER, "it is not handed over: %s", strerror(errno)) : 0;
}

static int receive(struct vault *v, int to)
{
	cleanup(close_fd) int from = -1;

	TRY(call_unit(v, &from));
	return copy_all(v, from, to);
}

static bool is_whole(str archive)
{
	if (archive.n < 3 * BLOCK || archive.n % BLOCK)
		return false;
	for (size_t i = archive.n - 2 * BLOCK; i < archive.n; i++)
		if (archive.p[i])
			return false;
	return true;
}

static int read_all(struct vault *v, int fd, str *ret)
{
	off_t n = lseek(fd, 0, SEEK_END);
	char *bytes = arena_array(v->c->arena, n > 0 ? (size_t)n : 1, 1);

	if (n < 0 || pread(fd, bytes, (size_t)n, 0) != n || lseek(fd, 0, SEEK_SET))
		return fail(v->c, E_LATER, "%s cannot be read", v->home);
	*ret = (str){ bytes, (size_t)n };
	return 0;
}

/* In memory and without a name, since there are keys in it. */
static int fetch_archive(struct vault *v, int *ret_fd, str *ret)
{
	int fd = open(v->home, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail(v->c, E_FORBIDDEN, "%s: %s", v->home, strerror(errno));
	*ret_fd = fd;
	TRY(geteuid() == 0 ? hand_out(v, fd) : receive(v, fd));
	TRY(read_all(v, fd, ret));
	return is_whole(*ret) ? 0
			      : fail(v->c, E_LATER,
				     "it was not handed over to its end: see the journal of "
				     "rookery-backup-configuration@");
}

/* What people call it, and what tells it from one that was set up anew under the same name. */
str configuration_machine(struct vault *v)
{
	cleanup(close_fd) int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
	char name[HOST_NAME_MAX + 1] = "machine", id[64];
	ssize_t n = fd < 0 ? 0 : read(fd, id, sizeof(id));
	str digest = hash_sha256(v->c->arena, (str){ id, n > 0 ? (size_t)n : 0 });

	if (gethostname(name, sizeof(name) - 1))
		strcpy(name, "machine");
	return str_fmt(v->c->arena, "%s-%.*s", name, 8, hex_encode(v->c->arena, digest).p);
}

static bool is_stored(struct vault *v, str digest)
{
	cleanup(close_fd) int fd = open(vault_path(v, STORED), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[128];
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

	return n > 0 && str_eq((str){ text, (size_t)n }, digest);
}

static int store(struct vault *v, int fd, str digest, struct backup_record *record)
{
	const struct files_input input = {
		.tag = TAG,
		.name = CONFIGURATION_FILE,
		.host = str_z(v->c->arena, configuration_machine(v)),
		.in = fd,
	};
	struct stored stored;

	TRY(files_store(v, &input, &stored));
	record->label = stored.id;
	record->size = stored.size;
	return vault_write(v, STORED, digest);
}

static int take(struct vault *v, bool always, bool *ret_is_new, struct backup_record *record)
{
	cleanup(close_fd) int fd = -1;
	str archive, digest;

	TRY(fetch_archive(v, &fd, &archive));
	digest = hex_encode(v->c->arena, hash_sha256(v->c->arena, archive));
	*ret_is_new = always || !is_stored(v, digest);
	return *ret_is_new ? store(v, fd, digest, record) : 0;
}

int configuration_backup(struct vault *v, bool always)
{
	struct backup_record made = { 0 }, record;
	bool is_new = true;
	int result;

	if (!*v->s->backup_configuration)
		return 0;
	result = take(v, always, &is_new, &made);
	if (!is_new)
		return 0;
	made.message = result ? ctx_error(v->c, result) : STR("");
	vault_say(v, "configuration%s%.*s", result ? " is in no backup: " : "",
		  STR_ARG(made.message));
	TRY(backup_begin(v->c, TAG, &record));
	record.label = made.label;
	record.size = made.size;
	record.message = made.message;
	TRY(backup_end(v->c, &record, !result));
	return result ? fail(v->c, result, "configuration: %.*s", STR_ARG(made.message)) : 0;
}

static bool is_among(const struct configuration *all, size_t n, str machine)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].machine, machine))
			return true;
	return false;
}

int configuration_machines(struct vault *v, struct configuration **ret, size_t *ret_n)
{
	struct snapshot *all;
	size_t n, found = 0;

	TRY(files_snapshots(v, TAG, &all, &n));
	*ret = arena_array(v->c->arena, n + 1, sizeof(**ret));
	for (size_t i = n; i-- > 0;)
		if (!is_among(*ret, found, all[i].host))
			(*ret)[found++] =
				(struct configuration){ all[i].id, all[i].host, all[i].taken };
	*ret_n = found;
	return 0;
}

/* One that was set up anew in the place of another may have been backed up already: so nothing is guessed. */
static int choose_machine(struct vault *v, str wanted, str *ret)
{
	struct configuration *all;
	struct out o;
	size_t n;

	TRY(configuration_machines(v, &all, &n));
	out_init(&o, v->c->arena, 4096);
	for (size_t i = 0; i < n; i++) {
		*ret = all[i].machine;
		if (n == 1 || (wanted.n && str_eq(all[i].machine, wanted)))
			return 0;
		out_fmt(&o, "%s%.*s%s of %.*s", i ? ", " : "", STR_ARG(all[i].machine),
			str_eq(all[i].machine, configuration_machine(v)) ? " (this one)" : "",
			STR_ARG(clock_iso(v->c->arena, all[i].taken)));
	}
	if (!n)
		return fail(v->c, E_NOT_FOUND, "there is none in the repository");
	return fail(v->c, E_CONFLICT, "it is there of several machines, --machine says which: %.*s",
		    STR_ARG(out_view(&o)));
}

int configuration_find(struct vault *v, str machine, usec at, struct configuration *ret)
{
	struct snapshot *all;
	bool found = false;
	size_t n;
	str name;

	TRY(choose_machine(v, machine, &name));
	TRY(files_snapshots(v, TAG, &all, &n));
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(all[i].host, name) || (found && at && all[i].taken > at))
			continue;
		*ret = (struct configuration){ all[i].id, name, all[i].taken };
		found = true;
	}
	return 0;
}

int configuration_try(struct vault *v, const struct configuration *one, size_t *ret_n)
{
	struct tool from = files_dump(v, one->id, "/" CONFIGURATION_FILE),
		    to = { .argv = { "tar", "--list", "--file=-", NULL }, .gently = true };
	struct tool_answer answer;
	str line;

	from.gently = true;
	TRY(tool_pipe(v, &from, &to, &answer));
	for (*ret_n = 0; str_cut(&answer.out, '\n', &line);)
		++*ret_n;
	return *ret_n ? 0 : fail(v->c, E_INVALID, "the archive is empty");
}
