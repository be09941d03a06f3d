/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: programs run on another thread, with nothing on their standard input but what they are given; one that fails
 * has no answer, but what it said of it is the message.
 */
#include "provisioning/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/fd.h"
#include "loop/fiber.h"

#define WORDS_LIMIT 300 /* of what a program says of its failure */

extern char **environ;

static int64_t kib_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoll(at + strlen(name), NULL, 10) : -1;
}

bool machine_memory(struct machine_memory *ret)
{
	char text[4096];
	FILE *f = fopen("/proc/meminfo", "re");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = 0;
	ret->total = kib_of(text, "MemTotal:") * 1024;
	ret->available = kib_of(text, "MemAvailable:") * 1024;
	return ret->total > 0 && ret->available >= 0;
}

struct running {
	const char *const *argv;
	str input;
	char *text; /* room for MACHINE_ANSWER */
	size_t n;
	char words[WORDS_LIMIT];
	size_t n_words;
	int error;
	int status; /* as waitpid() gives it */
};

static void read_all(struct running *r, int fd)
{
	ssize_t got;

	while (r->n < MACHINE_ANSWER &&
	       (got = read(fd, r->text + r->n, MACHINE_ANSWER - r->n)) != 0)
		if (got > 0)
			r->n += (size_t)got;
		else if (errno != EINTR)
			return;
}

static int spawn(const char *const *argv, int in, int out, int words, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
	if (!error)
		error = posix_spawnp(ret, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv,
				     environ);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* Their end says why: what comes before it may be warnings. */
static void read_words(struct running *r, int fd)
{
	off_t all = lseek(fd, 0, SEEK_END);
	ssize_t got = pread(fd, r->words, WORDS_LIMIT, all > WORDS_LIMIT ? all - WORDS_LIMIT : 0);

	r->n_words = got > 0 ? (size_t)got : 0;
}

static void run_with(struct running *r, int in, int words)
{
	int fds[2];
	pid_t child;

	if (pipe2(fds, O_CLOEXEC)) {
		r->error = errno;
		return;
	}
	r->error = spawn(r->argv, in, fds[1], words, &child);
	close(fds[1]);
	if (!r->error)
		read_all(r, fds[0]);
	close(fds[0]); /* who says more ends by it */
	if (r->error)
		return;
	while (waitpid(child, &r->status, 0) < 0 && errno == EINTR)
		;
	read_words(r, words);
}

static void run(void *arg)
{
	struct running *r = arg;
	cleanup(close_fd) int in = memfd_create("input", MFD_CLOEXEC);
	cleanup(close_fd) int words = memfd_create("words", MFD_CLOEXEC);

	if (in < 0 || words < 0 || pwrite(in, r->input.p, r->input.n, 0) != (ssize_t)r->input.n) {
		r->error = errno;
		return;
	}
	run_with(r, in, words);
}

static bool has_failed(const struct running *r)
{
	bool was_cut = r->n == MACHINE_ANSWER && WIFSIGNALED(r->status);

	return r->status && !was_cut;
}

int machine_feed(struct ctx *c, const char *const *argv, str input, str *ret)
{
	struct running r = { .argv = argv,
			     .input = input,
			     .text = arena_array(c->arena, MACHINE_ANSWER, 1) };
	str words;

	offload(run, &r);
	if (r.error)
		return fail(c, E_UNSUPPORTED, "%s: %s", argv[0], strerror(r.error));
	words = str_trim((str){ r.words, r.n_words });
	if (has_failed(&r))
		return words.n ? fail(c, E_UNSUPPORTED, "%s: %.*s", argv[0], STR_ARG(words))
			       : fail(c, E_UNSUPPORTED, "%s failed and said nothing", argv[0]);
	*ret = (str){ r.text, r.n };
	return 0;
}

int machine_run(struct ctx *c, const char *const *argv, str *ret)
{
	return machine_feed(c, argv, STR(""), ret);
}

int machine_ask(struct ctx *c, const char *command, str *ret)
{
	const char *const argv[] = { "/bin/sh", "-c", command, NULL };

	return machine_run(c, argv, ret);
}

int machine_failed_units(struct ctx *c, str *ret)
{
	return machine_ask(
		c,
		"list=$(systemctl list-units --failed --plain --no-legend 'rookery*' 'postgresql*' 'caddy*' 'nginx*') && "
		"printf '%s\\n' \"$list\" | cut -d ' ' -f 1",
		ret);
}
