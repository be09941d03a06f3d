/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sandbox: what a process may do that reads hostile bytes: compute, use what memory it is allowed,
 * read and write the descriptors that it has. No file, no network, no other process; and when memory runs
 * out, it is the first to go.
 */
#ifndef MEDIA_SANDBOX_H
#define MEDIA_SANDBOX_H

#include <stdint.h>

#include "base/attr.h"

struct sandbox {
	uint64_t memory; /* bytes of address space beyond those in use */
	uint64_t output; /* bytes of a file that it writes */
	unsigned cpu, wall; /* seconds; then it is killed */
};

/* For the rest of this process's life; needs no privilege. Negative: it is not shut in, so it must end. */
int sandbox_enter(const struct sandbox *s) must_check;

#endif
