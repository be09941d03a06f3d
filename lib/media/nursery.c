/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: a worker knows of one file. What it writes is judged by the program that asked; its end,
 * however it came, closes the descriptor on which that program waits.
 */
#include "media/nursery.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "media/film.h"
#include "media/picture.h"
#include "media/sandbox.h"
#include "media/unpack.h"
#include "media/wire.h"

#define IDLE 120000 /* milliseconds without an order; longer than a worker may take */

static void close_all(const int fds[WIRE_FDS])
{
	for (int i = 0; i < WIRE_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static bool is_order(const struct wire_order *o)
{
	return o->magic == WIRE_MAGIC && o->work < WORK_COUNT;
}

/* The descriptors that came with a message; false for anything but all of them. */
static bool take_fds(struct msghdr *m, int fds[WIRE_FDS])
{
	struct cmsghdr *head = CMSG_FIRSTHDR(m);

	if (!head || head->cmsg_type != SCM_RIGHTS ||
	    head->cmsg_len != CMSG_LEN(WIRE_FDS * sizeof(int)))
		return false;
	memcpy(fds, CMSG_DATA(head), WIRE_FDS * sizeof(int));
	return true;
}

/* 0, E_END when the other end is closed, or negative. */
static int receive(int control, struct wire_order *ret, int fds[WIRE_FDS])
{
	union {
		char bytes[CMSG_SPACE(WIRE_FDS * sizeof(int))];
		struct cmsghdr align;
	} room;
	struct iovec part = { ret, sizeof(*ret) };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = room.bytes,
			    .msg_controllen = sizeof(room.bytes) };
	ssize_t n = recvmsg(control, &m, MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EINTR ? E_LATER : -errno;
	if (n == 0)
		return E_END;
	if (n != (ssize_t)sizeof(*ret) || !take_fds(&m, fds))
		return -EPROTO;
	return 0;
}

static void report_failure(struct wire_report *r, int err, const char *why)
{
	r->err = err;
	snprintf(r->message, sizeof(r->message), "%s", why);
}

static void keep_description(const struct wire_report *from, struct wire_report *r)
{
	r->small_format = from->small_format;
	r->small_width = from->small_width;
	r->small_height = from->small_height;
	memcpy(r->blurhash, from->blurhash, sizeof(r->blurhash));
	memcpy(r->colour, from->colour, sizeof(r->colour));
}

/* A film of which no picture comes is played all the same. */
static void work_film(const struct wire_order *order, const struct probe *p, str bytes,
		      int fd_small, struct wire_report *r)
{
	struct wire_report small = { .magic = WIRE_MAGIC };
	struct film_picture picture = { 0 };
	bool is_lying = p->quarters & 1;
	struct film_order wanted = {
		.id = p->id,
		.bytes = bytes,
		.pixels = order->pixels,
		.most_width = is_lying ? PICTURE_PREVIEW_HEIGHT : PICTURE_PREVIEW_WIDTH,
		.most_height = is_lying ? PICTURE_PREVIEW_WIDTH : PICTURE_PREVIEW_HEIGHT,
	};

	if (film_picture(&wanted, &picture))
		return;
	r->width = is_lying ? picture.full_height : picture.full_width;
	r->height = is_lying ? picture.full_width : picture.full_height;
	if (picture_of_pixels(&(struct picture_pixels){ picture.pixels, picture.width,
							picture.height, p->quarters },
			      fd_small, &small) == 0)
		keep_description(&small, r);
	film_picture_done(&picture);
}

static bool work_cover(const struct wire_order *order, const struct probe *p, int fd_main,
		       int fd_small, struct wire_report *r)
{
	struct wire_report cover = { .magic = WIRE_MAGIC };

	if (str_is_empty(p->cover))
		return false;
	picture_work(&(struct wire_order){ .work = WORK_PREVIEW, .pixels = order->pixels },
		     p->cover, fd_main, fd_small, &cover);
	if (cover.err)
		return false;
	keep_description(&cover, r);
	return true;
}

/* A cover inside is a picture like any other; a film without one is decoded until it shows something. */
static void work_played(const struct wire_order *order, const struct probe *p, str bytes,
			const int fds[WIRE_FDS], struct wire_report *r)
{
	size_t n = p->n_blanks * sizeof(p->blanks[0]);

	r->format = p->id;
	r->width = p->width;
	r->height = p->height;
	r->duration = p->duration;
	r->n_blanks = (uint32_t)p->n_blanks;
	if (write(fds[WIRE_MAIN], p->blanks, n) != (ssize_t)n) {
		report_failure(r, E_UNPROCESSABLE, "the file has too many parts");
		return;
	}
	if (!work_cover(order, p, fds[WIRE_MAIN], fds[WIRE_SMALL], r) && p->has_video)
		work_film(order, p, bytes, fds[WIRE_SMALL], r);
}

static void work(const struct wire_order *order, str bytes, const int fds[WIRE_FDS],
		 struct wire_report *r)
{
	static struct probe p; /* large */
	enum format_id id = format_sniff(bytes);

	if (order->work == WORK_UNPACK)
		unpack_work(bytes, fds[WIRE_MAIN], fds[WIRE_SMALL], r);
	else if (id == FORMAT_NONE)
		report_failure(r, E_UNPROCESSABLE,
			       "this is no picture, video or sound of a kind that we take");
	else if (format_of(id)->class == FORMAT_PICTURE)
		picture_work(order, bytes, fds[WIRE_MAIN], fds[WIRE_SMALL], r);
	else if (order->work != WORK_ATTACHMENT)
		report_failure(r, E_UNPROCESSABLE, "this is no picture");
	else if (probe_file(id, bytes, &p))
		report_failure(r, E_UNPROCESSABLE, "the file cannot be read");
	else
		work_played(order, &p, bytes, fds, r);
}

/* The input is mapped before the limits are set, so that they are for the work. */
static bool map(int fd, str *ret)
{
	struct stat s;
	void *p;

	if (fstat(fd, &s) || s.st_size <= 0)
		return false;
	p = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return false;
	*ret = (str){ p, (size_t)s.st_size };
	return true;
}

/* By its signature alone, before anything of it is read. */
static void load_for(const struct wire_order *order, str bytes)
{
	enum format_id id = format_sniff(str_slice(bytes, 0, 64));

	if (order->work == WORK_ATTACHMENT && id != FORMAT_NONE &&
	    format_of(id)->class == FORMAT_VIDEO && film_load() == 0)
		return;
}

static int worker(const struct wire_order *order, const int fds[WIRE_FDS])
{
	struct wire_report r = { .magic = WIRE_MAGIC };
	struct sandbox box = {
		.memory = order->memory,
		.output = order->work == WORK_UNPACK ? UNPACK_BYTES : WIRE_OUTPUT_LIMIT,
		.cpu = order->cpu,
		.wall = order->wall,
	};
	str bytes;

	if (!is_order(order) || !map(fds[WIRE_INPUT], &bytes))
		return 1;
	load_for(order, bytes);
	if (sandbox_enter(&box))
		return 1;
	work(order, bytes, fds, &r);
	return write(fds[WIRE_REPORT], &r, sizeof(r)) == (ssize_t)sizeof(r) ? 0 : 1;
}

static void start(int control, const struct wire_order *order, const int fds[WIRE_FDS])
{
	pid_t child = fork();

	if (child == 0) {
		close(control);
		_exit(worker(order, fds));
	}
}

int nursery_run(int control)
{
	struct pollfd waited = { .fd = control, .events = POLLIN };

	signal(SIGCHLD, SIG_IGN); /* the kernel buries them */
	for (;;) {
		int fds[WIRE_FDS] = { -1, -1, -1, -1 }, result;
		struct wire_order order = { 0 };

		if (poll(&waited, 1, IDLE) == 0)
			return 0;
		result = receive(control, &order, fds);
		if (result == E_END)
			return 0;
		if (!result)
			start(control, &order, fds);
		close_all(fds);
		if (result < 0)
			return result;
	}
}
