/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a system call that no table here names ends the process. Those that libraries try out
 * of habit, and can do without, fail instead.
 */
#include "media/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/err.h"

#define DESCRIPTORS 24

static void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* Computing, memory, threads of its own, time, and its own descriptors. */
static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(lseek),
	SCMP_SYS(close),
	SCMP_SYS(dup),
	SCMP_SYS(fstat),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(brk),
	SCMP_SYS(madvise),
	SCMP_SYS(mincore),
	SCMP_SYS(futex),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(rseq),
	SCMP_SYS(membarrier),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_getparam),
	SCMP_SYS(sched_getscheduler),
	SCMP_SYS(getcpu),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getrusage),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(getrandom),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
};

/* What libraries ask for and do without. */
static const int refused[] = {
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(statx),
	SCMP_SYS(statfs),
	SCMP_SYS(fstatfs),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(getcwd),
	SCMP_SYS(ioctl),
	SCMP_SYS(fcntl),
	SCMP_SYS(sysinfo),
	SCMP_SYS(uname),
	SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(pipe2),
	SCMP_SYS(eventfd2),
	SCMP_SYS(sched_setscheduler),
	SCMP_SYS(sched_setaffinity),
	SCMP_SYS(setpriority),
	SCMP_SYS(prctl),
};

static void filter_releasep(scmp_filter_ctx *f)
{
	if (*f)
		seccomp_release(*f);
}

static int add_all(scmp_filter_ctx f, uint32_t action, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		TRY(seccomp_rule_add(f, action, calls[i], 0));
	return 0;
}

/* By their arguments: memory that is no code, threads and no processes, signals to itself alone, looks
 * at its own descriptors. */
static int add_some(scmp_filter_ctx f)
{
	const uint64_t thread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;

	TRY(seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
			     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
	TRY(seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
	TRY(seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			     SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread)));
	TRY(seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
	TRY(seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			     SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid())));
	TRY(seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
			     SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH)));
	return seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(newfstatat), 1,
				SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0));
}

static int filter(void)
{
	cleanup(filter_releasep) scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (!f)
		return -ENOMEM;
	TRY(add_all(f, SCMP_ACT_ALLOW, allowed, ARRAY_SIZE(allowed)));
	TRY(add_all(f, SCMP_ACT_ERRNO(EACCES), refused, ARRAY_SIZE(refused)));
	TRY(add_some(f));
	return seccomp_load(f);
}

/* Bytes of address space in use. */
static uint64_t memory_used(void)
{
	cleanup(fclosep) FILE *f = fopen("/proc/self/statm", "re");
	unsigned long pages;

	if (!f || fscanf(f, "%lu", &pages) != 1)
		return 0;
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int limit(int resource, uint64_t most)
{
	struct rlimit l = { most, most };

	return setrlimit((__rlimit_resource_t)resource, &l) ? -errno : 0;
}

/* Sanitizers reserve terabytes for their own use; there the other limits have to do. */
static int set_limits(const struct sandbox *s)
{
	struct itimerval wall = { .it_value = { .tv_sec = s->wall } };

	if (!SANITIZE_ADDRESS && !SANITIZE_THREAD)
		TRY(limit(RLIMIT_AS, memory_used() + s->memory));
	TRY(limit(RLIMIT_CPU, s->cpu));
	TRY(limit(RLIMIT_FSIZE, s->output));
	TRY(limit(RLIMIT_NOFILE, DESCRIPTORS));
	TRY(limit(RLIMIT_CORE, 0));
	signal(SIGALRM, SIG_DFL);
	signal(SIGXCPU, SIG_DFL);
	return setitimer(ITIMER_REAL, &wall, NULL) ? -errno : 0;
}

/*
 * When memory runs out, the kernel takes this one first: its file can be worked on again. Where it cannot be said, the
 * limits have to do.
 */
static void go_first(void)
{
	cleanup(fclosep) FILE *f = fopen("/proc/self/oom_score_adj", "we");

	if (f)
		fputs("1000", f);
}

int sandbox_enter(const struct sandbox *s)
{
	go_first();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0))
		return -errno;
	TRY(set_limits(s));
	return filter();
}
