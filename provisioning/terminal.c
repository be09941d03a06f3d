/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: nothing here interprets what it is given: no shell runs, and no control character that a name or a title
 * may hold reaches the terminal.
 */
#include "provisioning/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/out.h"

#define LINE_LIMIT 512 /* bytes of a typed line */
#define SAID_LIMIT (64 * 1024)
#define UNRUNNABLE 127 /* as shells have it */

void terminal_clear(void)
{
	const char *kind = getenv("TERM");

	if (!kind || strcmp(kind, "dumb") == 0)
		fputs("\n", stdout);
	else
		fputs("\033[H\033[2J", stdout);
	fflush(stdout);
}

/* C0, delete, and C1 as UTF-8 writes it (ECMA-48, 5). */
static bool is_control(str s, size_t i)
{
	unsigned char ch = (unsigned char)s.p[i];

	if (ch == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0)
		return true;
	return (ch < ' ' && ch != '\n') || ch == 0x7f;
}

void terminal_put(str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r')
			putchar(is_control(text, i) ? '?' : text.p[i]);
	fflush(stdout);
}

void terminal_put_c(const char *text)
{
	terminal_put(str_c(text));
}

static bool set_echo(bool on)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t))
		return false;
	if (on)
		t.c_lflag |= ECHO;
	else
		t.c_lflag &= ~(tcflag_t)ECHO;
	return tcsetattr(STDIN_FILENO, on ? TCSANOW : TCSAFLUSH, &t) == 0;
}

/* Up to the line's end; what is too long is read to its end and dropped. */
static enum terminal_read read_line(struct arena *a, int seconds, str *ret)
{
	char line[LINE_LIMIT];
	size_t n = 0;

	for (;;) {
		struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
		int ready = poll(&p, 1, seconds * 1000);
		char ch;
		ssize_t got;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0)
			return TERMINAL_QUIET;
		got = read(STDIN_FILENO, &ch, 1);
		if (got <= 0)
			return TERMINAL_GONE;
		if (ch == '\n' || ch == '\r')
			break;
		if (n < sizeof(line))
			line[n] = ch;
		n++;
	}
	*ret = n > sizeof(line) ? STR("") : str_trim(str_dup(a, (str){ line, n }));
	explicit_bzero(line, sizeof(line));
	return TERMINAL_LINE;
}

enum terminal_read terminal_ask(struct arena *a, const char *prompt, int seconds, bool hidden,
				str *ret)
{
	bool was_hidden = hidden && set_echo(false);
	enum terminal_read result;

	*ret = STR("");
	terminal_put_c(prompt);
	result = read_line(a, seconds, ret);
	if (was_hidden) {
		set_echo(true);
		terminal_put_c("\n");
	}
	return result;
}

struct child {
	pid_t pid;
	int in, out; /* our ends */
};

static void become(const char *const *argv, const int in[2], const int out[2])
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in[0], STDIN_FILENO) < 0 || dup2(out[1], STDOUT_FILENO) < 0 ||
	    dup2(out[1], STDERR_FILENO) < 0)
		_exit(UNRUNNABLE);
	execvp(argv[0], (char *const *)argv);
	_exit(UNRUNNABLE);
}

static bool start(const char *const *argv, struct child *ret)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC))
		return false;
	if (pipe2(out, O_CLOEXEC)) {
		close(in[0]);
		close(in[1]);
		return false;
	}
	*ret = (struct child){ .pid = fork(), .in = in[1], .out = out[0] };
	if (ret->pid == 0)
		become(argv, in, out);
	close(in[0]);
	close(out[1]);
	return true;
}

/* What is given is shorter than what a pipe holds, so that nobody waits for anybody. */
static bool feed(int fd, str input)
{
	bool fed = write(fd, input.p, input.n) == (ssize_t)input.n;

	close(fd);
	return fed;
}

static str listen_to(struct arena *a, int fd)
{
	char part[4096];
	struct out o;
	ssize_t got;

	out_init(&o, a, SAID_LIMIT);
	while ((got = read(fd, part, sizeof(part))) > 0 || (got < 0 && errno == EINTR))
		if (got > 0 && o.n + (size_t)got < SAID_LIMIT)
			out_str(&o, (str){ part, (size_t)got });
	close(fd);
	return out_view(&o);
}

int terminal_run(struct arena *a, const char *const *argv, str input, str *ret_said)
{
	struct child child;
	int status = 0;
	bool fed;

	*ret_said = STR("");
	if (!start(argv, &child))
		return -1;
	fed = feed(child.in, input);
	*ret_said = listen_to(a, child.out);
	if (child.pid < 0)
		return -1;
	/* One that reads nothing may be gone before. */
	while (waitpid(child.pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) && (fed || !input.n) && WEXITSTATUS(status) != UNRUNNABLE
		       ? WEXITSTATUS(status)
		       : -1;
}

bool terminal_has(const char *program)
{
	struct arena *a cleanup(arena_freep) = arena_new();
	const char *path = getenv("PATH");
	str rest = path ? str_c(path) : STR("/usr/bin:/usr/sbin"), part;

	if (strchr(program, '/'))
		return access(program, X_OK) == 0;
	while (str_cut(&rest, ':', &part))
		if (access(str_fmt(a, "%.*s/%s", STR_ARG(part), program).p, X_OK) == 0)
			return true;
	return false;
}
