/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What writing and reading of a tenant's archive share. Nothing else includes this. */
#ifndef MODEL_TENANT_ARCHIVE_PART_H
#define MODEL_TENANT_ARCHIVE_PART_H

#include "base/tar.h"
#include "json/json.h"
#include "json/write.h"
#include "model/tenant_archive.h"
#include "sql/gen/tenant_archive.h"

#define ARCHIVE_MANIFEST "manifest.json"
#define ARCHIVE_ENTRIES "rows/" /* before the names of entries with rows */
#define ARCHIVE_MEDIA "media/" /* before the names of files */
#define ARCHIVE_END "end.json"
#define ARCHIVE_KIND "tenant of Rookery"
#define ARCHIVE_ENTRY_LIMIT (8 * 1024 * 1024) /* bytes of an entry with rows, and of the manifest */
#define ARCHIVE_ROWS 1000 /* in one entry, at most */

/* A kind of rows, and the columns that need more than the database's eyes. */
struct archive_kind {
	str name;
	const struct json *judged; /* column to how */
};
struct archive_kinds {
	const struct archive_kind *p;
	size_t n;
	str seal_code, seal_hook; /* keys of this installation */
};
int archive_kinds_load(struct ctx *c, struct archive_kinds *ret) must_check;

/* The name of the n-th entry of a kind, from 1. */
str archive_entry_name(struct arena *a, str kind, int64_t n);
/* The name of what is said of that entry, which stands before it. */
str archive_notice_name(str entry);

/* What is said of an entry. */
struct archive_notice {
	str name, kind;
	int64_t rows, size;
	str sha256;
};

/* A row on its way out: secrets that are sealed for this installation are opened. */
int archive_open_row(struct ctx *c, const struct archive_kinds *all, const struct archive_kind *k,
		     str line, str *ret) must_check;
/*
 * A row on its way in: what has to be different of it, as an object to lay over it. Markup is sanitised, addresses are
 * of the web or empty, secrets are sealed. E_INVALID for what is no row, or a key that is none.
 */
int archive_judge_row(struct ctx *c, const struct archive_kinds *all, const struct archive_kind *k,
		      str line, str *ret_patch) must_check;

#endif
