/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * worker: hostile files are decoded in processes of their own (nursery.h), shut in (sandbox.h). A
 * worker that crashes, hangs or eats memory costs its file and nothing else. One pool for each loop;
 * its nursery is started by the first file and ends by itself when none came for a while.
 */
#ifndef MEDIA_WORKER_H
#define MEDIA_WORKER_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "media/wire.h"

struct workers;

struct workers_options {
	const char *program; /* path of rookery-media */
	unsigned count; /* files at once */
	/* What a file may take; 0: as below. */
	unsigned cpu, wall; /* seconds */
	uint64_t memory; /* bytes */
};

int workers_new(const struct workers_options *o, struct workers **ret) must_check;
void workers_free(struct workers *w);

#define WORKER_CPU 20 /* seconds that a file may compute */
#define WORKER_WALL 40 /* seconds in all */
#define WORKER_MEMORY ((uint64_t)1 << 30) /* bytes that it may take for it */
#define WORKER_WAIT (60 * USEC_SEC) /* for its turn */

/* What came of a file. The forms live until worked_done. */
struct worked {
	struct wire_report
		report; /* checked: within bounds, texts ended and of the right characters */
	str main; /* the form to show; null: the file itself is, without its blanks */
	const struct probe_blank *blanks; /* report.n_blanks, checked to be within the file */
	str list; /* where they stand */
	str small; /* preview, or form without motion; null: none */
	int fds[2];
};
void worked_done(struct worked *w);

/*
 * Has a file worked on; fd is open for reading only, and its bytes do not change meanwhile. Parks the
 * fiber. E_UNPROCESSABLE and E_TOO_LARGE with the worker's words, E_LATER when none was free for long
 * or none can be started. pixels: at most, of all frames.
 */
int worker_run(struct ctx *c, struct workers *w, enum work work, int fd, uint64_t pixels,
	       struct worked *ret) must_check;

/*
 * Unpacks an archive into the file fd_files. *ret_list: what is in it, for unpack_list_read, in the arena. Nothing is
 * believed of it: bytes of fd_files are copied before they are looked at. Errors as above, with the worker's words.
 */
int worker_unpack(struct ctx *c, struct workers *w, int fd, int fd_files, str *ret_list) must_check;

/* A read-only descriptor of these bytes, sealed, for worker_run; the caller closes it. */
int worker_input(str bytes, int *ret_fd) must_check;

#endif
