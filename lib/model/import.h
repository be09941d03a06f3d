/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import: a file of lines (CSV, in the columns that Mastodon writes) whose each line is done by the stator, once. An
 * import runs until none of its lines waits; what a line wants is there already is done as well. With overwrite, what
 * was there and is in no line goes. The posts of an archive are lines too, which come of unpacking it (import_archive.c).
 */
#ifndef MODEL_IMPORT_H
#define MODEL_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/graph.h"
#include "sql/gen/import.h"

extern const struct graph import_graph, import_row_graph;

#define IMPORT_BYTES (4 * 1024 * 1024)
#define IMPORT_LINES 20000
#define IMPORT_LINE_BYTES (128 * 1024) /* a filter with many words is one */
#define IMPORTS_AT_ONCE 3 /* of one identity */
#define IMPORTS_SHOWN 20

extern const char *const import_kinds[]; /* names, NULL-ended */

/*
 * Begins an import of the acting identity. E_INVALID: what is no such file, or too long. E_UNPROCESSABLE: there are
 * IMPORTS_AT_ONCE already.
 */
int import_start(struct ctx *c, str kind, bool overwrite, str text, int64_t *ret_id) must_check;
/*
 * Begins to bring along the posts of an archive in the form of Mastodon's, which the acting identity says are its own.
 * E_UNPROCESSABLE as above, for what is no archive, and for somebody whose posts wait for approval; E_OVER_QUOTA.
 */
int import_archive_start(struct ctx *c, str bytes, int64_t *ret_id) must_check;
#define IMPORT_ARCHIVE_BYTES (1024LL * 1024 * 1024) /* of an archive */
#define IMPORT_POSTS 50000 /* of one that are brought along */
/* The acting identity's latest, last first; one of them (E_NOT_FOUND for another's). */
int import_list(struct ctx *c, const struct import_row **ret, size_t *ret_n) must_check;
int import_get(struct ctx *c, int64_t id, const struct import_row **ret) must_check;
/* Nothing more of it is to be done. One that ended is no error. */
int import_cancel(struct ctx *c, int64_t id) must_check;
/* Lines that could not be done, as a file that can be brought again. E_NOT_FOUND. */
int import_write_failures(struct ctx *c, int64_t id, str *ret) must_check;

/*
 * The stator's part. Unpacks an archive, or takes away what is in no line: running or failed (and why) follows; ends an
 * import of which no line waits any more; does one line: done, failed (and why) or cancelled follows. Errors are such
 * that another try may help.
 */
int import_prepare(struct ctx *c, int64_t id, const char **ret_state) must_check;
int import_run(struct ctx *c, int64_t id, const char **ret_state) must_check;
int import_do_row(struct ctx *c, int64_t row_id, const char **ret_state) must_check;

#endif
