/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tenant_archive: a tenant as one file, which another installation takes in: docs/tenant-archive.md. What
 * goes into it, archive_tables of sql/schema/0054 says; the database shows the writer nothing else.
 * For the operator's command line; who reads an archive trusts nothing in it.
 */
#ifndef MODEL_TENANT_ARCHIVE_H
#define MODEL_TENANT_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct domain_row;
struct json_out;

#define ARCHIVE_FORMAT 2
#define ARCHIVE_FORMAT_OLDEST 1 /* that is read; its manifest has what is said of all entries */

struct archive_job {
	int fd; /* written to or read from; never sought in */
	bool without_media;
	bool only_look; /* reading: nothing is stored */
	void (*say)(void *arg, str what, int64_t rows); /* about progress */
	void *arg;
};

/*
 * Writes the archive of a tenant, all of it as it was at one moment, and what it has into the answer. Secrets are
 * in it: who calls sees to who may read it, and the audit log says that it was written. *ret_missing: files that are
 * not in it, for the store has them not. Not inside a transaction.
 */
int tenant_export(struct ctx *c, const struct domain_row *d, const struct archive_job *job,
		  struct json_out *answer, int64_t *ret_missing) must_check;

/*
 * Reads an archive for a tenant that is then pending, and is put in when it is activated. What came of an earlier
 * try is forgotten. E_INVALID for what is no archive or was damaged, E_UNPROCESSABLE for one that claims what is not
 * its tenant's, E_CONFLICT when its name is taken. Not inside a transaction.
 */
int tenant_import(struct ctx *c, const struct archive_job *job, struct json_out *answer,
		  int64_t *ret_id) must_check;

/* Puts in what was imported for a verified tenant; nothing to do is fine. Not inside a transaction. */
int tenant_place(struct ctx *c, int64_t domain_id) must_check;

#endif
