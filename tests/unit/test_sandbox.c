/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a process that shut itself in can do no more, each tried in a process of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "media/sandbox.h"

#include <cmocka.h>

#define MEBI (1024 * 1024)

/* Each ends with 0 when it could not do it, and may be killed for trying. */

static int open_file(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static int create_file(void)
{
	return open("/tmp/rookery-sandbox", O_CREAT | O_WRONLY, 0600) >= 0;
}

static int open_network(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static int start_program(void)
{
	return execl("/bin/true", "true", NULL) + 1;
}

static int start_process(void)
{
	return fork() >= 0;
}

static int signal_parent(void)
{
	return kill(getppid(), SIGUSR1) == 0;
}

static int trace_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static int run_data(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED;
}

static int raise_limit(void)
{
	struct rlimit l = { RLIM_INFINITY, RLIM_INFINITY };

	return setrlimit(RLIMIT_CPU, &l) == 0;
}

static int write_much(void)
{
	static const char bytes[4096];
	int fd = 9; /* opened by its parent */

	for (int i = 0; i < 1024; i++)
		if (write(fd, bytes, sizeof(bytes)) <= 0)
			return 0;
	return 1;
}

static int compute_for_ever(void)
{
	for (volatile unsigned i = 1; i; i |= 1)
		;
	return 1;
}

static int sleep_for_ever(void)
{
	for (int i = 0; i < 1000; i++)
		usleep(100000);
	return 1;
}

static void fill(size_t mebis, bool *ret_failed)
{
	for (size_t i = 0; i < mebis; i++) {
		char *p = malloc(MEBI);

		if (!p) {
			*ret_failed = true;
			return;
		}
		memset(p, 1, MEBI);
	}
}

static int eat_memory(void)
{
	bool failed = false;

	if (SANITIZE_ADDRESS || SANITIZE_THREAD)
		return 0; /* there is no limit under them */
	fill(1024, &failed);
	return !failed;
}

static const struct {
	const char *name;
	int (*fn)(void);
} attempts[] = {
	{ "open a file", open_file },
	{ "create a file", create_file },
	{ "open a socket", open_network },
	{ "start a program", start_program },
	{ "fork", start_process },
	{ "signal its parent", signal_parent },
	{ "trace its parent", trace_parent },
	{ "run data", run_data },
	{ "raise a limit", raise_limit },
	{ "write much", write_much },
	{ "compute for ever", compute_for_ever },
	{ "sleep for ever", sleep_for_ever },
	{ "eat memory", eat_memory },
};

static const struct sandbox box = { .memory = 64 * MEBI, .output = MEBI, .cpu = 1, .wall = 3 };

static int status_of(int (*fn)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		signal(SIGXFSZ, SIG_IGN);
		dup2(memfd_create("out", 0), 9);
		if (sandbox_enter(&box))
			_exit(100);
		_exit(fn());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void test_attempts(void **state unused)
{
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++) {
		int status = status_of(attempts[i].fn);

		if (!WIFSIGNALED(status) && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
			fail_msg("it could %s: %d", attempts[i].name, status);
	}
}

static void *count(void *arg)
{
	++*(int *)arg;
	return NULL;
}

/* What it needs for its work. */
static int work(void)
{
	int n = 0;
	pthread_t thread;
	bool failed = false;

	fill(16, &failed);
	if (failed || pthread_create(&thread, NULL, count, &n) || pthread_join(thread, NULL))
		return 1;
	return n == 1 && write(9, "x", 1) == 1 ? 0 : 2;
}

static void test_work(void **state unused)
{
	int status = status_of(work);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int score_of(pid_t process)
{
	char path[64];
	FILE *f;
	int score = -1;

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)process);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &score), 1);
	fclose(f);
	return score;
}

static void test_it_goes_first_when_memory_runs_out(void **state unused)
{
	int fds[2], status;
	char byte;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		if (sandbox_enter(&box) || write(fds[1], "", 1) != 1)
			_exit(1);
		for (;;)
			usleep(1000000);
	}
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(score_of(child), 1000);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attempts),
		cmocka_unit_test(test_it_goes_first_when_memory_runs_out),
		cmocka_unit_test(test_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
