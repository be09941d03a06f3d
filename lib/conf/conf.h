/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Configuration from one table: name, type, default and help give the parser, --help, the man page,
 * the sample file and the check. The file is libconfig's syntax (the only door to it); a file that
 * names an unknown option or a wrong type is refused with its line. The environment overrides
 * (ROOKERY_<NAME>), the command line (--name=value) overrides that.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/out.h"
#include "base/str.h"

enum conf_type { CONF_STRING, CONF_INT, CONF_BOOL };

struct conf_option {
	const char *name; /* lower case with underscores */
	enum conf_type type;
	const char *fallback; /* default, as text */
	int64_t min, max; /* CONF_INT */
	size_t offset; /* of the member: const char *, int64_t or bool */
	const char *help; /* one sentence */
};

/*
 * Fills the struct at target from the defaults, the file (NULL: none; a missing file is an error
 * unless optional), the environment and the options in argv, which are removed from it. On failure
 * E_INVALID and *ret_message says what to mend, with file and line.
 */
int conf_load(struct arena *a, const struct conf_option *table, size_t n, const char *file,
	      bool file_is_optional, int *argc, char **argv, void *target,
	      str *ret_message) must_check;

/* "  --name=VALUE   help (default ...)" a line each. */
void conf_help(struct out *o, const struct conf_option *table, size_t n);
/* A sample file with every option as a comment. */
void conf_sample(struct out *o, const struct conf_option *table, size_t n);

#endif
