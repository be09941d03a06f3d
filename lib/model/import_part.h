/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files of import.h share among themselves: the kinds of files, with what their lines are and do. */
#ifndef MODEL_IMPORT_PART_H
#define MODEL_IMPORT_PART_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "sql/gen/import.h"

#define IMPORT_COLUMNS 6 /* at most */

/* All lines of a file: n rows of IMPORT_COLUMNS cells. */
struct import_table {
	str (*rows)[IMPORT_COLUMNS];
	size_t n;
};

struct import_kind {
	const char *name;
	const char *columns
		[IMPORT_COLUMNS +
		 1]; /* as headings name them, NULL-ended; the first ones must not be empty */
	size_t n_needed; /* of these first ones */
	bool without_heading; /* Mastodon writes none */
	/* Does a line as the acting identity; doing it again changes nothing. */
	int (*apply)(struct ctx *c, const str *cells, bool overwrite);
	/* Takes away what the acting identity has and no line names. */
	int (*clear)(struct ctx *c, const struct import_table *t);
	/* Instead: makes the lines of what came as one file. */
	int (*prepare)(struct ctx *c, const struct import_job_row *job);
};
extern const struct import_kind import_kind_table[]; /* ended by a NULL name */
const struct import_kind *import_kind_of(str name); /* NULL: none */
size_t import_kind_columns(const struct import_kind *k);

/* Begins an import: a row, and what fn adds to it in the same transaction (may be NULL). */
struct import_start {
	const struct import_kind *kind;
	bool overwrite;
	str file; /* empty: none */
	int (*fn)(struct ctx *c, int64_t id, const void *arg);
	const void *arg;
	int64_t id; /* that it got */
};
int import_begin(struct ctx *c, struct import_start *s) must_check;

/* The cells of a stored line. */
void import_cells(struct ctx *c, str line, str cells[IMPORT_COLUMNS]);
/* A handle as the database compares it: "name@host" in lower case. */
str import_handle(struct ctx *c, str cell);
str import_host(struct ctx *c, str cell);

/* import_row.c */
int import_follow(struct ctx *c, const str *cells, bool overwrite) must_check;
int import_list_member(struct ctx *c, const str *cells, bool overwrite) must_check;
int import_block(struct ctx *c, const str *cells, bool overwrite) must_check;
int import_mute(struct ctx *c, const str *cells, bool overwrite) must_check;
int import_domain_block(struct ctx *c, const str *cells, bool overwrite) must_check;
int import_bookmark(struct ctx *c, const str *cells, bool overwrite) must_check;
int import_filter(struct ctx *c, const str *cells, bool overwrite) must_check;

/* import_post.c: a post by its id, its document, and the names of the files that it needs. */
int import_post(struct ctx *c, const str *cells, bool overwrite) must_check;
/* import_archive.c */
int import_unpack(struct ctx *c, const struct import_job_row *job) must_check;

/* import_clear.c */
int import_clear_follows(struct ctx *c, const struct import_table *t) must_check;
int import_clear_lists(struct ctx *c, const struct import_table *t) must_check;
int import_clear_blocks(struct ctx *c, const struct import_table *t) must_check;
int import_clear_mutes(struct ctx *c, const struct import_table *t) must_check;
int import_clear_domains(struct ctx *c, const struct import_table *t) must_check;
int import_clear_bookmarks(struct ctx *c, const struct import_table *t) must_check;
int import_clear_filters(struct ctx *c, const struct import_table *t) must_check;

#endif
