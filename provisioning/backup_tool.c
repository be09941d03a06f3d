/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Programs that do the work. Invariant: they see an environment that we made, with no secret in it; when we are root they
 * are not, unless they have to be; and they end with us.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "daemon/fd.h"
#include "provisioning/backup.h"

#define ANSWER_LIMIT (64 * 1024 * 1024)
#define WORDS_LIMIT 1500
#define ENVIRONMENT_LIMIT 16
#define GENTLY 15

struct running {
	pid_t pid;
	int out, err; /* ours to read; -1: closed */
	struct out text;
	char words[WORDS_LIMIT];
	size_t n_words;
};

static void drop_rights(const struct vault *v, const struct tool *t)
{
	if (t->as_self || geteuid() != 0 || v->uid == 0)
		return;
	if (setgroups(v->n_groups, v->groups) || setgid(v->gid) || setuid(v->uid))
		_exit(126);
}

static void environment(const struct vault *v, const char **ret)
{
	struct arena *a = v->c->arena;
	const char *cache = getenv("CACHE_DIRECTORY");
	size_t n = 0;

	ret[n++] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	ret[n++] = "LC_ALL=C.UTF-8";
	ret[n++] = str_fmt(a, "HOME=%s", v->home).p;
	ret[n++] = str_fmt(a, "AWS_SHARED_CREDENTIALS_FILE=%s", vault_path(v, "s3")).p;
	ret[n++] = str_fmt(a, "PGSERVICEFILE=%s", vault_path(v, "services")).p;
	if (cache)
		ret[n++] = str_fmt(a, "RESTIC_CACHE_DIR=%s", cache).p;
	ret[n] = NULL;
}

/* systemctl speaks to the manager by what it finds in its own environment; the others get ours. */
static void become(const struct vault *v, const struct tool *t, const char **env, int in, int out,
		   int err)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(126);
	close_range(3, ~0U, 0);
	/* Under a unit it is gentle already, and may not be asked. */
	if (t->gently && nice(GENTLY) == -1)
		errno = 0;
	drop_rights(v, t);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (chdir(t->cwd ? t->cwd : "/"))
		_exit(126);
	umask(0077);
	execvpe(t->argv[0], (char *const *)t->argv, (char *const *)env);
	dprintf(2, "%s cannot be run: %s", t->argv[0], strerror(errno));
	_exit(127);
}

static void close_pair(int *pair)
{
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
	pair[0] = pair[1] = -1;
}

/* A file without a name that has the text. */
static int input_of(struct vault *v, str text, int *ret)
{
	FILE *f = tmpfile();

	if (!f || (text.n && fwrite(text.p, 1, text.n, f) != text.n) || fflush(f)) {
		if (f)
			fclose(f);
		return fail(v->c, E_LATER, "there is no room for a temporary file");
	}
	*ret = dup(fileno(f));
	fclose(f);
	if (*ret < 0)
		return -errno;
	lseek(*ret, 0, SEEK_SET);
	return 0;
}

static int start(struct vault *v, const struct tool *t, int in, struct running *r)
{
	const char *env[ENVIRONMENT_LIMIT];
	int out[2] = { -1, -1 }, err[2] = { -1, -1 };

	if ((!t->out && pipe2(out, O_CLOEXEC)) || pipe2(err, O_CLOEXEC)) {
		close_pair(out);
		return -errno;
	}
	environment(v, env);
	r->pid = fork();
	if (r->pid == 0)
		become(v, t, env, in, t->out ? t->out : out[1], err[1]);
	if (r->pid < 0) {
		close_pair(out);
		close_pair(err);
		return -errno;
	}
	if (out[1] >= 0)
		close(out[1]);
	close(err[1]);
	r->out = out[0];
	r->err = err[0];
	out_init(&r->text, v->c->arena, ANSWER_LIMIT);
	return 0;
}

/* The last words, since the first ones are seldom about what went wrong. */
static void hear(struct running *r, const char *piece, size_t n)
{
	if (n > WORDS_LIMIT) {
		piece += n - WORDS_LIMIT;
		n = WORDS_LIMIT;
	}
	if (r->n_words + n > WORDS_LIMIT) {
		size_t over = r->n_words + n - WORDS_LIMIT;

		memmove(r->words, r->words + over, r->n_words - over);
		r->n_words -= over;
	}
	memcpy(r->words + r->n_words, piece, n);
	r->n_words += n;
}

static void read_piece(struct running *r, int *fd)
{
	char piece[65536];
	ssize_t n = read(*fd, piece, sizeof(piece));

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		close(*fd);
		*fd = -1;
	} else if (fd == &r->out)
		out_str(&r->text, (str){ piece, (size_t)n });
	else
		hear(r, piece, (size_t)n);
}

static int finish(struct vault *v, struct running *r, struct tool_answer *ret)
{
	int status;

	while (r->out >= 0 || r->err >= 0) {
		struct pollfd fds[] = { { .fd = r->out, .events = POLLIN },
					{ .fd = r->err, .events = POLLIN } };

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[0].revents)
			read_piece(r, &r->out);
		if (fds[1].revents)
			read_piece(r, &r->err);
	}
	while (waitpid(r->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	ret->words = str_trim(str_dup(v->c->arena, (str){ r->words, r->n_words }));
	return out_done(&r->text, &ret->out);
}

int tool_run(struct vault *v, const struct tool *t, struct tool_answer *ret)
{
	struct running r = { .out = -1, .err = -1 };
	cleanup(close_fd) int own = -1;

	if (!t->in)
		TRY(input_of(v, t->input, &own));
	TRY(start(v, t, t->in ? t->in : own, &r));
	return finish(v, &r, ret);
}

static int complain(struct vault *v, const struct tool *t, const struct tool_answer *a)
{
	if (a->status == 127)
		return fail(v->c, E_NOT_FOUND, "%s is not installed", t->argv[0]);
	return fail(v->c, E_LATER, "%s: %.*s", t->argv[0],
		    STR_ARG(a->words.n ? a->words
				       : str_fmt(v->c->arena, "ended with %d", a->status)));
}

int tool_do(struct vault *v, const struct tool *t, struct tool_answer *ret)
{
	TRY(tool_run(v, t, ret));
	return ret->status ? complain(v, t, ret) : 0;
}

/* Both have to end well: what the second one got may be half of it. */
int tool_pipe(struct vault *v, const struct tool *from, const struct tool *to,
	      struct tool_answer *ret)
{
	struct running first = { .out = -1, .err = -1 }, second = { .out = -1, .err = -1 };
	struct tool head = *from, tail = *to;
	struct tool_answer answer;
	int between[2], result;
	cleanup(close_fd) int nothing = -1;

	TRY(input_of(v, STR(""), &nothing));
	if (pipe2(between, O_CLOEXEC))
		return -errno;
	head.out = between[1];
	tail.in = between[0];
	result = start(v, &head, nothing, &first);
	if (!result)
		result = start(v, &tail, tail.in, &second);
	close_pair(between);
	if (!first.pid)
		return result;
	if (!second.pid)
		kill(first.pid, SIGTERM);
	else
		result = finish(v, &second, ret);
	TRY(finish(v, &first, &answer));
	TRY(result);
	if (answer.status && answer.status != 128 + SIGPIPE)
		return complain(v, from, &answer);
	return ret->status ? complain(v, to, ret) : 0;
}

/* "/usr/lib/postgresql/17/bin/NAME", as Debian has it. */
int tool_postgres(struct vault *v, int64_t version, const char *name, const char **ret)
{
	glob_t found;
	int64_t best = 0, each;

	if (glob(str_fmt(v->c->arena, "/usr/lib/postgresql/*/bin/%s", name).p, 0, NULL, &found) ==
	    0)
		for (size_t i = 0; i < found.gl_pathc; i++) {
			str number = str_from(str_c(found.gl_pathv[i]), 20);

			number = str_slice(number, 0, str_find_char(number, '/', 0));
			if (str_to_i64(number, &each) && (version ? each == version : each > best))
				best = each;
		}
	globfree(&found);
	if (!best)
		return fail(v->c, E_NOT_FOUND, "%s of PostgreSQL %lld is not installed", name,
			    (long long)version);
	*ret = str_fmt(v->c->arena, "/usr/lib/postgresql/%lld/bin/%s", (long long)best, name).p;
	return 0;
}
