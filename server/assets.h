/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The files of templates/assets, embedded in the program at build time (build/gen/assets.c), in
 * the order of their names.
 */
#ifndef SERVER_ASSETS_H
#define SERVER_ASSETS_H

#include <stddef.h>

#include "base/str.h"

struct asset {
	const char *name; /* without folders */
	const char *type; /* media type */
	str content;
	const char *etag; /* quoted, changes with the content (RFC 9110, 8.8.3) */
};

extern const struct asset assets[];
extern const size_t n_assets;

#endif
