/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * terminal: the machine's screen or serial line, as plain as it may be: lines out, lines in, and programs that are run
 * without a shell. Whatever came from elsewhere is shown without what a terminal would obey.
 */
#ifndef PROVISIONING_TERMINAL_H
#define PROVISIONING_TERMINAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/* Empties the screen where that can be done; a serial line that knows nothing gets an empty line. */
void terminal_clear(void);
/* Text for people; control characters of it, but line ends, become question marks. */
void terminal_put(str text);
void terminal_put_c(const char *text);

enum terminal_read { TERMINAL_LINE, TERMINAL_QUIET, TERMINAL_GONE };

/*
 * Asks, and reads one line without white space around it. Quiet: nobody typed anything for so many seconds. What is
 * typed is not shown when it is hidden; a line that is too long is empty.
 */
enum terminal_read terminal_ask(struct arena *a, const char *prompt, int seconds, bool hidden,
				str *ret);

/*
 * Runs a program (found by PATH unless its name has a slash) with what it reads on standard input, and gives what it
 * said on both of its outputs, within a limit. Its exit status, or -1 when it could not be run.
 */
int terminal_run(struct arena *a, const char *const *argv, str input, str *ret_said);
/* Whether there is such a program, found likewise. */
bool terminal_has(const char *program);

#endif
