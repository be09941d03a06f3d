/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The machine's own configuration back from the repository. Invariant: nothing that is here is written over or taken away:
 * what gives way stays beside as *.before, and what decides whether the machine is reached is not touched at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/fd.h"
#include "provisioning/backup.h"

#define PLACE "/var/lib/rookery"
#define KEYS_LIMIT (1 << 20)

/* What becomes of a file that is not as it was. */
enum treatment {
	PUT,
	ADD, /* its lines, to those that are there: whoever gets in now goes on to get in */
	LEAVE,
};

/* The first that fits; all others are put. */
static const struct {
	const char *pattern;
	enum treatment treatment;
	const char *why;
} treatments[] = {
	{ "*/operator.keys", ADD, NULL },
	{ "*/systemd/*", LEAVE, "it is about this machine's network and units" },
	{ "*/hostname", LEAVE, "it is this machine's name" },
	{ "*/Caddyfile", LEAVE, "the proxy's package or the image has its own" },
};

struct piece {
	const char *path, *from; /* here, and where it was laid */
	struct stat st; /* of what was laid */
	bool is_here;
	enum treatment treatment;
	const char *why; /* left */
};

struct laid {
	struct vault *v;
	const char *directory; /* where it was laid */
	struct piece *all; /* folders that are not here, and what is not as it was */
	size_t n, room;
	size_t same;
};

static bool is_same_owner(const struct stat *a, const struct stat *b)
{
	return (a->st_mode & 07777) == (b->st_mode & 07777) && a->st_uid == b->st_uid &&
	       a->st_gid == b->st_gid;
}

static bool is_same_link(const char *a, const char *b)
{
	char to[PATH_MAX], other[PATH_MAX];
	ssize_t n = readlink(a, to, sizeof(to)), m = readlink(b, other, sizeof(other));

	return n >= 0 && n == m && memcmp(to, other, (size_t)n) == 0;
}

static bool is_same_text(const char *a, const char *b)
{
	cleanup(close_fd) int one = open(a, O_RDONLY | O_CLOEXEC | O_NOFOLLOW),
			      other = open(b, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char x[16384], y[16384];
	ssize_t n, m;

	if (one < 0 || other < 0)
		return false;
	do {
		n = read(one, x, sizeof(x));
		m = read(other, y, sizeof(y));
		if (n < 0 || n != m || memcmp(x, y, (size_t)n) != 0)
			return false;
	} while (n);
	return true;
}

static bool is_same(const char *path, const struct stat *here, const char *from,
		    const struct stat *there)
{
	if ((here->st_mode & S_IFMT) != (there->st_mode & S_IFMT))
		return false;
	if (S_ISDIR(here->st_mode))
		return true;
	if (S_ISLNK(here->st_mode))
		return is_same_link(path, from);
	return here->st_size == there->st_size && is_same_owner(here, there) &&
	       is_same_text(path, from);
}

static void choose_treatment(struct piece *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(treatments); i++)
		if (fnmatch(treatments[i].pattern, p->path, 0) == 0) {
			p->treatment = treatments[i].treatment;
			p->why = treatments[i].why;
			return;
		}
}

static void keep(struct laid *l, const struct piece *p)
{
	struct arena *a = l->v->c->arena;

	if (l->n == l->room) {
		struct piece *more;

		l->room = l->room ? 2 * l->room : 64;
		more = arena_array(a, l->room, sizeof(*more));
		if (l->n)
			memcpy(more, l->all, l->n * sizeof(*more));
		l->all = more;
	}
	l->all[l->n] = *p;
	choose_treatment(&l->all[l->n++]);
}

static int compare(void *arg, const char *from, const struct stat *st, unused bool *enter)
{
	struct laid *l = arg;
	struct piece p = { .path = from + strlen(l->directory), .from = from, .st = *st };
	struct stat here;

	if (!*p.path || strcmp(p.path, "/" CONFIGURATION_SECRETS) == 0)
		return 0;
	p.path = str_z(l->v->c->arena, str_c(p.path));
	p.is_here = lstat(p.path, &here) == 0;
	if (p.is_here && is_same(p.path, &here, from, st))
		l->same += !S_ISDIR(st->st_mode);
	else
		keep(l, &p);
	return 0;
}

/* tar refuses names that lead out of the directory, and makes links when everything else is there. */
static int unpack(struct vault *v, const struct configuration *one, const char *directory)
{
	struct tool from = files_dump(v, one->id, "/" CONFIGURATION_FILE),
		    to = { .argv = { "tar", "--extract", "--file=-", "--directory", directory,
				     NULL },
			   .as_self = true };
	struct tool_answer answer;

	return tool_pipe(v, &from, &to, &answer);
}

static const char *parent_of(struct call *call)
{
	str place = cli_option(call, "into");

	return str_is_empty(place) ? PLACE : str_z(call->arena, place);
}

static int lay(struct laid *l, const struct configuration *one)
{
	struct vault *v = l->v;
	const char *parent = parent_of(v->call);

	l->directory = str_fmt(v->c->arena, "%s/configuration-%lld", parent,
			       (long long)(v->c->now / USEC_SEC))
			       .p;
	if (mkdir(l->directory, 0700))
		return fail(v->c, E_LATER, "%s cannot be made: %s", l->directory, strerror(errno));
	TRY(unpack(v, one, l->directory));
	return tree_walk(v, l->directory, compare, l);
}

static bool is_secret_here(const struct laid *l, str name)
{
	const char *const *places = secret_places(l->v);

	for (size_t i = 0; places[i]; i++)
		if (access(str_fmt(l->v->c->arena, "%s/%.*s", places[i], STR_ARG(name)).p, F_OK) ==
		    0)
			return true;
	return false;
}

static int read_text(struct vault *v, const char *path, str *ret)
{
	FILE *f = fopen(path, "re");
	char *bytes = arena_array(v->c->arena, KEYS_LIMIT, 1);
	size_t n = f ? fread(bytes, 1, KEYS_LIMIT, f) : 0;

	if (f)
		fclose(f);
	if (!f || n == KEYS_LIMIT)
		return fail(v->c, E_INVALID, "%s cannot be read", path);
	*ret = (str){ bytes, n };
	return 0;
}

/* No archive has them: they are brought by hand. */
static int put_secrets(struct laid *l)
{
	struct json_out *w = l->v->call->answer;
	str names, name;

	TRY(read_text(l->v, str_fmt(l->v->c->arena, "%s/" CONFIGURATION_SECRETS, l->directory).p,
		      &names));
	json_open_array(w, "missing_secrets");
	while (str_cut(&names, '\n', &name))
		if (name.n && !is_secret_here(l, name))
			json_put_str(w, NULL, name);
	json_close_array(w);
	return 0;
}

static void put_head(struct laid *l, const struct configuration *one)
{
	struct json_out *w = l->v->call->answer;

	json_put_str(w, "machine", one->machine);
	json_put_time(w, "of", one->taken);
	json_put_i64(w, "same", (int64_t)l->same);
	if (l->n)
		json_put_c(w, "laid_into", l->directory);
}

static const char *state_of(unused const struct laid *l, const struct piece *p)
{
	return p->is_here ? "differs" : "is not here";
}

static int put_files(struct laid *l,
		     const char *(*state)(const struct laid *l, const struct piece *p))
{
	struct json_out *w = l->v->call->answer;

	json_open_array(w, "files");
	for (size_t i = 0; i < l->n; i++) {
		if (S_ISDIR(l->all[i].st.st_mode))
			continue;
		json_open_object(w, NULL);
		json_put_c(w, "file", l->all[i].path);
		json_put_c(w, "state", state(l, &l->all[i]));
		json_close_object(w);
	}
	json_close_array(w);
	return put_secrets(l);
}

/* What is as it was needs no copy. */
static void forget_same(struct laid *l)
{
	if (!l->n)
		tree_remove(l->directory);
}

static int bring(struct vault *v, const struct configuration *one)
{
	struct laid l = { .v = v };
	struct json_out *w = v->call->answer;
	int result;

	TRY(lay(&l, one));
	json_open_object(w, "configuration");
	put_head(&l, one);
	result = put_files(&l, state_of);
	if (l.n)
		json_put_c(w, "advice",
			   "This machine's own is as it was: rookery restore configuration puts "
			   "that one in its place.");
	json_close_object(w);
	forget_same(&l);
	return result;
}

void configuration_plan(struct vault *v, usec at, struct configuration *ret)
{
	int result = configuration_find(v, STR(""), at, ret);

	if (result)
		vault_say(v, "configuration: %.*s", STR_ARG(ctx_error(v->c, result)));
	else
		vault_say(v,
			  "configuration: that of %.*s of %s is laid into a directory for "
			  "comparing; rookery restore configuration puts it in place",
			  STR_ARG(ret->machine), clock_iso(v->c->arena, ret->taken).p);
}

void configuration_bring(struct vault *v, const struct configuration *one)
{
	int result = one->id.n ? bring(v, one) : 0;

	if (result)
		vault_say(v, "configuration: %.*s", STR_ARG(ctx_error(v->c, result)));
}

/* Numbers of users are the archive's names by now. */
static int dress(struct vault *v, int fd, const struct piece *p)
{
	if ((geteuid() == 0 && fchown(fd, p->st.st_uid, p->st.st_gid)) ||
	    fchmod(fd, p->st.st_mode & 0777))
		return fail(v->c, E_FORBIDDEN, "%s: %s", p->path, strerror(errno));
	return 0;
}

static int make_folder(struct vault *v, const struct piece *p)
{
	cleanup(close_fd) int fd = -1;

	if (mkdir(p->path, 0700))
		return fail(v->c, E_FORBIDDEN, "%s: %s", p->path, strerror(errno));
	fd = open(p->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : dress(v, fd, p);
}

static int copy(struct vault *v, const struct piece *p, const char *to)
{
	cleanup(close_fd) int from = open(p->from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), fd = -1;
	char piece[65536];
	ssize_t n;

	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (from < 0 || fd < 0)
		return fail(v->c, E_FORBIDDEN, "%s: %s", to, strerror(errno));
	while ((n = read(from, piece, sizeof(piece))) > 0)
		if (write(fd, piece, (size_t)n) != n)
			return fail(v->c, E_LATER, "%s cannot be written", to);
	TRY(dress(v, fd, p));
	return n < 0 || fsync(fd) ? fail(v->c, E_LATER, "%s: %s", to, strerror(errno)) : 0;
}

static int copy_link(struct vault *v, const struct piece *p, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlink(p->from, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	return symlink(target, to) ? fail(v->c, E_FORBIDDEN, "%s: %s", to, strerror(errno)) : 0;
}

/* A second name for what is there; of an earlier restore there may be one already. */
static int keep_before(struct vault *v, const char *path)
{
	str name = str_fmt(v->c->arena, "%s.before", path);

	if (access(name.p, F_OK) == 0)
		name = str_fmt(v->c->arena, "%.*s-%lld", STR_ARG(name),
			       (long long)(v->c->now / USEC_SEC));
	return link(path, name.p) ? fail(v->c, E_FORBIDDEN, "%s: %s", name.p, strerror(errno)) : 0;
}

/* Whole or not at all. */
static int put(struct vault *v, const struct piece *p)
{
	const char *fresh = str_fmt(v->c->arena, "%s.new", p->path).p;

	unlink(fresh);
	TRY(S_ISLNK(p->st.st_mode) ? copy_link(v, p, fresh) : copy(v, p, fresh));
	if (p->is_here)
		TRY(keep_before(v, p->path));
	return rename(fresh, p->path) ? fail(v->c, E_FORBIDDEN, "%s: %s", p->path, strerror(errno))
				      : 0;
}

static bool has_line(str text, str wanted)
{
	str line;

	while (str_cut(&text, '\n', &line))
		if (str_eq(str_trim(line), wanted))
			return true;
	return false;
}

static int add(struct vault *v, struct piece *p)
{
	str here, there, line, text;
	struct out o;
	bool well;
	FILE *f;

	TRY(read_text(v, p->path, &here));
	TRY(read_text(v, p->from, &there));
	out_init(&o, v->c->arena, 2 * KEYS_LIMIT);
	out_str(&o, here);
	if (here.n && !str_ends(here, STR("\n")))
		out_char(&o, '\n');
	while (str_cut(&there, '\n', &line))
		if (str_trim(line).n && !has_line(here, str_trim(line)))
			out_fmt(&o, "%.*s\n", STR_ARG(str_trim(line)));
	TRY(out_done(&o, &text));
	f = fopen(p->from, "we");
	well = f && fwrite(text.p, 1, text.n, f) == text.n;
	if (f && fclose(f))
		well = false;
	return well ? put(v, p) : fail(v->c, E_LATER, "%s cannot be written", p->from);
}

static bool is_added(const struct piece *p)
{
	return p->treatment == ADD && p->is_here && S_ISREG(p->st.st_mode);
}

static int place(struct vault *v, struct piece *p)
{
	if (p->treatment == LEAVE)
		return 0;
	if (S_ISDIR(p->st.st_mode))
		return make_folder(v, p);
	return is_added(p) ? add(v, p) : put(v, p);
}

/* A file that the programs refuse would stop them all, and one with another repository would hide this one. */
static void judge_options(struct laid *l, struct piece *p)
{
	struct settings *s = arena_new_of(l->v->c->arena, struct settings);
	char *argv[] = { NULL };
	int argc = 0;
	str message;

	if (conf_load(l->v->c->arena, settings_table, settings_count, p->from, false, &argc, argv,
		      s, &message))
		p->why = str_fmt(l->v->c->arena, "these programs refuse it: %.*s", STR_ARG(message))
				 .p;
	else if (strcmp(s->backup_repository, l->v->s->backup_repository) != 0)
		p->why = "its backup_repository is another one";
	else
		return;
	p->treatment = LEAVE;
}

/* What a machine is for is begun with its first settings, and is more than a file. */
static int judge(struct laid *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct piece *p = &l->all[i];

		if (fnmatch("*/rookery/role", p->path, 0) == 0 && p->is_here)
			return fail(
				l->v->c, E_CONFLICT,
				"%s is another one: set a machine up with the role that %s says",
				p->path, p->from);
		if (fnmatch("*/rookery/rookery.conf", p->path, 0) == 0)
			judge_options(l, p);
		if (p->is_here && S_ISDIR(p->st.st_mode)) {
			p->treatment = LEAVE;
			p->why = "what is here is no folder";
		}
	}
	return 0;
}

static const char *outcome_of(const struct laid *l, const struct piece *p)
{
	if (p->treatment == LEAVE)
		return str_fmt(l->v->c->arena, "was left alone, since %s", p->why).p;
	if (is_added(p))
		return "got the lines that it lacked";
	return p->is_here ? "was put in place; what was here is its .before" : "was put in place";
}

static void announce(const struct laid *l, const struct configuration *one)
{
	vault_say(l->v, "the configuration of %.*s, as of %s, is in %s", STR_ARG(one->machine),
		  clock_iso(l->v->c->arena, one->taken).p, l->directory);
	for (size_t i = 0; i < l->n; i++) {
		const struct piece *p = &l->all[i];

		if (p->treatment == LEAVE)
			vault_say(l->v, "%s %s, and is left alone, since %s", p->path,
				  state_of(l, p), p->why);
		else if (!S_ISDIR(p->st.st_mode))
			vault_say(l->v, "%s %s", p->path, state_of(l, p));
	}
}

static int place_all(struct laid *l)
{
	for (size_t i = 0; i < l->n; i++)
		TRY(place(l->v, &l->all[i]));
	return 0;
}

static int answer(struct laid *l, const struct configuration *one)
{
	put_head(l, one);
	TRY(put_files(l, outcome_of));
	if (l->n)
		json_put_c(l->v->call->answer, "advice",
			   "Set the secrets that are missing (rookery secret set); then, when no "
			   "rookery restore comes next, restart the machine, so that everything "
			   "reads what it is told.");
	forget_same(l);
	return 0;
}

static int run(struct call *call, struct vault *v)
{
	struct laid l = { .v = v };
	struct configuration one;
	usec at;

	TRY(restore_time(call, &at));
	TRY(files_prepare(v, false));
	TRY(configuration_find(v, cli_option(call, "machine"), at, &one));
	TRY(lay(&l, &one));
	TRY(judge(&l));
	announce(&l, &one);
	if (l.n)
		TRY(restore_ask(call, "these files are put in place, and what is there is kept "
				      "beside as *.before"));
	TRY(place_all(&l));
	return answer(&l, &one);
}

int configuration_restore(struct call *call)
{
	struct vault v;
	int result;

	TRY(vault_open(call, TURN_BACKUP, &v));
	result = run(call, &v);
	vault_close(&v);
	return result;
}
