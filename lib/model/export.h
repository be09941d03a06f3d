/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * export: what an identity has gathered, as files in the form that Mastodon writes (CSV, RFC 4180), so that other servers
 * take them, and import.h does.
 */
#ifndef MODEL_EXPORT_H
#define MODEL_EXPORT_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/out.h"
#include "base/str.h"

struct export_kind {
	const char *name; /* "following" */
	const char *file; /* its name where it is kept: "following_accounts.csv" */
	int (*write)(struct ctx *c, struct out *o);
};
extern const struct export_kind export_kinds[]; /* ended by a NULL name */

/* A file of the acting identity. E_NOT_FOUND for a kind that is none. */
int export_write(struct ctx *c, str kind, const struct export_kind **ret_kind, str *ret) must_check;
/* How many lines the file of each kind has, in the order of export_kinds. */
int export_count(struct ctx *c, int64_t *ret) must_check;

#endif
