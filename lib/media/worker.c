/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: what a worker says is checked as if a stranger had sent it, because one may have: its
 * texts, its numbers, and that its files are what it calls them. Its outputs are sealed before they
 * are mapped, so that they cannot shrink or change under the reader.
 */
#include "media/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/tally.h"
#include "loop/fiber.h"
#include "media/unpack.h"

#define GRACE (5 * USEC_SEC) /* beyond its own limit before the nursery is killed */
#define PIXELS_LIMIT 100000 /* a side */
#define NO_SECOND_TRY (5 * USEC_SEC) /* what took longer than this is not tried again */

struct workers {
	struct workers_options options;
	struct slots slots;
	int control; /* to the nursery; -1: there is none */
	pid_t nursery;
};

static void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

int workers_new(const struct workers_options *o, struct workers **ret)
{
	struct workers *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->options = *o;
	if (!o->cpu)
		w->options.cpu = WORKER_CPU;
	if (!o->wall)
		w->options.wall = WORKER_WALL;
	if (!o->memory)
		w->options.memory = WORKER_MEMORY;
	w->control = -1;
	slots_init(&w->slots, o->count);
	*ret = w;
	return 0;
}

/* Its workers end with it. */
static void nursery_end(struct workers *w)
{
	if (w->control < 0)
		return;
	close(w->control);
	w->control = -1;
	kill(w->nursery, SIGKILL);
	while (waitpid(w->nursery, NULL, 0) < 0 && errno == EINTR)
		;
}

void workers_free(struct workers *w)
{
	if (!w)
		return;
	nursery_end(w);
	free(w);
}

/* Nothing of our environment is for it: there may be secrets. */
static char *const environment[] = { (char *)(uintptr_t) "LC_ALL=C.UTF-8",
				     (char *)(uintptr_t) "MALLOC_ARENA_MAX=1",
				     (char *)(uintptr_t) "ASAN_OPTIONS=detect_leaks=0", NULL };

static int spawn(struct workers *w, int end)
{
	char *const argv[] = { (char *)(uintptr_t)w->options.program, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	int result;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, end, WIRE_CONTROL);
	posix_spawn_file_actions_addclosefrom_np(&files, WIRE_CONTROL + 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	result = posix_spawn(&w->nursery, w->options.program, &files, &attributes, argv,
			     environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return result ? -result : 0;
}

static bool nursery_is_gone(const struct workers *w)
{
	char byte;
	ssize_t n;

	if (w->control < 0)
		return true;
	/* One that ended with an order unread leaves an error, where another leaves an end. */
	n = recv(w->control, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static int nursery_need(struct ctx *c, struct workers *w)
{
	int ends[2], result;

	if (!nursery_is_gone(w))
		return 0;
	nursery_end(w);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	result = spawn(w, ends[1]);
	close(ends[1]);
	if (result) {
		close(ends[0]);
		log_debug(c, "event=media_worker program=%s error=\"%s\"", w->options.program,
			  strerror(-result));
		return fail(c, E_LATER, "pictures cannot be worked on now");
	}
	w->control = ends[0];
	return 0;
}

static int send_order(struct workers *w, struct wire_order *order, const int fds[WIRE_FDS])
{
	union {
		char bytes[CMSG_SPACE(WIRE_FDS * sizeof(int))];
		struct cmsghdr align;
	} room = { .bytes = { 0 } };
	struct iovec part = { order, sizeof(*order) };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = room.bytes,
			    .msg_controllen = sizeof(room.bytes) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&m);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(WIRE_FDS * sizeof(int));
	memcpy(CMSG_DATA(head), fds, WIRE_FDS * sizeof(int));
	return sendmsg(w->control, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* Output may grow up to the limit of its writer and never shrinks. */
static int output_new(int *ret)
{
	int fd = memfd_create("media", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK)) {
		closep(&fd);
		return -errno;
	}
	*ret = fd;
	return 0;
}

static int output_map(int fd, str *ret)
{
	struct stat s;
	void *p;

	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SEAL) || fstat(fd, &s))
		return E_UNPROCESSABLE;
	if (s.st_size == 0) {
		*ret = STR_NULL;
		return 0;
	}
	p = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	*ret = (str){ p, (size_t)s.st_size };
	return 0;
}

void worked_done(struct worked *w)
{
	str *const forms[] = { &w->main, &w->small, &w->list };

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (forms[i]->n)
			munmap((void *)(uintptr_t)forms[i]->p, forms[i]->n);
		*forms[i] = STR_NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(w->fds); i++) {
		closep(&w->fds[i]);
		w->fds[i] = -1;
	}
}

int worker_input(str bytes, int *ret_fd)
{
	int fd = memfd_create("media", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;

	while (fd >= 0 && done < bytes.n) {
		ssize_t n = write(fd, bytes.p + done, bytes.n - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (fd < 0 || done < bytes.n ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SEAL)) {
		closep(&fd);
		return -ENOMEM;
	}
	*ret_fd = fd;
	return 0;
}

static bool is_text(const char *p, size_t size, const char *characters)
{
	size_t n = strnlen(p, size);

	return n < size && (!characters || strspn(p, characters) == n);
}

#define BASE83 "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"

static bool is_side(int64_t n)
{
	return n >= 0 && n <= PIXELS_LIMIT;
}

static bool are_blanks(const struct worked *w, uint64_t size)
{
	if (w->list.n != w->report.n_blanks * sizeof(w->blanks[0]))
		return false;
	for (uint32_t i = 0; i < w->report.n_blanks; i++) {
		const struct probe_blank *b = &w->blanks[i];

		if (b->size > size || b->offset > size - b->size || b->n_head > b->size ||
		    b->n_head > sizeof(b->head))
			return false;
	}
	return true;
}

static bool is_report(const struct wire_report *r)
{
	return r->magic == WIRE_MAGIC && r->err >= 0 && r->err < E_END &&
	       r->format < FORMAT_COUNT && r->small_format < FORMAT_COUNT && is_side(r->width) &&
	       is_side(r->height) && is_side(r->small_width) && is_side(r->small_height) &&
	       r->duration >= 0 && r->duration < 1e9 &&
	       is_text(r->blurhash, sizeof(r->blurhash), BASE83) &&
	       is_text(r->colour, sizeof(r->colour), "#0123456789abcdef") &&
	       is_text(r->message, sizeof(r->message), NULL) && r->n_blanks <= PROBE_BLANKS;
}

/* A form is what it is called by its own bytes as well. */
static bool is_form(str form, uint32_t format)
{
	return str_is_null(form) ||
	       (format != FORMAT_NONE && format_sniff(form) == (enum format_id)format);
}

static uint64_t size_of(int fd)
{
	struct stat s;

	return fstat(fd, &s) || s.st_size < 0 ? 0 : (uint64_t)s.st_size;
}

/* They stand in place of a main form, where there is none. */
static void take_blanks(struct worked *w)
{
	w->list = w->main;
	w->main = STR_NULL;
	w->blanks = (const struct probe_blank *)(const void *)w->list.p;
}

static int judge_report(struct ctx *c, const struct wire_report *r)
{
	if (!is_report(r))
		return fail(c, E_UNPROCESSABLE, "the file cannot be worked on");
	if (r->err)
		return fail(c, r->err == E_TOO_LARGE ? E_TOO_LARGE : E_UNPROCESSABLE, "%s",
			    str_is_utf8(str_c(r->message)) ? r->message
							   : "the file cannot be read");
	return 0;
}

static int judge(struct ctx *c, int fd, struct worked *w)
{
	const struct wire_report *r = &w->report;

	TRY(judge_report(c, r));
	TRY(output_map(w->fds[0], &w->main));
	TRY(output_map(w->fds[1], &w->small));
	if (!r->has_main)
		take_blanks(w);
	if (!are_blanks(w, size_of(fd)) || !is_form(w->main, r->format) ||
	    (r->small_format && !is_form(w->small, r->small_format)))
		return fail(c, E_UNPROCESSABLE, "the file cannot be worked on");
	return 0;
}

/* 0 with a report, E_END when the worker ended without one. */
static int await_report(struct workers *w, int end, unsigned wall, struct wire_report *ret)
{
	usec deadline = clock_mono() + wall * USEC_SEC + GRACE;
	int result = fiber_wait_fd(end, EPOLLIN, deadline);
	ssize_t n;

	/* It is deaf even to its own alarm. */
	if (result == -ETIMEDOUT) {
		kill(w->nursery, SIGKILL);
		return E_END;
	}
	TRY(result);
	n = recv(end, ret, sizeof(*ret), MSG_DONTWAIT);
	return n == (ssize_t)sizeof(*ret) ? 0 : E_END;
}

static int attempt(struct ctx *c, struct workers *w, struct wire_order *order, int fd,
		   struct worked *ret)
{
	int ends[2], result;

	TRY(nursery_need(c, w));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	result = send_order(w, order, (const int[]){ ends[1], fd, ret->fds[0], ret->fds[1] });
	close(ends[1]);
	if (!result)
		result = await_report(w, ends[0], order->wall, &ret->report);
	else if (result == -EPIPE || result == -ECONNRESET)
		result = E_END;
	close(ends[0]);
	return result;
}

static int ended_early(struct ctx *c, const struct workers *w)
{
	/* The nursery knows nothing of files, so its end is nothing that a file did. */
	if (nursery_is_gone(w))
		return fail(c, E_LATER, "files cannot be worked on now");
	return fail(c, E_UNPROCESSABLE, "the file takes more than a file may");
}

/* A worker that was killed from outside is no fault of its file, so there is a second. */
static int run(struct ctx *c, struct workers *w, struct wire_order *order, int fd,
	       struct worked *ret)
{
	int result = E_END;

	for (int i = 0; i < 2 && result == E_END; i++) {
		usec begun = clock_mono();

		worked_done(ret);
		TRY(output_new(&ret->fds[0]));
		TRY(output_new(&ret->fds[1]));
		result = attempt(c, w, order, fd, ret);
		if (clock_mono() > begun + NO_SECOND_TRY)
			break;
	}
	if (result != E_END)
		return result ? result : judge(c, fd, ret);
	return ended_early(c, w);
}

static int take_turn(struct ctx *c, struct workers *w)
{
	int result = slots_take(&w->slots, clock_mono() + WORKER_WAIT);

	if (result == -ETIMEDOUT)
		return fail(c, E_LATER, "too many pictures are worked on");
	return result;
}

int worker_run(struct ctx *c, struct workers *w, enum work work, int fd, uint64_t pixels,
	       struct worked *ret)
{
	struct worked done = { .fds = { -1, -1 } };
	struct wire_order order = {
		.magic = WIRE_MAGIC,
		.work = work,
		.pixels = pixels,
		.memory = w->options.memory,
		.cpu = w->options.cpu,
		.wall = w->options.wall,
	};
	usec begun;
	int result;

	TRY(take_turn(c, w));
	begun = clock_mono();
	result = run(c, w, &order, fd, &done);
	tally_add(TALLY_WORKER_RUNS, 1);
	tally_add(TALLY_WORKER_FAILURES, result != 0);
	tally_add(TALLY_WORKER_USEC, clock_mono() - begun);
	slots_give(&w->slots);
	if (result) {
		worked_done(&done);
		return result;
	}
	*ret = done;
	return 0;
}

/* What came of an archive is too much for memory, so it is not sealed and mapped: who reads it copies. */
static int judge_unpacked(struct ctx *c, struct worked *w, str *ret_list)
{
	TRY(judge_report(c, &w->report));
	TRY(output_map(w->fds[1], &w->small));
	*ret_list = str_is_null(w->small) ? STR("") : str_dup(c->arena, w->small);
	return 0;
}

int worker_unpack(struct ctx *c, struct workers *w, int fd, int fd_files, str *ret_list)
{
	struct worked done cleanup(worked_done) = { .fds = { -1, -1 } };
	struct wire_order order = {
		.magic = WIRE_MAGIC,
		.work = WORK_UNPACK,
		.memory = w->options.memory,
		.cpu = UNPACK_CPU,
		.wall = UNPACK_WALL,
	};
	int result;

	TRY(output_new(&done.fds[1]));
	done.fds[0] = fcntl(fd_files, F_DUPFD_CLOEXEC, 0);
	if (done.fds[0] < 0)
		return -errno;
	TRY(take_turn(c, w));
	result = attempt(c, w, &order, fd, &done);
	slots_give(&w->slots);
	if (result == E_END)
		return ended_early(c, w);
	return result ? result : judge_unpacked(c, &done, ret_list);
}
