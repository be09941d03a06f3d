/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* machine: what the command line asks of the machine that it runs on. */
#ifndef PROVISIONING_MACHINE_H
#define PROVISIONING_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct machine_memory {
	int64_t total, available; /* bytes */
};

bool machine_memory(struct machine_memory *ret);

/*
 * What a command of the shell writes to standard output, at most MACHINE_ANSWER bytes of it. The command is a constant of
 * this program: nothing that anybody typed is ever part of it. Parks the fiber. E_UNSUPPORTED when it cannot be run,
 * or fails: with what it said of it.
 */
#define MACHINE_ANSWER (4 * 1024 * 1024)
int machine_ask(struct ctx *c, const char *command, str *ret) must_check;

/* Starts a program with these arguments (NULL-ended) and gives what it writes, likewise; no shell is in between. */
int machine_run(struct ctx *c, const char *const *argv, str *ret) must_check;
/* The same, with this on its standard input: a secret is in no argument. */
int machine_feed(struct ctx *c, const char *const *argv, str input, str *ret) must_check;

/* Units of ours, and those that we stand on, that failed, one a line. E_UNSUPPORTED where systemd does not answer. */
int machine_failed_units(struct ctx *c, str *ret) must_check;

#endif
