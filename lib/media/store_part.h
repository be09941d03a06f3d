/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The kinds of stores behind store.h. Nothing outside of store*.c includes this. */
#ifndef MEDIA_STORE_PART_H
#define MEDIA_STORE_PART_H

#include "media/store.h"

struct store_kind {
	int (*put)(struct ctx *c, struct store *s, str name, str media_type, str bytes);
	int (*open)(struct ctx *c, struct store *s, str name, int *ret_fd);
	int (*read)(struct ctx *c, struct store *s, str name, int fd); /* NULL: open does it */
	int (*size)(struct ctx *c, struct store *s, str name, int64_t *ret);
	int (*remove)(struct ctx *c, struct store *s, str name);
};

struct store {
	const struct store_kind *kind;
	struct store_options options;
};

extern const struct store_kind store_directory, store_s3;

#endif
