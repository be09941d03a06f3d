/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store: where the bytes of files are. A name is the SHA-256 of the bytes and an ending, so what
 * stands under a name never changes. One interface for a directory of this machine and for an
 * S3-compatible store of objects. Which names are in use, the database knows (model/media.h).
 */
#ifndef MEDIA_STORE_H
#define MEDIA_STORE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct store;
struct fetch;

struct store_options {
	const char *directory; /* of the files; of temporary ones when there is an S3 store */
	const char
		*s3; /* "https://host/bucket", without a slash at the end; empty: the directory */
	const char *s3_region;
	const char *s3_key, *s3_secret;
	const char *public_url; /* where everybody can read the S3 store; empty: only through us */
	struct fetch *fetch; /* a door of its own to the S3 store; taken over; NULL without one */
};

int store_new(const struct store_options *o, struct store **ret) must_check;
void store_free(struct store *s);

/* The name of these bytes; hashing is done on a thread. */
str store_name(struct ctx *c, str bytes, const char *ending);
/* Whether it could be the name of a file: 64 hexadecimal digits, '.', an ending. */
bool store_is_name(str name);

/* Durable when it returns. E_LATER when the store is away or full. Parks the fiber, as all of these. */
int store_put(struct ctx *c, struct store *s, str name, str media_type, str bytes) must_check;
/* Open for reading; the caller closes it. E_NOT_FOUND, E_LATER. */
int store_open(struct ctx *c, struct store *s, str name, int *ret_fd) must_check;
/* From an S3 store into an open file of the caller's. E_NOT_FOUND, E_LATER. */
int store_read(struct ctx *c, struct store *s, str name, int fd) must_check;
/* How many bytes are stored there under that name. E_NOT_FOUND, E_LATER. */
int store_size(struct ctx *c, struct store *s, str name, int64_t *ret) must_check;
/* One that is not there counts as removed. */
int store_remove(struct ctx *c, struct store *s, str name) must_check;
/* Whether the bytes of an open file have the digest that is this name; on a thread. */
bool store_fits(int fd, str name);
/* Where others can read it directly; empty: only here. */
str store_location(struct ctx *c, const struct store *s, str name);
/* Writes, reads and removes something, for the doctor. */
int store_check(struct ctx *c, struct store *s) must_check;
/* A new file without a name on the same disk, for reading and writing. */
int store_scratch(const struct store *s, int *ret_fd) must_check;
/* Another descriptor of it, for reading only, at its start. */
int store_read_only(int fd, int *ret_fd) must_check;

/* The bytes of a file, until view_done. Not for files that others may change. */
struct store_view {
	str bytes;
};
int store_view(int fd, struct store_view *ret) must_check;
void store_view_done(struct store_view *v);

#endif
